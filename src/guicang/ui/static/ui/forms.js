// Every face: asks before what cannot be undone, one click is one act, small windows and messages that can be put away.
// Every page works without it.
"use strict";
(() => {
  const dialog = document.querySelector("dialog.ask");
  let asked = null;
  let sure = null;
  document.addEventListener("submit", (event) => {
    const { target: form, submitter } = event;
    if (form.dataset.sent) return event.preventDefault();
    if (submitter?.dataset.lost && dialog?.showModal && submitter !== sure) {
      event.preventDefault();
      asked = submitter;
      dialog.querySelector("h2").textContent = asked.dataset.title;
      dialog.querySelector("p").textContent = asked.dataset.lost;
      dialog.querySelector(".danger").textContent = asked.dataset.does;
      dialog.returnValue = "";
      dialog.showModal();
      return;
    }
    sure = null;
    if (form.method === "post") form.dataset.sent = "1";
  });
  dialog?.addEventListener("close", () => {
    asked.focus();
    if (dialog.returnValue !== "yes") return;
    sure = asked;
    asked.form.requestSubmit(asked);
  });
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });

  // A small window closes by Escape, or by a click elsewhere.
  const shut = (but) => {
    for (const menu of document.querySelectorAll("details.drop[open]")) if (!menu.contains(but)) menu.open = false;
  };
  document.addEventListener("click", (event) => shut(event.target));
  document.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && event.target.closest("details.drop[open]");
    if (!menu) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });

  // Messages of success: said aloud once the page stands, put away by hand, or by themselves where nothing moves by it.
  const still = window.matchMedia("(min-width: 961px)").matches;
  const leave = (toast) => {
    if (toast.matches(":hover, :focus-within")) setTimeout(leave, 2000, toast);
    else toast.remove();
  };
  for (const toast of document.querySelectorAll(".toast")) {
    const text = toast.querySelector("span");
    const button = toast.querySelector("[data-dismiss]");
    setTimeout(() => (text.textContent = text.textContent), 200);
    button.hidden = false;
    button.addEventListener("click", () => {
      document.querySelector("main").focus({ preventScroll: true });
      toast.remove();
    });
    if (still && toast.closest(".side")) setTimeout(leave, Math.max(10_000, 150 * text.textContent.length), toast);
  }
})();
