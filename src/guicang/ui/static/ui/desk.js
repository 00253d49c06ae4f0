// What makes the desk quicker; every page works without it.
"use strict";
(() => {
  const typing = (target) => target.matches("input:not([type=checkbox]), select, textarea");

  // Tick all, copy a number, print.
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-all]")) return;
    for (const box of event.target.form.querySelectorAll("tbody input[type=checkbox]")) box.checked = event.target.checked;
  });
  document.addEventListener("click", (event) => {
    const copied = event.target.closest("[data-copy]");
    if (copied && navigator.clipboard) {
      navigator.clipboard.writeText(copied.dataset.copy);
      const was = copied.dataset.was ?? (copied.dataset.was = copied.textContent);
      if (copied.dataset.copied) copied.textContent = copied.dataset.copied;
      setTimeout(() => (copied.textContent = was), 1200);
    }
    if (event.target.closest("[data-print]")) window.print();
  });

  // What moves on is looked at again (without the script the whole page is): quietly, and not while somebody types in it.
  const again = async () => {
    const part = document.querySelector("[data-again]");
    if (!part) return;
    if (!document.hidden && !part.contains(document.activeElement)) {
      const answer = await fetch(location.href).catch(() => null);
      if (answer?.redirected) return location.replace(answer.url);
      const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
      if (fresh && !fresh.querySelector("[data-again]")) return location.reload();
      if (fresh) part.replaceWith(fresh.querySelector("[data-again]"));
    }
    setTimeout(again, 2000);
  };
  setTimeout(again, 2000);

  // A proposal is reckoned anew with every change of its form (without the script its button does it).
  document.addEventListener("change", async (event) => {
    const form = event.target.closest("form[data-live]");
    const part = form?.querySelector("[data-live-part]");
    if (!part) return;
    const answer = await fetch(form.dataset.live, { method: "POST", body: new FormData(form) }).catch(() => null);
    const fresh = answer?.ok && new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = fresh && fresh.querySelector("[data-live-part]");
    if (found) form.querySelector("[data-live-part]").replaceWith(found);
  });

  // Back to the list one came from, with its filters, at the row one opened.
  const list = document.querySelector("table[data-list]");
  const kept = (name, value) => {
    try {
      if (value === undefined) return sessionStorage.getItem(name);
      sessionStorage.setItem(name, value);
    } catch {
      // Storage is switched off: then the way back leads to the plain list.
    }
    return null;
  };
  const back = document.querySelector("a[data-back]");
  if (list) {
    const here = location.pathname + location.search;
    if (kept("list") === here) {
      const link = [...list.querySelectorAll("tbody a")].find((each) => each.getAttribute("href") === kept("row"));
      const row = link?.closest("tr");
      row?.classList.add("here");
      row?.scrollIntoView({ block: "center" });
    }
    list.addEventListener("click", (event) => {
      const link = event.target.closest("tbody a");
      if (!link) return;
      kept("list", here);
      kept("row", link.getAttribute("href"));
    });
  } else if (back && kept("list")?.startsWith(back.getAttribute("href"))) back.href = kept("list");

  // What keys there are.
  const keys = document.querySelector("dialog.keys");
  const button = document.querySelector("[data-keys]");
  if (keys?.showModal && button) {
    button.hidden = false;
    button.addEventListener("click", () => keys.showModal());
  }

  // Keyboard: / search, j k move, x tick, enter open, u back, ? help.
  const rows = () => [...document.querySelectorAll("main tbody tr:has(a)")];
  const move = (step) => {
    const all = rows();
    const at = all.findIndex((row) => row.classList.contains("here"));
    const next = all[Math.min(all.length - 1, Math.max(0, at + step))];
    if (!next) return;
    for (const row of all) row.classList.remove("here");
    next.classList.add("here");
    next.scrollIntoView({ block: "nearest" });
    next.querySelector("a").focus();
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    const here = document.querySelector("tr.here");
    if (event.key === "/") {
      const search = document.querySelector("[data-search]");
      if (search) {
        event.preventDefault();
        search.focus();
        search.select();
      }
    } else if (event.key === "j") move(1);
    else if (event.key === "k") move(-1);
    else if (event.key === "x" && here) here.querySelector("input[type=checkbox]")?.click();
    else if (event.key === "u" && back) back.click();
    else if (event.key === "?" && keys?.showModal && !keys.open) keys.showModal();
  });
})();
