// Weeks of free times change in place. Without this file every link loads the whole page.

const week = () => document.getElementById("week");

// After a change of week the reader is told which one it is, and stands at its heading.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target?.id !== "week") return;
  week()?.querySelector("#week_heading")?.focus({ preventScroll: true });
});

// An error is not "no free times": say so, and keep what is shown.
for (const name of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(name, () => {
    const sentence = week()?.querySelector("[data-week-error]");
    if (!sentence) return;
    sentence.hidden = false;
    sentence.setAttribute("role", "alert");
  });
}
