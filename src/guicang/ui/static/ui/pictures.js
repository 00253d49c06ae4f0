// A picture over the page, and the ones beside it; without this each opens by its link.
"use strict";
(() => {
  const dialog = document.querySelector("dialog.picture");
  if (!dialog || !dialog.showModal) return;
  const all = () => [...document.querySelectorAll(".pictures a[data-picture]")];
  let at = 0;

  const show = (place) => {
    const links = all();
    at = (place + links.length) % links.length;
    const shown = dialog.querySelector("img");
    shown.src = links[at].href;
    shown.alt = links[at].querySelector("img").alt;
    dialog.querySelector("[data-caption]").textContent = `${at + 1} / ${links.length} · ${shown.alt}`;
    for (const button of dialog.querySelectorAll("[data-step]")) button.hidden = links.length < 2;
  };

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-picture]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    const place = all().findIndex((each) => each.href === link.href);
    if (place < 0) return;
    event.preventDefault();
    show(place);
    dialog.showModal();
  });
  dialog.addEventListener("click", (event) => {
    const step = event.target.closest("[data-step]");
    if (step) show(at + Number(step.dataset.step));
    else if (event.target === dialog || event.target.closest("[data-close]")) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") show(at - 1);
    if (event.key === "ArrowRight") show(at + 1);
  });
  dialog.addEventListener("close", () => dialog.querySelector("img").removeAttribute("src"));
})();
