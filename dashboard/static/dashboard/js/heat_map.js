/* The fleet heat map: all stores as one picture, of which a place opens the rows around it. */

import { forgetColours, paintAxis, paintCells, whatInWords, whenInWords } from "./heat_map_paint.js";
import { hideTip, pointing, showTip } from "./heat_map_pointing.js";
import { dress, openRows, refreshRows } from "./heat_map_rows.js";

const DAY = 24, PAGE = 20, TALLEST = 16;
const maps = new WeakMap();
const figure = new Intl.NumberFormat("en-GB");

function made(tag, values) {
  return Object.assign(document.createElement(tag), values);
}

class Overview {
  row = 0;
  hour = null;

  constructor(element) {
    this.element = element;
    this.axis = made("canvas", { className: "axis", ariaHidden: "true" });
    this.canvas = made("canvas", { className: "cells", ariaHidden: "true" });
    this.cursor = made("div", { className: "heat-cursor", hidden: true });
    this.field = made("div", { className: "field", tabIndex: 0, role: "application", ariaLabel: "Heat map of all stores, worst first, and the hours of the week" });
    this.field.setAttribute("aria-roledescription", "heat map");
    this.field.setAttribute("aria-describedby", "heat-map-help");
    this.field.append(this.canvas, this.cursor);
    this.live = made("p", { id: "heat-map-live", className: "visually-hidden", ariaLive: "polite" });
    this.note = made("p", { className: "faint", textContent: "The picture is being loaded." });
    element.replaceChildren(this.axis, this.field, this.live, this.note);
    this.field.addEventListener("keydown", (event) => this.#press(event));
    this.field.addEventListener("focus", () => { if (this.head && this.field.matches(":focus-visible")) this.#move(this.row, this.hour, true); });
    this.field.addEventListener("blur", () => { this.cursor.hidden = true; });
    this.field.addEventListener("pointerleave", () => { this.cursor.hidden = true; });
    pointing(this.field, {
      move: (across, along) => { if (this.head) this.#move(Math.floor(along * this.head.rows), Math.floor(across * this.head.columns), false); },
      open: () => this.#open(),
    });
    new ResizeObserver(() => this.paint()).observe(element);
  }

  async load() {
    this.source = this.element.dataset.source;
    let bytes;
    try {
      const response = await fetch(this.source);
      if (!response.ok || response.redirected) throw new Error(`status ${response.status}`);
      bytes = await response.arrayBuffer();
    } catch {
      this.note.textContent = "The picture could not be loaded. Reload the page to try again.";
      return;
    }
    const length = new DataView(bytes).getUint32(0, true);
    this.head = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
    this.cells = new Uint8Array(bytes, 4 + length);
    this.row = Math.min(this.row, this.head.rows - 1);
    this.hour = Math.min(this.hour ?? Infinity, this.head.columns - 1);
    const { each, stores } = this.head;
    this.note.textContent = each === 1
      ? `${figure.format(stores)} stores, most downtime at the top; stores that were never open at the bottom.`
      : `${figure.format(stores)} stores, most downtime at the top, those that were never open at the bottom. Each line is the worst of ${each}.`;
    this.paint();
  }

  paint() {
    if (!this.head?.rows) return;
    const started = performance.now();
    const { rows, columns } = this.head;
    const height = rows * Math.max(1, Math.min(TALLEST, Math.floor(innerHeight * 0.7 / rows)));
    paintAxis(this.axis, this.head);
    paintCells(this.canvas, this.cells, columns, height);
    this.element.dataset.drawnMs = (performance.now() - started).toFixed(1);
  }

  #stores() {
    const { each, stores, names } = this.head;
    if (names) return names[this.row];
    const first = this.row * each + 1, last = Math.min(first + each - 1, stores);
    return `Stores ${figure.format(first)} to ${figure.format(last)}, worst of ${last - first + 1}`;
  }

  #move(row, hour, aloud) {
    const { rows, columns, each } = this.head;
    this.row = Math.max(0, Math.min(row, rows - 1));
    this.hour = Math.max(0, Math.min(hour, columns - 1));
    const lines = [this.#stores(), whenInWords(this.head, this.hour), whatInWords(this.cells[this.row * columns + this.hour], each)];
    const across = (this.hour + 0.5) / columns, along = (this.row + 0.5) / rows;
    this.cursor.hidden = false;
    this.cursor.style.left = `${across * 100}%`;
    this.cursor.style.top = `${along * 100}%`;
    this.cursor.style.width = `${Math.max(9, this.canvas.clientWidth / columns + 4)}px`;
    this.cursor.style.height = `${Math.max(9, this.canvas.clientHeight / rows + 4)}px`;
    if (aloud) {
      this.live.textContent = lines.join(", ");
      this.cursor.scrollIntoView({ block: "nearest" });
    }
    showTip(this.field, across, along, lines);
  }

  #open() {
    if (!this.head) return;
    openRows(`${this.element.dataset.rows}?row=${this.row}&hour=${this.hour}`, this.hour);
  }

  #press(event) {
    if (!this.head) return;
    const { rows, columns } = this.head, step = event.ctrlKey ? DAY : 1;
    const to = {
      ArrowLeft: [this.row, this.hour - step], ArrowRight: [this.row, this.hour + step],
      ArrowUp: [this.row - 1, this.hour], ArrowDown: [this.row + 1, this.hour],
      PageUp: [this.row - PAGE, this.hour], PageDown: [this.row + PAGE, this.hour],
      Home: [event.ctrlKey ? 0 : this.row, 0], End: [event.ctrlKey ? rows - 1 : this.row, columns - 1],
    }[event.key];
    if (to) this.#move(...to, true);
    else if (event.key === "Enter") this.#open();
    else if (event.key === "Escape") hideTip();
    else return;
    event.preventDefault();
  }
}

function paintMarks() {
  for (const canvas of document.querySelectorAll("canvas[data-mark]")) {
    const cells = Uint8Array.from(canvas.dataset.mark.split(","));
    paintCells(canvas, cells, cells.length);
  }
}

function paintAll() {
  forgetColours();
  paintMarks();
  maps.get(document.getElementById("heat-map"))?.paint();
  dress()?.paint();
}

function setUp() {
  paintMarks();
  const element = document.getElementById("heat-map"), known = maps.get(element);
  if (element && !known) {
    const overview = new Overview(element);
    maps.set(element, overview);
    overview.load();
  } else if (known && known.source !== element.dataset.source) {
    known.load();
    refreshRows(element.dataset.rows);
  } else if (known && !element.dataset.drawnMs) {
    known.paint();  // A refresh of the board without a newer snapshot took the attribute away.
  }
  dress();
}

document.addEventListener("htmx:after:swap", setUp);
document.addEventListener("themechange", paintAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", paintAll);
setUp();
