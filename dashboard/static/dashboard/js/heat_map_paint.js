/* Paints the cells of stores' hours, with the colours of the style sheet. A cell is a byte:
   0 closed, 1 excluded, 2 nothing seen, 3 online, 4 to 255 the share of its open time that was down. */

const HOUR = 3_600_000;
const EXCLUDED = 1, UNKNOWN = 2, UP = 3, ALL_DOWN = 255;
const OPAQUE = 0xffffffff;
let palette = null;

/** The colours are read again before the next painting. */
export function forgetColours() {
  palette = null;
}

function colours() {
  if (palette) return palette;
  const style = getComputedStyle(document.documentElement);
  const pen = document.createElement("canvas").getContext("2d");
  const read = (name) => {
    pen.fillStyle = style.getPropertyValue(name).trim();
    return [1, 3, 5].map((at) => parseInt(pen.fillStyle.slice(at, at + 2), 16));
  };
  const mixed = (from, to, part) => from.map((value, at) => Math.round(value + (to[at] - value) * part));
  const down = read("--down");
  // Lightness falls (in the dark: rises) from closed over online to all down, so it reads in grey.
  const least = mixed(read("--down-soft"), down, 0.35);
  const bytes = new Uint8ClampedArray(256 * 4);
  const put = (value, colour) => bytes.set([...colour, 255], value * 4);
  put(0, read("--raised"));
  put(UP, mixed(read("--up-soft"), read("--up"), 0.15));
  for (let value = UP + 1; value <= ALL_DOWN; value++) put(value, mixed(least, down, (value - UP - 1) / (ALL_DOWN - UP - 1)));
  palette = { bytes: new Uint32Array(bytes.buffer), unknown: hatching(style), excluded: lines(style), ink: style.getPropertyValue("--faint"), line: style.getPropertyValue("--line") };
  return palette;
}

function hatching(style) {
  const thick = Math.max(1, Math.round(devicePixelRatio)), size = 4 * thick;
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  pen.fillStyle = style.getPropertyValue("--unknown-soft");
  pen.fillRect(0, 0, size, size);
  pen.fillStyle = style.getPropertyValue("--unknown");
  // Steps of a diagonal: in a line one pixel high they are dots.
  for (let step = 0; step < 4; step++) pen.fillRect(step * thick, (3 - step) * thick, thick, thick);
  return tile;
}

function lines(style) {
  const thick = Math.max(1, Math.round(devicePixelRatio)), size = 3 * thick;
  const tile = document.createElement("canvas");
  tile.width = tile.height = size;
  const pen = tile.getContext("2d");
  pen.fillStyle = style.getPropertyValue("--excluded-soft");
  pen.fillRect(0, 0, size, size);
  pen.fillStyle = style.getPropertyValue("--excluded");
  pen.fillRect(0, 0, thick, size);  // Upright: in a line one pixel high they are dots.
  return tile;
}

function sized(canvas, height) {
  const ratio = devicePixelRatio;
  if (height) canvas.style.height = `${height}px`;
  const box = canvas.getBoundingClientRect();
  canvas.width = Math.max(1, Math.round(box.width * ratio));
  canvas.height = Math.max(1, Math.round(box.height * ratio));
  return canvas.getContext("2d");
}

/** Paint `cells`, row by row, over the whole canvas; `height` in CSS pixels, the style sheet's if left out. */
export function paintCells(canvas, cells, columns, height = 0) {
  const { bytes, unknown, excluded } = colours();
  const rows = cells.length / columns;
  const known = pictured(columns, rows, (at) => bytes[cells[at]]);  // Unknown and excluded stay transparent.
  const pen = sized(canvas, height);
  pen.imageSmoothingEnabled = false;
  // What is drawn later shows only where nothing is yet.
  pen.drawImage(known, 0, 0, canvas.width, canvas.height);
  pen.globalCompositeOperation = "destination-over";
  if (cells.includes(EXCLUDED)) pen.drawImage(only(EXCLUDED, excluded), 0, 0);
  pen.fillStyle = pen.createPattern(unknown, "repeat");
  pen.fillRect(0, 0, canvas.width, canvas.height);

  /** A picture as large as the canvas with the pattern in the cells of a value. */
  function only(value, pattern) {
    const layer = document.createElement("canvas");
    layer.width = canvas.width;
    layer.height = canvas.height;
    const brush = layer.getContext("2d");
    brush.imageSmoothingEnabled = false;
    brush.drawImage(pictured(columns, rows, (at) => (cells[at] === value ? OPAQUE : 0)), 0, 0, layer.width, layer.height);
    brush.globalCompositeOperation = "source-in";
    brush.fillStyle = brush.createPattern(pattern, "repeat");
    brush.fillRect(0, 0, layer.width, layer.height);
    return layer;
  }
}

