/* The spans of a store's days: what each says, and which of them add up to a number. */

const strips = document.getElementById("strips");
const details = document.getElementById("span-details");
const sum = document.getElementById("sum");
const told = JSON.parse(document.getElementById("spans")?.textContent ?? "null");
const SECOND = 1e6, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE;
const RULES = {
  nearest_poll: "the nearest poll decides (rule 7)",
  no_evidence: "nobody looked in open time, so it is unknown (rule 8)",
  max_gap: "the nearest poll is too far away, so it is unknown (rule 8)",
  poller_outage: "the poller was silent, so it is unknown (rule 19)",
  exclusion: "it counts neither as uptime nor as downtime (rule 21)",
  outside_hours: "outside the open hours (rules 3 and 20)",
};
const names = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
let chosen = null;

const two = (number) => String(number).padStart(2, "0");

function ahead(at) {
  let offset = 0;
  for (const [start, step] of told.steps) if (start <= at) offset = step;
  return offset;
}

function clock(at) {
  const utc = document.documentElement.dataset.zone === "utc";
  const moment = new Date(Math.floor((at + (utc ? 0 : ahead(at))) / 1000));
  return `${names[moment.getUTCDay()]} ${moment.getUTCFullYear()}-${two(moment.getUTCMonth() + 1)}-${two(moment.getUTCDate())} ${two(moment.getUTCHours())}:${two(moment.getUTCMinutes())}:${two(moment.getUTCSeconds())}`;
}

function lasting(length) {
  const seconds = Math.floor(length / SECOND);
  const parts = [[Math.floor(seconds / 3600), "h"], [Math.floor(seconds / 60) % 60, "min"], [seconds % 60, "s"]];
  return parts.filter(([number]) => number).map(([number, unit]) => `${number} ${unit}`).join(" ") || "less than 1 s";
}

function described(piece) {
  const [start, end, state, rule, at, active, polls] = told.spans[piece.dataset.n];
  const zone = document.documentElement.dataset.zone === "utc" ? "UTC" : details.dataset.zone;
  const poll = at === null ? "" : polls > 1
    ? `, ${polls} polls from ${clock(at)} on, each ${active ? "online" : "offline"}`
    : `, of ${clock(at)}: ${active ? "online" : "offline"}`;
  return `${state[0].toUpperCase()}${state.slice(1)} for ${lasting(end - start)}: ${clock(start)} to ${clock(end)} (${zone}). Why: ${RULES[rule]}${poll}.`;
}

function choose(piece) {
  chosen?.classList.remove("chosen");
  chosen = piece;
  piece.classList.add("chosen");
  const slider = piece.closest(".slider"), pieces = [...slider.querySelectorAll(".piece")];
  const text = described(piece);
  slider.setAttribute("aria-valuenow", pieces.indexOf(piece) + 1);
  slider.setAttribute("aria-valuetext", text);
  details.textContent = text;
  details.classList.add("told");
}

function pieceAt(slider, at) {
  return [...slider.querySelectorAll(".piece")].find((one) => +one.dataset.a <= at && at < +one.dataset.b);
}

function pointed(event) {
  const slider = event.target.closest?.(".slider");
  if (!slider) return;
  const box = slider.querySelector("rect.day").getBoundingClientRect();
  const { start, end } = slider.dataset;
  const piece = pieceAt(slider, +start + ((event.clientX - box.left) / box.width) * (end - start));
  if (piece && piece !== chosen) choose(piece);
}

const STEPS = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, Home: -Infinity, End: Infinity };

function stepped(event) {
  const slider = event.target.closest(".slider"), step = STEPS[event.key];
  if (!slider || step === undefined) return;
  event.preventDefault();
  const pieces = [...slider.querySelectorAll(".piece")];
  if (!pieces.length) return;
  const here = chosen && slider.contains(chosen) ? pieces.indexOf(chosen) : step > 0 ? -1 : 1;
  choose(pieces[Math.max(0, Math.min(pieces.length - 1, here + step))]);
}

function marks(piece, { state, from, to }) {
  const own = [...piece.classList];
  const isOf = state === "open" ? !own.includes("closed") : own.includes(state);
  return isOf && +piece.dataset.a >= +from && +piece.dataset.b <= +to;
}

function mark(button) {
  const on = button.getAttribute("aria-pressed") !== "true";
  for (const one of document.querySelectorAll("button.mark")) one.setAttribute("aria-pressed", String(on && one === button));
  const spans = new Set();
  let length = 0;
  for (const piece of strips.querySelectorAll(".piece")) {
    const isMarked = on && marks(piece, button.dataset);
    piece.classList.toggle("marked", isMarked);
    if (isMarked) { spans.add(piece.dataset.n); length += piece.dataset.b - piece.dataset.a; }
  }
  strips.classList.toggle("marking", on);
  sum.hidden = !on;
  sum.dataset.sum = length;
  sum.textContent = on ? `${button.dataset.what}: ${spans.size} span${spans.size === 1 ? " is" : "s are"} marked below, together ${lasting(length)}.` : "";
}

if (strips && told) {
  strips.addEventListener("pointermove", pointed);
  strips.addEventListener("pointerdown", pointed);
  strips.addEventListener("keydown", stepped);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("button.mark");
    if (button) mark(button);
  });
  new MutationObserver(() => chosen && choose(chosen)).observe(document.documentElement, { attributeFilter: ["data-zone"] });
  for (const slider of strips.querySelectorAll("[data-at]")) {
    const piece = pieceAt(slider, +slider.dataset.at);
    if (piece) { choose(piece); slider.scrollIntoView({ block: "center" }); }
  }
}
