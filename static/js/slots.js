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

// The time chosen stands beside the button that goes on with it.
const sayChosen = () => {
  const place = document.querySelector("[data-chosen]");
  const chosen = document.querySelector("[data-week] input[name=slot]:checked");
  if (!place) return;
  const day = chosen?.closest("fieldset")?.querySelector("legend")?.textContent ?? "";
  const times = [...(chosen?.nextElementSibling?.children ?? [])].map((part) => part.textContent.trim());
  place.textContent = chosen ? `${place.dataset.words} ${[day.trim(), ...times].join(", ")}` : "";
};
document.addEventListener("change", sayChosen);
window.addEventListener("pageshow", sayChosen);
