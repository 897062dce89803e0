/** The chain from the dose on as a small diagram: boxes pick the panels, arrows show what acts. */

import { fill, h, s } from "./dom";
import { type Box, type Choices, holds, NEVER, type Spec } from "./spec";

interface Place {
  id: string;
  title: string;
  column: number;
  row: number;
  rows: number;
  box: Box | null;
}

const COLUMN = 200; // at most, as the style sheet has it
const HEIGHT = 108;

export class Chain {
  readonly element = h("nav", { class: "chain", "aria-label": "The chain: which panels are shown" });
  private readonly arrows = s("svg", { preserveAspectRatio: "none", "aria-hidden": "true" });
  private readonly buttons = new Map<string, HTMLButtonElement>();
  private readonly places: Place[];
  private readonly all: [string, string][];
  private readonly columns: number;

  constructor(
    private readonly spec: Spec,
    toggle: (id: string) => void,
  ) {
    this.places = layout(spec);
    this.all = union(spec);
    this.element.hidden = this.places.length < 3;
    this.columns = Math.max(...this.places.map((p) => p.column)) + 1;
    this.arrows.setAttribute("viewBox", `0 0 ${COLUMN * this.columns} ${HEIGHT}`);
    const list = h("ol", {});
    for (const place of this.places) {
      const item = h("li", {});
      item.style.setProperty("--x", String((place.column + 0.5) / this.columns));
      item.style.setProperty("--y", String((place.row + 0.5) / place.rows));
      item.append(place.box ? this.button(place, toggle) : h("span", { class: "step source" }, place.title));
      list.append(item);
    }
    this.element.style.setProperty("--columns", String(this.columns));
    this.element.append(this.arrows, list);
  }

  private button({ id, title, box }: Place, toggle: (id: string) => void): HTMLButtonElement {
    const keys = box!.variables.map((v) => h("i", { class: `c${this.spec.variables[v].colour}` }));
    const button = h("button", { type: "button", class: "step", onclick: () => toggle(id) }, h("span", { class: "keys", "aria-hidden": "true" }, ...keys), title);
    this.buttons.set(id, button);
    return button;
  }

  /** Shows which boxes are chosen, which take part, and which arrows act under the reading that is chosen. */
  follow(choices: Choices, hidden: string[]): void {
    const reading = this.spec.chain.readings[String(choices.scenario || "")] ?? this.spec.chain.now;
    const acting = new Set(reading.map(String));
    for (const place of this.places) {
      const button = this.buttons.get(place.id);
      if (!button || !place.box) continue;
      const part = holds(place.box.when, choices);
      button.disabled = !part;
      button.setAttribute("aria-pressed", String(part && !hidden.includes(place.id)));
    }
    const off = choices.interval === NEVER;
    fill(this.arrows, heads(), ...this.all.map(([a, b]) => this.arrow(a, b, acting.has(String([a, b])) && !(off && a === "dose"), choices)));
  }

  private arrow(from: string, to: string, acts: boolean, choices: Choices): SVGPathElement | null {
    const [a, b] = [from, to].map((id) => this.places.find((p) => p.id === id));
    if (!a || !b || (b.box && !holds(b.box.when, choices))) return null;
    const at = (p: Place): [number, number] => [(p.column + 0.5) * COLUMN, ((p.row + 0.5) / p.rows) * HEIGHT];
    const [[x1, y1], [x2, y2]] = [at(a), at(b)];
    const far = b.column - a.column > 1;
    const half = 0.4 * COLUMN;
    const start = a.box ? half : 0.24 * COLUMN; // what is no box is narrower
    const bow = far ? (y1 + y2 > HEIGHT ? HEIGHT - 2 : 2) : (y1 + y2) / 2;
    const [u, v] = [x1 + start, x2 - half];
    const d = far
      ? `M${x1},${y1 + Math.sign(bow - y1) * 15}C${x1 + half},${bow} ${x2 - half},${bow} ${x2},${y2 + Math.sign(bow - y2) * 17}`
      : `M${u},${y1}C${(u + v) / 2},${y1} ${(u + v) / 2},${y2} ${v - 3},${y2}`;
    return s("path", { class: acts ? "acts" : "off", d, "marker-end": acts ? "url(#head)" : undefined, "vector-effect": "non-scaling-stroke" });
  }
}

function heads(): SVGElement {
  const path = s("path", { d: "M0,0L8,3.5L0,7Z", class: "head" });
  return s("defs", {}, s("marker", { id: "head", viewBox: "0 0 8 7", refX: 7, refY: 3.5, markerWidth: 7, markerHeight: 6, orient: "auto", markerUnits: "userSpaceOnUse" }, path));
}

/** Every arrow that acts under some reading, and that from the dose. */
function union(spec: Spec): [string, string][] {
  const found = new Map<string, [string, string]>();
  const first = spec.panels[0]?.boxes.map((box): [string, string] => ["dose", box.id]) ?? [];
  for (const pair of [...first, ...spec.chain.now, ...Object.values(spec.chain.readings).flat()]) found.set(String(pair), pair);
  spec.chain.now = [...first, ...spec.chain.now];
  for (const some of Object.values(spec.chain.readings)) some.unshift(...first);
  return [...found.values()];
}

/** A column a panel, boxes of one panel above each other, the dose before them. */
function layout(spec: Spec): Place[] {
  const places: Place[] = [{ id: "dose", title: "Dose", column: 0, row: 0, rows: 1, box: null }];
  spec.panels.forEach((panel, k) => {
    panel.boxes.forEach((box, row) => {
      places.push({ id: box.id, title: box.title, column: k + 1, row, rows: panel.boxes.length, box });
    });
  });
  return places;
}
