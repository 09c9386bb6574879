/* What mouse, finger and keyboard share: a text beside the cell that is pointed at. */

let shown = null;
const NEAR = 24;  // Pixels: a second tap that close to the first one opens.

function box() {
  let tip = document.getElementById("heat-map-tip");
  if (!tip) {
    tip = document.createElement("div");
    tip.id = "heat-map-tip";
    tip.className = "heat-tip";
    tip.hidden = true;
    // Screen readers get the same text from the live region or the strip itself.
    tip.ariaHidden = "true";
    document.body.append(tip);
  }
  return tip;
}

/** Show lines of text beside a point of an element, given as fractions of its width and height. */
export function showTip(element, across, along, lines) {
  const tip = box();
  tip.replaceChildren(...lines.map((line) => Object.assign(document.createElement("bdi"), { textContent: line })));
  tip.hidden = false;
  shown = { element, across, along };
  place();
}

/** Hide the text; false if there was none. */
export function hideTip() {
  const was = shown !== null;
  shown = null;
  box().hidden = true;
  return was;
}

function place() {
  if (!shown) return;
  if (!shown.element.isConnected) { hideTip(); return; }
  const tip = box(), at = shown.element.getBoundingClientRect();
  const x = at.left + at.width * shown.across, y = at.top + at.height * shown.along;
  const left = Math.max(4, Math.min(x + 14, document.documentElement.clientWidth - tip.offsetWidth - 4));
  const below = y + 14, above = y - tip.offsetHeight - 14;
  tip.style.left = `${left}px`;
  tip.style.top = `${below + tip.offsetHeight < innerHeight ? below : above}px`;
}

addEventListener("scroll", place, { capture: true, passive: true });
addEventListener("resize", place);

/** Call `move(across, along)` where an element is pointed at, and `open()` at a click or a second tap. */
export function pointing(element, { move, open }) {
  let tapped = null, kind = "mouse";
  const fractions = (event) => {
    const at = element.getBoundingClientRect();
    const part = (value) => Math.min(Math.max(value, 0), 0.999999);
    return [part((event.clientX - at.left) / at.width), part((event.clientY - at.top) / at.height)];
  };
  element.addEventListener("pointerdown", (event) => { kind = event.pointerType; });
  element.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse") move(...fractions(event)); });
  element.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse") hideTip(); });
  element.addEventListener("blur", () => { tapped = null; hideTip(); });
  element.addEventListener("click", (event) => {
    const again = tapped && Math.hypot(event.clientX - tapped.x, event.clientY - tapped.y) < NEAR;
    if (kind === "touch" && !again) {
      tapped = { x: event.clientX, y: event.clientY };
      move(...fractions(event));
      return;
    }
    if (kind !== "touch") move(...fractions(event));
    tapped = null;
    open();
  });
}
