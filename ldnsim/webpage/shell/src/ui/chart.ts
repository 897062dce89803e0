/** One panel as a drawing: axes, nights, bands, curves, doses and measurements. */

import { dayTicks, hourTicks, linear, logarithmic, rounded, type Scale } from "./axis";
import { type Days, extent, type Line } from "./curves";
import { s } from "./dom";
import { DAY } from "./format";
import type { Mark } from "./marks";
import type { Panel } from "./spec";

const NIGHT = [23, 31]; // h: nobody is awake
const DECADES = 4; // a logarithmic panel shows this much below its highest value
const ROOM = { left: 44, right: 10, top: 10, bottom: 22 };

export interface Size {
  width: number;
  height: number;
}

export interface Drawn {
  svg: SVGSVGElement;
  x: Scale;
  y: Scale;
}

/** What both parts of a panel share, so that one height means one value in both. */
export function heights(panel: Panel, lines: Line[], days: Days[], marks: Mark[], { height }: Size): Scale {
  const [from, to] = [height - ROOM.bottom, ROOM.top];
  let [low, high] = extent(lines, days);
  for (const mark of marks) for (const y of [mark.value, mark.low, mark.high]) if (y !== null && y > high) high = y;
  if (panel.log && high > 0) return logarithmic(high * 10 ** -DECADES, high * 1.6, from, to);
  if (panel.limits) return linear(panel.limits[0], panel.limits[1], from, to, rounded(panel.limits[0], panel.limits[1]));
  if (panel.level !== null) [low, high] = [Math.min(low, panel.level), Math.max(high, panel.level)];
  if (!(high > low) || high - low < 1e-3 * Math.abs(high)) {
    const middle = (high + low) / 2 || 0;
    const half = 0.05 * Math.abs(middle) || 1;
    [low, high] = [middle - half, middle + half];
  }
  const rim = 0.08 * (high - low);
  const floor = low >= 0 && low - rim < 0 ? 0 : low - rim;
  return linear(floor, high + rim, from, to, rounded(floor, high + rim));
}

export function hoursChart(
  panel: Panel,
  lines: Line[],
  marks: Mark[],
  doses: number[],
  span: [number, number],
  y: Scale,
  size: Size,
  colour: (variable: string) => number,
): Drawn {
  const { width, height } = size;
  const right = width - ROOM.right;
  const x = linear(span[0], span[1], ROOM.left, right, hourTicks(span[0], span[1], right - ROOM.left));
  const svg = frame(size, x, y, panel);
  svg.append(nights(span, x, size), level(panel, y, right));
  const clip = inside(svg, size);
  const across = new Map([...new Set(lines.map((line) => line.t))].map((t) => [t, Array.from(t, (time) => px(x(time)))]));
  const at = (line: Line): string[] => across.get(line.t)!; // of a side's lines the same
  for (const line of lines) if (line.low && line.high && line.side === "B") clip.append(band(line, at(line), y, colour));
  for (const line of lines) clip.append(curve(line, at(line), y, colour));
  for (const t of doses) if (t >= span[0] - 1e-9 && t <= span[1]) svg.append(dose(x(t)));
  for (const mark of marks) clip.append(markOf(mark, x, y, colour, height));
  return { svg, x, y };
}

export function daysChart(
  panel: Panel,
  days: Days[],
  marks: Mark[],
  n: number,
  y: Scale,
  size: Size,
  colour: (variable: string) => number,
): Drawn {
  const right = size.width - ROOM.right;
  const x = linear(0, n * DAY, ROOM.left, right, dayTicks(n, right - ROOM.left));
  const svg = frame(size, x, y, panel);
  svg.append(level(panel, y, right, true));
  const clip = inside(svg, size);
  for (const one of days) clip.append(range(one, x, y, colour));
  for (const mark of marks) svg.append(markOf(mark, x, y, colour, size.height)); // at the very end half of it lies beyond
  return { svg, x, y };
}

let clips = 0;

function inside(svg: SVGSVGElement, { width, height }: Size): SVGGElement {
  const id = `clip${++clips}`;
  const box = { x: ROOM.left, y: ROOM.top - 2, width: width - ROOM.left - ROOM.right, height: height - ROOM.top - ROOM.bottom + 3 };
  const group = s("g", { "clip-path": `url(#${id})` });
  svg.append(s("clipPath", { id }, s("rect", box)), group);
  return group;
}

function frame({ width, height }: Size, x: Scale, y: Scale, panel: Panel): SVGSVGElement {
  const bottom = height - ROOM.bottom;
  const right = width - ROOM.right;
  const svg = s("svg", { viewBox: `0 0 ${width} ${height}`, width, height, class: "chart", "aria-hidden": "true" });
  for (const tick of y.ticks) {
    const at = y(tick.at);
    if (at < ROOM.top - 1 || at > bottom + 1) continue;
    svg.append(s("line", { class: "grid", x1: ROOM.left, x2: right, y1: at, y2: at }));
    svg.append(s("text", { class: "tick end", x: ROOM.left - 6, y: at + 3.5 }, share(tick.text, panel)));
  }
  svg.append(s("line", { class: "axis", x1: ROOM.left, x2: right, y1: bottom, y2: bottom }));
  for (const tick of x.ticks) {
    const at = x(tick.at);
    svg.append(s("line", { class: "axis", x1: at, x2: at, y1: bottom, y2: bottom + 3 }));
    const side = at > right - 18 ? "end" : at < ROOM.left + 12 ? "begin" : "middle";
    svg.append(s("text", { class: `tick ${side}`, x: side === "end" ? right + 4 : at, y: bottom + 15 }, tick.text));
  }
  return svg;
}

