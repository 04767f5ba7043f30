// What the pages do beyond plain HTML. Everything works without it.
"use strict";

const summary = document.getElementById("summary");
if (summary) summary.focus();

// whoever leaves a form that was changed is asked first
for (const form of document.querySelectorAll("form[data-guard]")) {
  let changed = false;
  form.addEventListener("input", () => { changed = true; });
  form.addEventListener("submit", () => { changed = false; });
  window.addEventListener("beforeunload", (event) => { if (changed) event.preventDefault(); });
}

// a form is sent once, however often its button is pressed
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent) event.preventDefault();
  form.dataset.sent = "yes";
});
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) delete form.dataset.sent;
});

// menus close when somebody looks elsewhere
document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.person[open]")) if (!menu.contains(event.target)) menu.open = false;
});
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of document.querySelectorAll("details.person[open]")) { menu.open = false; menu.querySelector("summary").focus(); }
});

// a file that is too large is told before it is sent
document.addEventListener("change", (event) => {
  const form = event.target.closest("form[data-most]");
  if (!form || event.target.type !== "file") return;
  const large = Array.from(event.target.files).some((file) => file.size > Number(form.dataset.most));
  event.target.setCustomValidity(large ? form.dataset.tooLarge : "");
  event.target.reportValidity();
});

// a picture that moves sideways can be moved by the keyboard, in browsers too that do not see to it themselves
const reachable = () => {
  for (const figure of document.querySelectorAll("figure")) {
    const chart = figure.querySelector(":scope > .chart");
    if (!chart) continue;
    if (figure.scrollWidth > figure.clientWidth) {
      figure.tabIndex = 0;
      figure.setAttribute("aria-label", chart.getAttribute("aria-label"));
    } else for (const each of ["tabindex", "aria-label"]) figure.removeAttribute(each);
  }
};
reachable();
window.addEventListener("resize", reachable);
document.addEventListener("toggle", reachable, true);
document.addEventListener("htmx:afterSettle", reachable);
