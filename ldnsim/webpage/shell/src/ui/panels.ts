/** The panels: heading with what each curve stands at, the course by day, the end by the hour. */

import { at, type Days, type Line } from "./curves";
import { daysChart, heights, hoursChart, type Size } from "./chart";
import type { Scale } from "./axis";
import { fill, h, write } from "./dom";
import { moment as words, number } from "./format";
import { type Mark, stateWords } from "./marks";
import type { Choices, Evidence, Panel, Spec } from "./spec";

export interface Shown {
  lines: Line[];
  days: Days[];
  nDays: number;
  span: [number, number];
  long: boolean;
  doses: number[];
  marks: Mark[];
  /** Variables whose boxes are chosen. */
  chosen: Set<string>;
  /** Why a panel has nothing to show, by its id. */
  empty: Record<string, string>;
}

export class PanelView {
  readonly element: HTMLElement;
  private readonly legend = h("ul", { class: "legend" });
  private readonly daysBox = h("div", { class: "part by-day" });
  private readonly hoursBox: HTMLElement;
  private readonly note = h("p", { class: "empty" });
  private readonly measured = h("div", { class: "measured" });
  private x: Scale | null = null;
  private shown: Shown | null = null;
  private measure: { of: string; sizes: [Size, Size] } | null = null;
  private readonly line = h("div", { class: "cursor", hidden: true });
  /** Variables that the legend names without values, and states that the evidence is listed of, as they stand. */
  private named = "";
  private listed = "";

  constructor(
    private readonly spec: Spec,
    readonly panel: Panel,
    private readonly cursor: (moment: number | null) => void,
    private readonly goTo: (state: Choices) => void,
  ) {
    this.hoursBox = h("div", {
      class: "part by-hour",
      role: "slider",
      tabindex: 0,
      "aria-label": `${panel.title}: point in time`,
      "aria-valuemin": 0,
      "aria-valuemax": 1,
      "aria-valuenow": 0,
      onpointermove: (event: PointerEvent) => this.pointed(event),
      onpointerleave: () => this.cursor(null),
      onkeydown: (event: KeyboardEvent) => this.stepped(event),
      onblur: () => this.cursor(null),
    });
    this.element = h(
      "section",
      { class: "panel", id: `panel-${panel.id}`, "aria-labelledby": `title-${panel.id}` },
      h(
        "header",
        {},
        h("h2", { id: `title-${panel.id}` }, panel.title, h("span", { class: "unit" }, unitWords(panel))),
        this.legend,
      ),
      h("div", { class: "parts" }, this.daysBox, this.hoursBox),
      this.note,
      this.measured,
    );
  }

  /** Makes room for what is to be shown; its size can be read once all panels have theirs. */
  arrange(shown: Shown): void {
    this.shown = shown;
    const mine = this.mine(shown);
    this.element.hidden = mine.size === 0;
    if (this.element.hidden) return;
    const why = shown.empty[this.panel.id] ?? "";
    write(this.note, why);
    this.note.hidden = why === "";
    this.element.classList.toggle("short", !shown.long);
    for (const box of [this.daysBox, this.hoursBox]) box.hidden = why !== "";
    this.daysBox.hidden ||= !shown.long;
    this.listEvidence(mine);
  }

  /** The sizes of both parts; they are read only where they may have changed, as the browser lays the page out for it. */
  sizes(): [Size, Size] {
    const of = [this.element, this.daysBox, this.hoursBox].map((box) => box.hidden).join();
    if (this.measure?.of !== of) this.measure = { of, sizes: [sizeOf(this.daysBox), sizeOf(this.hoursBox)] };
    return this.measure.sizes;
  }

  /** Forgets the sizes of both parts: the page has another width. */
  resized(): void {
    this.measure = null;
  }

  /** Draws what is shown; of a first answer, which all draws follow at once, only the hours. */
  show(shown: Shown, sizes: [Size, Size], first = false): void {
    if (this.element.hidden) return;
    const mine = this.mine(shown);
    const lines = shown.lines.filter((line) => mine.has(line.variable));
    const marks = shown.marks.filter((mark) => mine.has(mark.variable));
    if (!shown.empty[this.panel.id]) this.draw(shown, lines, marks, mine, sizes, first);
    this.point(null);
  }

  private mine(shown: Shown): Set<string> {
    return new Set(this.panel.boxes.flatMap((box) => box.variables).filter((v) => shown.chosen.has(v)));
  }

  private draw(shown: Shown, lines: Line[], marks: Mark[], mine: Set<string>, [small, size]: [Size, Size], first: boolean): void {
    const colour = (variable: string): number => this.spec.variables[variable].colour;
    const days = shown.long ? shown.days.filter((one) => mine.has(one.variable)) : [];
    const y = heights(this.panel, lines, days, marks, size);
    const [near, far] = [true, false].map((here) => marks.filter((mark) => mark.from <= shown.span[1] + 1e-9 === here));
    const drawn = hoursChart(this.panel, lines, near, shown.doses, shown.span, y, size, colour);
    this.x = drawn.x;
    fill(this.hoursBox, drawn.svg, this.line);
    this.hoursBox.setAttribute("aria-valuemin", shown.span[0].toFixed(2));
    this.hoursBox.setAttribute("aria-valuemax", shown.span[1].toFixed(2));
    if (!shown.long || (first && this.daysBox.hasChildNodes())) return;
    const own = heights(this.panel, lines, days, marks, small);
    fill(this.daysBox, daysChart(this.panel, days, far, shown.nDays, own, small, colour).svg);
  }

