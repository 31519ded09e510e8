// Small helps. Every page works without them.

// The reader's time zone, so that times can be shown on their own clock. A first-party cookie, needed for that alone;
// a zone that the reader chose on the time zone page stays. A phone takes long to tell its zone, so it is asked when
// the reader first touches the page, before the next one is asked for.
const noteZone = () => {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const cookies = document.cookie.split("; ");
  if (!zone || cookies.includes("tz_chosen=1") || cookies.includes(`tz=${zone}`)) return;
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `tz=${zone}; Path=/; Max-Age=31536000; SameSite=Lax${secure}`;
};
for (const touch of ["pointerdown", "keydown", "click", "pagehide"]) {
  window.addEventListener(touch, noteZone, { once: true, capture: true, passive: true });
}

// A form is sent once, however often its button is pressed.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || event.defaultPrevented) return;
  if (form.dataset.sent === "1") {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  for (const button of form.querySelectorAll("button[type=submit]")) button.setAttribute("aria-disabled", "true");
});
// Back from the next page: the form may be sent again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("button[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
});

// After a refused form, start reading at what went wrong.
document.getElementById("error-summary")?.focus();

// An open menu closes with Escape and with a click elsewhere.
const menus = () => document.querySelectorAll(".header__menu[open], .account-menu[open]");
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  for (const menu of menus()) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});
document.addEventListener("click", (event) => {
  for (const menu of menus()) if (!menu.contains(event.target)) menu.open = false;
});

// A dialog opens over the page; without this script its link leads to it in the page.
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-dialog]");
  const closer = event.target.closest("[data-close-dialog]");
  const dialog = opener ? document.getElementById(opener.dataset.dialog) : closer?.closest("dialog[open]");
  if (!dialog) return;
  event.preventDefault();
  if (opener) dialog.showModal();
  else dialog.close();
});

// One page is kept for the moments without a connection. Only over TLS: a machine for development keeps nothing.
if (location.protocol === "https:" && "serviceWorker" in navigator) {
  window.addEventListener("load", () => navigator.serviceWorker.register("/service-worker.js"));
}

// Waiting for a part of the page is said, not only seen.
document.addEventListener("htmx:beforeRequest", (event) => event.target.setAttribute("aria-busy", "true"));
document.addEventListener("htmx:afterRequest", (event) => event.target.removeAttribute("aria-busy"));

// A part that could not be loaded says so.
const sayFailure = (event) => {
  const words = document.getElementById("could-not-load");
  if (words && !event.target.previousElementSibling?.matches(".could-not-load")) {
    const box = document.createElement("div");
    box.className = "could-not-load";
    box.append(words.content.cloneNode(true));
    event.target.before(box);
  }
};
document.addEventListener("htmx:responseError", sayFailure);
document.addEventListener("htmx:sendError", sayFailure);