function share(text: string, panel: Panel): string {
  return panel.limits ? `${Math.round(Number(text) * 100)} %` : text;
}

function nights(span: [number, number], x: Scale, { height }: Size): SVGGElement {
  const group = s("g");
  const top = ROOM.top - 2;
  for (let day = Math.floor(span[0] / DAY) - 1; day * DAY < span[1]; day++) {
    const [a, b] = NIGHT.map((hour) => Math.min(Math.max(day * DAY + hour, span[0]), span[1]));
    const box = { x: x(a), y: top, width: x(b) - x(a), height: height - ROOM.bottom - top };
    if (b > a) group.append(s("rect", { class: "night", ...box }));
  }
  return group;
}

function level(panel: Panel, y: Scale, right: number, bare = false): SVGGElement {
  const group = s("g");
  if (panel.level === null) return group;
  const at = y(panel.level);
  group.append(s("line", { class: "level", x1: ROOM.left, x2: right, y1: at, y2: at }));
  if (!bare) group.append(s("title", {}, panel.levelWords));
  return group;
}

function band(line: Line, x: string[], y: Scale, colour: (v: string) => number): SVGPathElement {
  const { t, low, high } = line;
  let up = "";
  let down = "";
  for (let k = 0; k < t.length; k++) {
    if (Number.isNaN(low![k]) || Number.isNaN(high![k])) continue;
    up += `${up ? "L" : "M"}${x[k]},${px(y(high![k]))}`;
    down = `L${x[k]},${px(y(low![k]))}${down}`;
  }
  return s("path", { class: `band c${colour(line.variable)}`, d: up ? `${up}${down}Z` : "" });
}

function curve(line: Line, x: string[], y: Scale, colour: (v: string) => number): SVGPathElement {
  let d = "";
  let pen = "M";
  for (let k = 0; k < line.t.length; k++) {
    const value = line.middle[k];
    if (Number.isNaN(value)) {
      pen = "M";
      continue;
    }
    d += `${pen}${x[k]},${px(y(value))}`;
    pen = "L";
  }
  const side = line.side === "A" ? "curve kept" : "curve";
  return s("path", { class: `${side} c${colour(line.variable)}`, d, "data-variable": line.variable, "data-side": line.side });
}

function range(one: Days, x: Scale, y: Scale, colour: (v: string) => number): SVGPathElement {
  const steps = one.from.map((t, k) => ({ a: x(t), b: x(t + DAY), low: one.low[k], high: one.high[k] }));
  const known = steps.filter((step) => Number.isFinite(step.low));
  const up = known.map((p) => `L${px(p.a)},${px(y(p.high))}L${px(p.b)},${px(y(p.high))}`).join("");
  const down = [...known].reverse().map((p) => `L${px(p.b)},${px(y(p.low))}L${px(p.a)},${px(y(p.low))}`).join("");
  const d = up ? `M${(up + down).slice(1)}Z` : "";
  return s("path", { class: `${one.side === "A" ? "days kept" : "days"} c${colour(one.variable)}`, d });
}

function dose(at: number): SVGPathElement {
  return s("path", { class: "dose", d: `M${px(at - 3.5)},${ROOM.top - 8}h7l-3.5,6z` });
}

function markOf(mark: Mark, x: Scale, y: Scale, colour: (v: string) => number, height: number): SVGGElement {
  const group = s("g", { class: `mark c${colour(mark.variable)}`, "data-mark": mark.id }, s("title", {}, mark.words));
  const [a, b] = [x(mark.from), x(mark.to)];
  if (mark.value === null) {
    const foot = height - ROOM.bottom;
    group.append(s("line", { class: "hour", x1: a, x2: a, y1: foot, y2: ROOM.top }));
    group.append(s("path", { class: "point", d: `M${px(a - 4)},${px(foot)}h8l-4,-7z` }));
    return group;
  }
  const at = y(mark.value);
  if (b > a + 1) group.append(s("line", { class: "span", x1: a, x2: b, y1: at, y2: at }));
  if (mark.low !== null && mark.high !== null) {
    group.append(s("line", { class: "spread", x1: a, x2: a, y1: y(mark.low), y2: y(mark.high) }));
  }
  group.append(s("circle", { class: "point", cx: b > a + 1 ? (a + b) / 2 : a, cy: at, r: 4 }));
  return group;
}

const WIDEST = 4000; // px; what lies in a drawing is written again and again
const tenths = new Array<string | undefined>(10 * WIDEST);

/** A place in px, to a tenth. */
function px(value: number): string {
  const k = Math.round(10 * value);
  if (!(k >= 0 && k < tenths.length)) return value.toFixed(1);
  return (tenths[k] ??= (k / 10).toFixed(1));
}
