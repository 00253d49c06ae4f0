// What makes the desk quicker; every page works without it.
"use strict";
(() => {
  const typing = (target) => target.matches("input:not([type=checkbox]), select, textarea");

  // Tick all, copy a number, ask before what cannot be undone.
  document.addEventListener("change", (event) => {
    if (!event.target.matches("[data-all]")) return;
    for (const box of event.target.form.querySelectorAll("tbody input[type=checkbox]")) box.checked = event.target.checked;
  });
  document.addEventListener("click", (event) => {
    const copied = event.target.closest("[data-copy]");
    if (copied && navigator.clipboard) navigator.clipboard.writeText(copied.dataset.copy);
    if (event.target.closest("[data-print]")) window.print();
    const asked = event.target.closest("[data-confirm]");
    if (asked && !window.confirm(asked.dataset.confirm)) event.preventDefault();
  });
  // One click is one act.
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) return event.preventDefault();
    if (event.target.method === "post") event.target.dataset.sent = "1";
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
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

  // Keyboard: / search, j k move, x tick, enter open.
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
  });
})();
