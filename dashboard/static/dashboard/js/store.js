/* The days of a store: one tab stop each, arrow keys inside; numbers mark the spans they add up. */

const panel = document.getElementById("span");
const days = document.querySelector(".days");

function choose(band) {
  days.querySelector(".chosen")?.classList.remove("chosen");
  band.classList.add("chosen");
  panel.textContent = band.getAttribute("aria-label");
  for (const other of band.parentNode.querySelectorAll('.band[tabindex="0"]')) other.tabIndex = -1;
  band.tabIndex = 0;
}

function step(band, key) {
  const bands = [...band.parentNode.querySelectorAll(".band")];
  const place = bands.indexOf(band);
  const target = { ArrowRight: place + 1, ArrowLeft: place - 1, Home: 0, End: bands.length - 1 }[key];
  if (target !== undefined) return bands[Math.min(Math.max(target, 0), bands.length - 1)];
  const strips = [...days.querySelectorAll("svg.day")];
  const next = strips[strips.indexOf(band.parentNode) + { ArrowDown: 1, ArrowUp: -1 }[key]];
  const x = Number(band.getAttribute("x"));
  return next && [...next.querySelectorAll(".band")].findLast((one) => Number(one.getAttribute("x")) <= x);
}

function mark(button) {
  const pressed = button.getAttribute("aria-pressed") === "true";
  for (const other of document.querySelectorAll(".mark")) other.setAttribute("aria-pressed", "false");
  for (const band of days.querySelectorAll(".part")) band.classList.remove("part");
  days.classList.toggle("marking", !pressed);
  if (pressed) {
    panel.textContent = panel.dataset.empty;
    return;
  }
  button.setAttribute("aria-pressed", "true");
  const { mark: state, from, to, sum } = button.dataset;
  const parts = [...days.querySelectorAll(`.band[data-state="${state}"]`)]
    .filter((band) => Number(band.dataset.from) >= Number(from) && Number(band.dataset.to) <= Number(to));
  for (const band of parts) band.classList.add("part");
  const total = parts.reduce((length, band) => length + Number(band.dataset.to) - Number(band.dataset.from), 0);
  const hours = (total / 3.6e9).toFixed(4);
  panel.textContent = total === Number(sum)
    ? `${parts.length} marked spans of ${state} time add up to ${hours} h: exactly this number.`
    : `${parts.length} marked spans of ${state} time add up to ${hours} h; the rest of this number is outside the days shown.`;
}

if (days) {
  days.addEventListener("pointerover", (event) => event.target.matches(".band") && choose(event.target));
  days.addEventListener("click", (event) => event.target.matches(".band") && event.target.focus());
  days.addEventListener("focusin", (event) => event.target.matches(".band") && choose(event.target));
  days.addEventListener("keydown", (event) => {
    if (!event.target.matches(".band") || !/^(Arrow|Home|End)/.test(event.key)) return;
    event.preventDefault();
    step(event.target, event.key)?.focus();
  });
  for (const button of document.querySelectorAll(".mark")) button.addEventListener("click", () => mark(button));
}
