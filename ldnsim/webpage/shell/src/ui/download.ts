/** Files: curves and numbers as CSV with units in the header, the figure as SVG or PNG, the Python. */

import type { Reply } from "../engine/types";
import { least, type Side } from "./cards";
import { h, s } from "./dom";
import type { Spec } from "./spec";

export function save(name: string, content: string | Blob, type = "text/plain"): void {
  const url = URL.createObjectURL(typeof content === "string" ? new Blob([content], { type }) : content);
  const link = h("a", { href: url, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

export interface Told {
  name: string;
  label: string;
  reply: Reply;
}

/** Curves of each side: median, and 5 and 95 % of the draws, a column each with its unit. */
export function curvesCsv(spec: Spec, sides: Told[]): string {
  const ids = [...new Set(sides.flatMap(({ reply }) => Object.keys(reply.curves)))].filter((id) => id in spec.variables);
  const unit = (id: string): string => spec.variables[id]?.unit ?? "1";
  const banded = sides.some(({ reply }) => ids.some((id) => reply.curves[id]?.low));
  const columns = ids.flatMap((id) => [`${id} [${unit(id)}]`, ...(banded ? [`${id} q05 [${unit(id)}]`, `${id} q95 [${unit(id)}]`] : [])]);
  const rows = sides.flatMap(({ name, label, reply }) =>
    Array.from(reply.times, (t, k) => {
      const cells = ids.flatMap((id) => {
        const { middle, low, high } = reply.curves[id] ?? {};
        return banded ? [middle?.[k], low?.[k], high?.[k]] : [middle?.[k]];
      });
      return [name, quoted(label), digits(t), ...cells.map(digits)].join(",");
    }),
  );
  return [["side", "regimen", "time [h]", ...columns].join(","), ...rows, ""].join("\n");
}

export function numbersCsv(spec: Spec, sides: Side[]): string {
  const rows = sides.flatMap(({ name, label, headlines, watched }) =>
    headlines.map((one) => {
      const values = [one.value, one.low, one.high];
      const bounds = values.some((value) => least(spec, one, value, watched)) ? values.map((v) => (least(spec, one, v, watched) ? 1 : 0)).join(" ") : "";
      return [name, quoted(label), quoted(one.id), one.unit, ...values.map(digits), bounds, one.grade, quoted(one.window)].join(",");
    }),
  );
  const head = ["side", "regimen", "readout", "unit", "median", "q05", "q95", "at least (median q05 q95)", "rests on", "window"];
  return [head.join(","), ...rows, ""].join("\n");
}

function digits(x: number | undefined): string {
  return x === undefined || Number.isNaN(x) ? "" : String(Number(x.toPrecision(9)));
}

function quoted(text: string): string {
  return `"${text.replace(/"/g, '""')}"`;
}

const SHOWN = ["fill", "stroke", "stroke-width", "stroke-dasharray", "stroke-linejoin", "opacity", "fill-opacity", "font-size", "font-family", "font-weight", "text-anchor"];
const [HEAD, LEGEND, GAP, RIM] = [46, 22, 14, 16];

export interface Piece {
  title: string;
  legend: { text: string; colour: number }[];
  charts: SVGSVGElement[];
}

/** One drawing of all panels, with its words, on light paper. */
export function figure(pieces: Piece[], heading: string[], foot: string): SVGSVGElement {
  const width = Math.max(...pieces.map((p) => sum(p.charts.map(widthOf)))) + 2 * RIM;
  const parts: SVGElement[] = heading.map((text, k) => s("text", { class: k ? "sub" : "head", x: RIM, y: RIM + 10 + 17 * k }, text));
  let y = HEAD + 17 * Math.max(0, heading.length - 2);
  for (const piece of pieces) {
    parts.push(s("text", { class: "title", x: RIM, y: y + 12 }, piece.title));
    let x = RIM + 8 * piece.title.length + 20;
    for (const { text, colour } of piece.legend) {
      parts.push(s("line", { class: `curve c${colour}`, x1: x, x2: x + 16, y1: y + 8, y2: y + 8 }));
      parts.push(s("text", { class: "tick", x: x + 21, y: y + 12 }, text));
      x += 34 + 6.6 * text.length;
    }
    y += LEGEND;
    let left = RIM;
    for (const chart of piece.charts) {
      const copy = chart.cloneNode(true) as SVGSVGElement;
      copy.setAttribute("x", String(left));
      copy.setAttribute("y", String(y));
      parts.push(copy);
      left += widthOf(chart);
    }
    y += Math.max(...piece.charts.map((c) => Number(c.getAttribute("height")))) + GAP;
  }
  parts.push(s("text", { class: "sub", x: RIM, y: y + 8 }, foot));
  const box = { viewBox: `0 0 ${width} ${y + 24}`, width, height: y + 24, class: "chart", xmlns: "http://www.w3.org/2000/svg" };
  return s("svg", box, s("rect", { class: "paper", width, height: y + 24 }), ...parts);
}

/** A drawing whose looks stand in its attributes, so that it needs no style sheet. */
export function standing(drawing: SVGSVGElement): string {
  const room = h("div", { class: "off-screen", "data-theme": "light", "aria-hidden": "true" }, drawing);
  document.body.append(room);
  const all = [drawing, ...drawing.querySelectorAll<SVGElement>("*")];
  for (const element of all) {
    if (["clipPath", "defs", "title"].includes(element.tagName)) continue;
    const look = getComputedStyle(element);
    for (const name of SHOWN) element.setAttribute(name, look.getPropertyValue(name));
  }
  for (const element of all) element.removeAttribute("class");
  room.remove();
  return `<?xml version="1.0" encoding="UTF-8"?>\n${new XMLSerializer().serializeToString(drawing)}\n`;
}

/** A drawing as an image of three times as many points. */
export async function png(text: string, width: number, height: number): Promise<Blob> {
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(text)}`;
  await image.decode();
  const canvas = h("canvas", { width: width * 3, height: height * 3 });
  canvas.getContext("2d")!.drawImage(image, 0, 0, width * 3, height * 3);
  return new Promise((done, fail) => canvas.toBlob((blob) => (blob ? done(blob) : fail(new Error("no image"))), "image/png"));
}

function widthOf(chart: SVGSVGElement): number {
  return Number(chart.getAttribute("width"));
}

function sum(items: number[]): number {
  return items.reduce((a, b) => a + b, 0);
}