  /** Reads the curves at a moment, or takes the reading away. */
  point(moment: number | null): void {
    const { shown } = this;
    if (!shown || this.element.hidden) return;
    const mine = this.panel.boxes.flatMap((box) => box.variables).filter((v) => shown.chosen.has(v));
    const named = moment === null ? mine.join() : "";
    const items = named && named === this.named ? [] : mine.map((variable) => this.legendItem(shown, variable, moment));
    if (items.length) fill(this.legend, ...items); // what is written anew makes the browser lay the page out
    this.named = named;
    this.line.hidden = moment === null || this.x === null;
    if (moment === null || this.x === null) {
      this.hoursBox.setAttribute("aria-valuetext", "no point chosen; arrow keys read the curves");
      return;
    }
    this.line.style.setProperty("left", `${this.x(moment)}px`);
    this.hoursBox.setAttribute("aria-valuenow", moment.toFixed(2));
    this.hoursBox.setAttribute("aria-valuetext", [words(moment), ...items.map((i) => i.textContent)].join(", "));
  }

  private legendItem(shown: Shown, variable: string, moment: number | null): HTMLLIElement {
    const { name, colour } = this.spec.variables[variable];
    const sides = shown.lines.filter((line) => line.variable === variable);
    const values = moment === null ? [] : sides.map((line) => reading(line, moment, this.panel, sides.length > 1));
    return h(
      "li",
      { class: `c${colour}` },
      h("span", { class: "key", "aria-hidden": "true" }),
      h("span", { class: "name" }, name),
      values.length ? h("span", { class: "value" }, ` ${values.join(" · ")}`) : null,
    );
  }

  private pointed(event: PointerEvent): void {
    if (!this.x || !this.shown) return;
    const left = event.clientX - this.hoursBox.getBoundingClientRect().left;
    const [from, to] = this.shown.span;
    this.cursor(Math.min(Math.max(this.x.back(left), from), to));
  }

  private stepped(event: KeyboardEvent): void {
    if (!this.shown) return;
    const [from, to] = this.shown.span;
    const now = Number(this.hoursBox.getAttribute("aria-valuenow"));
    const step = { ArrowLeft: -0.5, ArrowRight: 0.5, ArrowDown: -0.5, ArrowUp: 0.5, PageDown: -6, PageUp: 6 }[event.key];
    if (step === undefined && event.key !== "Home" && event.key !== "End") return;
    event.preventDefault();
    const start = now >= from && now <= to ? now : from;
    const next = event.key === "Home" ? from : event.key === "End" ? to : start + (step ?? 0);
    this.cursor(Math.min(Math.max(next, from), to));
  }

  /** Measurements of this panel's curves that were taken in another state: where to find them. */
  private listEvidence(mine: Set<string>): void {
    const rows = this.spec.evidence.filter((row) => mine.has(row.variable));
    const here = new Set(this.shown?.marks.map((mark) => mark.id));
    const states = new Map<string, Evidence[]>();
    for (const row of rows) {
      const key = stateWords(this.spec, row.state);
      states.set(key, [...(states.get(key) ?? []), row]);
    }
    this.measured.hidden = states.size === 0;
    const listed = [...states.values()].map((some) => `${some.map((row) => row.id)} ${some.some((row) => here.has(row.id))}`).join();
    if (!states.size || listed === this.listed) return;
    this.listed = listed;
    const buttons = [...states].map(([text, some]) => {
      const on = some.some((row) => here.has(row.id));
      const count = some.length === 1 ? "1 measurement" : `${some.length} measurements`;
      return h(
        "button",
        { type: "button", class: "chip", "aria-pressed": String(on), title: `${count}: ${some[0].source}`, onclick: () => this.goTo(some[0].state) },
        text,
      );
    });
    const focused = this.measured.contains(document.activeElement) ? document.activeElement?.textContent : null;
    fill(this.measured, h("span", { class: "label" }, "Measured at"), ...buttons);
    if (focused) buttons.find((button) => button.textContent === focused)?.focus();
  }
}

function reading(line: Line, moment: number, panel: Panel, named: boolean): string {
  const say = (y: number): string => (panel.limits ? `${number(100 * y)} %` : number(y));
  const middle = at(line, moment);
  const low = at(line, moment, "low");
  const band = Number.isFinite(low) ? ` (${say(low)} to ${say(at(line, moment, "high"))})` : "";
  return `${named ? `${line.side} ` : ""}${say(middle)}${band}`;
}

export function unitWords(panel: Panel): string {
  if (panel.limits) return " share";
  return panel.unit === "1" ? "" : ` ${panel.unit}`;
}

function sizeOf(box: HTMLElement): Size {
  return { width: Math.max(140, box.clientWidth), height: Math.max(110, box.clientHeight) };
}