/** A canvas of one pixel for each cell. */
function pictured(columns, rows, colour) {
  const small = document.createElement("canvas");
  small.width = columns;
  small.height = rows;
  const image = new ImageData(columns, rows);
  const pixels = new Uint32Array(image.data.buffer);
  for (let at = 0; at < pixels.length; at++) pixels[at] = colour(at);
  small.getContext("2d").putImageData(image, 0, 0);
  return small;
}

const dayParts = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", weekday: "short", day: "numeric", month: "short" });

/** The names of the day of an instant, longest first. */
function dayNames(instant) {
  const { weekday, day, month } = Object.fromEntries(dayParts.formatToParts(instant).map(({ type, value }) => [type, value]));
  return [`${weekday} ${day} ${month}`, `${weekday} ${day}`, day];
}

/** Write the days of UTC above the columns of a week, in the longest form that fits a whole day. */
export function paintAxis(canvas, week) {
  const pen = sized(canvas), ratio = devicePixelRatio, { ink, line } = colours();
  pen.scale(ratio, ratio);
  pen.font = `12px ${getComputedStyle(canvas).fontFamily}`;
  const high = canvas.height / ratio, columns = columnsOf(week), hour = canvas.width / ratio / columns;
  const edges = [0];
  for (let column = 1; column < columns; column++) if (hourOf(week, column).from % (24 * HOUR) === 0) edges.push(column);
  const days = edges.map((column, place) => ({
    left: column * hour,
    room: ((edges[place + 1] ?? columns) - column) * hour - 6,
    names: dayNames(hourOf(week, column).from),
  }));
  const form = [0, 1].find((form) => days.every(({ names }) => pen.measureText(names[form]).width <= 24 * hour - 6)) ?? 2;
  for (const { left, room, names } of days) {
    pen.fillStyle = line;
    if (left) pen.fillRect(Math.round(left), 0, 1, high);
    pen.fillStyle = ink;
    if (pen.measureText(names[form]).width <= room) pen.fillText(names[form], left + 4, high - 5);
  }
}

/** How many hours of UTC a week `{start, end}` (milliseconds) touches. */
export function columnsOf({ start, end }) {
  return Math.ceil(end / HOUR) - Math.floor(start / HOUR);
}

/** The instants between which a column lies; the first and the last are cut at the week's ends. */
export function hourOf({ start, end }, column) {
  const from = (Math.floor(start / HOUR) + column) * HOUR;
  return { from: Math.max(from, start), to: Math.min(from + HOUR, end) };
}

const clock = new Intl.DateTimeFormat("en-GB", { timeZone: "UTC", hour: "2-digit", minute: "2-digit" });

/** Such as "Tue 24 Jan, 15:00 to 16:00 UTC". */
export function whenInWords(week, column) {
  const { from, to } = hourOf(week, column);
  return `${dayParts.format(from).replace(",", "")}, ${clock.format(from)} to ${clock.format(to)} UTC`;
}

/** What a cell says of one store, or of the worst of several. */
export function whatInWords(value, stores = 1) {
  const one = stores === 1;
  if (value === 0) return one ? "closed" : "all closed";
  if (value === EXCLUDED) return one ? "excluded" : "all that were open were excluded";
  if (value === UNKNOWN) return one ? "nothing seen" : "nothing seen of at least one";
  if (value === UP) return one ? "online" : "all that were open were online";
  const share = Math.floor((value - UP - 1) / (ALL_DOWN - UP) * 100);
  const part = value === ALL_DOWN ? "all or nearly all" : share < 1 ? "a moment" : `about ${share} %`;
  return `${one ? "" : "the worst was "}offline ${part} of its open time`;
}
