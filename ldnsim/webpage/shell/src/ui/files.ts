/** What can be taken away from the page. */

import type { Reply } from "../engine/types";
import { curvesCsv, figure, numbersCsv, type Piece, png, save, standing } from "./download";
import { labels } from "./labels";
import { type PanelView, unitWords } from "./panels";
import { script } from "./script";
import type { Side } from "./cards";
import type { Choices, Spec } from "./spec";

export const KINDS: Record<string, string> = {
  csv: "Curves, CSV",
  numbers: "Numbers, CSV",
  svg: "Figure, SVG",
  png: "Figure, PNG",
  py: "Python code",
};

export type Kind = keyof typeof KINDS;
type Full = Side & { reply: Reply; choices: Choices };

export class Files {
  constructor(
    private readonly spec: Spec,
    private readonly sides: () => Full[],
    private readonly panels: () => PanelView[],
    private readonly settled: () => Promise<void>,
  ) {}

  /** Makes a file, of the answer in full digits. */
  async make(kind: string): Promise<void> {
    await this.settled();
    const sides = this.sides();
    if (!sides.length) throw new Error("nothing has been computed yet.");
    const name = this.spec.model;
    if (kind === "csv") save(`${name}_curves.csv`, curvesCsv(this.spec, sides), "text/csv");
    else if (kind === "numbers") save(`${name}_numbers.csv`, numbersCsv(this.spec, sides), "text/csv");
    else if (kind === "py") save(`${name}_page.py`, this.python(sides), "text/x-python");
    else await this.draw(kind, sides);
  }

  python(sides: Full[]): string {
    const words = labels(this.spec, sides.map((side) => side.choices));
    const named = sides.map((side, k) => ({ name: side.name, label: words[k], choices: side.choices }));
    return script(this.spec, sides.length > 1 ? named : [{ ...named[0], name: this.spec.model }]);
  }

  private async draw(kind: string, sides: Full[]): Promise<void> {
    const pieces: Piece[] = this.panels().map((view) => ({
      title: view.panel.title + unitWords(view.panel).replace(/^ (.*)/, " ($1)"),
      legend: view.panel.boxes
        .flatMap((box) => box.variables)
        .filter((v) => view.element.querySelector(`.legend .c${this.spec.variables[v].colour}`))
        .map((v) => ({ text: this.spec.variables[v].name, colour: this.spec.variables[v].colour })),
      charts: [...view.element.querySelectorAll<SVGSVGElement>(".part:not([hidden]) svg.chart")],
    }));
    const drawn = pieces.filter((piece) => piece.charts.length);
    const heading = sides.map((side) => (sides.length > 1 ? `${side.name}${side.name === "A" ? " (dashed)" : ""}: ` : "") + side.label);
    const foot = `ldnsim ${this.spec.version}, model ${this.spec.model}; lines are medians, bands 90 % of the draws. ${this.spec.notice}.`;
    const drawing = figure(drawn, heading, foot);
    const [width, height] = ["width", "height"].map((side) => Number(drawing.getAttribute(side)));
    const text = standing(drawing);
    if (kind === "svg") save(`${this.spec.model}.svg`, text, "image/svg+xml");
    else save(`${this.spec.model}.png`, await png(text, width, height));
  }
}
