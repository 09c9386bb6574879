/* The rows with names: a strip for each store, together one tab stop. */

import { columnsOf, hourOf, paintAxis, paintCells, whatInWords, whenInWords } from "./heat_map_paint.js";
import { hideTip, pointing, showTip } from "./heat_map_pointing.js";

const DAY = 24;
const dressed = new WeakMap();
let hour = null;  // Stays where it is from page to page.

/** Load a page of rows and put the focus into it: on the chosen strip or on that of `place`, at `column`. */
export async function openRows(url, column, place = 0) {
  if (column !== null) hour = column;
  await window.htmx.ajax("GET", url, { target: "#heat-map-rows", swap: "innerHTML" });
  const rows = dress();
  if (!rows) return;
  const chosen = rows.strips.findIndex((strip) => "chosen" in strip.dataset);
  rows.focus(chosen < 0 ? Math.min(place, rows.strips.length - 1) : chosen);
}

/** Load the open page again, as a newer snapshot has it. */
export function refreshRows(url) {
  const table = document.getElementById("heat-rows");
  if (!table) return;
  const focused = dressed.get(table)?.strips.indexOf(document.activeElement) ?? -1;
  const page = `${url}?first=${table.dataset.first}`;
  if (focused < 0) window.htmx.ajax("GET", page, { target: "#heat-map-rows", swap: "innerHTML" });
  else openRows(page, null, focused);
}

/** Turn the table's cells into strips, if that has not been done; null if there is no table. */
export function dress() {
  const table = document.getElementById("heat-rows");
  if (!table) return null;
  if (!dressed.has(table)) dressed.set(table, new Rows(table));
  return dressed.get(table);
}

class Rows {
  constructor(table) {
    this.table = table;
    this.week = { start: Number(table.dataset.start), end: Number(table.dataset.end) };
    this.columns = columnsOf(this.week);
    hour = Math.min(hour ?? this.columns - 1, this.columns - 1);
    this.strips = [...table.querySelectorAll("canvas[data-cells]")];
    this.cells = this.strips.map((strip) => Uint8Array.from(atob(strip.dataset.cells), (sign) => sign.charCodeAt(0)));
    this.links = this.strips.map((strip) => strip.closest("tr").querySelector("a"));
    this.cursor = document.createElement("div");
    this.cursor.className = "heat-cursor";
    this.strips.forEach((strip, row) => this.#prepare(strip, row));
    new ResizeObserver(() => this.paint()).observe(table);
  }

  paint() {
    paintAxis(this.table.querySelector("canvas.axis"), this.week);
    this.strips.forEach((strip, row) => paintCells(strip, this.cells[row], this.columns));
  }

  focus(row) {
    this.#choose(row, hour);
    this.strips[row].focus({ preventScroll: true });
    this.strips[row].closest("tr").scrollIntoView({ block: "nearest" });
    this.#show(row);
  }

  #prepare(strip, row) {
    strip.role = "slider";
    strip.tabIndex = row === 0 ? 0 : -1;
    strip.ariaLabel = `${this.links[row].textContent.trim()}, its week hour by hour`;
    strip.ariaValueMin = "0";
    strip.ariaValueMax = String(this.columns - 1);
    this.#tell(row);
    strip.addEventListener("focus", () => { if (strip.matches(":focus-visible")) this.#show(row); });
    strip.addEventListener("keydown", (event) => this.#press(event, row));
    pointing(strip, {
      move: (across) => { this.#choose(row, Math.floor(across * this.columns)); this.#show(row); },
      open: () => this.#open(row),
    });
  }

  #choose(row, column) {
    hour = column;
    this.strips.forEach((strip, place) => { strip.tabIndex = place === row ? 0 : -1; });
    this.#tell(row);
  }

  #tell(row) {
    this.strips[row].ariaValueNow = String(hour);
    this.strips[row].ariaValueText = `${whenInWords(this.week, hour)}: ${whatInWords(this.cells[row][hour])}`;
  }

  #show(row) {
    const lines = [this.links[row].textContent.trim(), whenInWords(this.week, hour), whatInWords(this.cells[row][hour])];
    this.strips[row].after(this.cursor);
    this.cursor.style.left = `${(hour + 0.5) / this.columns * 100}%`;
    this.cursor.style.width = `${Math.max(7, this.strips[row].clientWidth / this.columns + 4)}px`;
    showTip(this.strips[row], (hour + 0.5) / this.columns, 0.5, lines);
  }

  #open(row) {
    const at = new Date(hourOf(this.week, hour).from).toISOString().replace(/\.\d+Z$/, "Z");
    location.assign(`${this.links[row].pathname}?at=${at}#timeline`);
  }

  #press(event, row) {
    const step = event.ctrlKey ? DAY : 1, last = this.columns - 1;
    const across = { ArrowLeft: hour - step, ArrowRight: hour + step, Home: 0, End: last }[event.key];
    const down = { ArrowUp: row - 1, ArrowDown: row + 1 }[event.key];
    const page = { PageUp: "heat-rows-previous", PageDown: "heat-rows-next" }[event.key];
    if (across !== undefined) { this.#choose(row, Math.max(0, Math.min(across, last))); this.#show(row); }
    else if (down !== undefined) this.focus(Math.max(0, Math.min(down, this.strips.length - 1)));
    else if (page) { const link = document.getElementById(page); if (link) openRows(link.getAttribute("href"), hour, row); }
    else if (event.key === "Enter") this.#open(row);
    else if (event.key === "Escape") { if (!hideTip()) document.querySelector("#heat-map .field")?.focus(); }
    else return;
    event.preventDefault();
  }
}
