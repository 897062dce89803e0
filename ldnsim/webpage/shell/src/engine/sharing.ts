/** Blocks of draws, and their bands, shared out among this worker and its helpers, whose answers are the same bits. */

import { curveOf } from "./quantiles";
import type { Rows } from "./quantiles";
import type { Block, Grain } from "./solving";
import { FULL } from "./solving";
import type { Curve, Numbers, Request } from "./types";

const AHEAD = 12; // blocks that a helper has in hand, so that it need not wait while this worker is busy with its own

export type ToHelper =
  | { kind: "open"; id: number; request: Request }
  | { kind: "block"; id: number; k: number; grain: Grain }
  | { kind: "band"; id: number; k: number; round: number; rows: Rows }
  | { kind: "close"; id: number };

type Told =
  | { kind: "block"; id: number; k: number; grain: Grain; block: Block }
  | { kind: "band"; id: number; k: number; round: number; curve: Curve; numbers: Numbers }
  | { kind: "failed"; id: number; error: string };
export type FromHelper = { kind: "ready" } | Told;

const KEPT = 16; // copies of rows
const spare: Numbers[] = []; // memory that was in use before: fresh one costs more than what is put into it

/** A copy of some rows. */
function copyOf(rows: Numbers): Numbers {
  const k = spare.findIndex((one) => one.length === rows.length && one.constructor === rows.constructor);
  if (k < 0) return rows.slice();
  const [copy] = spare.splice(k, 1);
  copy.set(rows);
  return copy;
}

/** Another worker, reached through a port; it is asked only once it said that it is there. */
export class Helper {
  isReady = false;
  private readonly heard = new Map<number, (told: Told) => void>();

  constructor(private readonly port: MessagePort) {
    port.onmessage = ({ data: told }: MessageEvent<FromHelper>) => {
      if (told.kind === "ready") this.isReady = true;
      else {
        if (told.kind === "band") spare.unshift(told.numbers);
        spare.length = Math.min(spare.length, KEPT);
        this.heard.get(told.id)?.(told);
      }
    };
  }

  open(id: number, request: Request, hear: (told: Told) => void): void {
    this.heard.set(id, hear);
    this.send({ kind: "open", id, request });
  }

  give(id: number, k: number, grain: Grain): void {
    this.send({ kind: "block", id, k, grain });
  }

  /** Asks for the curve through the quantiles of some rows, whose memory comes back with it. */
  band(id: number, k: number, round: number, rows: Rows): void {
    const numbers = copyOf(rows.numbers);
    this.send({ kind: "band", id, k, round, rows: { ...rows, numbers } }, [numbers.buffer]);
  }

  close(id: number): void {
    this.heard.delete(id);
    this.send({ kind: "close", id });
  }

  private send(message: ToHelper, moved: Transferable[] = []): void {
    this.port.postMessage(message, moved);
  }
}

let last = 0;

/** The blocks of one request. */
export class Sharing {
  private readonly id = ++last;
  private readonly helpers: Helper[];
  private grain = FULL;
  private blocks: (Block | undefined)[] = [];
  /** Those that nobody took yet, and the number of draws in all. */
  private fresh: Block[] = [];
  count = 0;
  /** Blocks that nobody has, and those that helpers have, the latest first. */
  private left: number[] = [];
  private away: number[] = [];
  /** Bands that there are, and how often they were asked for. */
  private curves: (Curve | undefined)[] = [];
  private round = 0;
  private error = "";

  constructor(request: Request, helpers: Helper[]) {
    this.helpers = helpers.filter((one) => one.isReady);
    for (const one of this.helpers) one.open(this.id, request, (told) => this.heard(one, told));
  }

  /** Gives helpers their first blocks; what they were given in another grain does not count any more. */
  begin(blocks: number, grain: Grain): void {
    this.grain = grain;
    this.blocks = new Array<undefined>(blocks).fill(undefined);
    this.fresh = [];
    this.count = 0;
    this.left = Array.from(this.blocks.keys());
    this.away = [];
    for (let k = 0; k < AHEAD; k++) for (const one of this.helpers) this.give(one);
  }

  private give(helper: Helper): void {
    const k = this.left.pop();
    if (k === undefined) return;
    this.away.unshift(k);
    helper.give(this.id, k, this.grain);
  }

  private heard(helper: Helper, told: Told): void {
    if (told.kind === "failed") this.error = told.error;
    else if (told.kind === "band") {
      if (told.round === this.round) this.curves[told.k] ??= told.curve;
    } else if (told.grain.precision === this.grain.precision && told.grain.rtol === this.grain.rtol) {
      this.put(told.k, told.block);
      this.give(helper);
    }
  }

  put(k: number, block: Block): void {
    if (!this.blocks[k]) {
      this.blocks[k] = block;
      this.fresh.push(block);
      this.count += block.n;
    }
    this.away = this.away.filter((own) => own !== k);
  }

  /** Whether helpers have all that is left: what they answered is to be read before any of it is computed twice. */
  get isEnding(): boolean {
    return !this.left.length && this.away.length > 0;
  }

  /** The next block for this worker: in the end those that helpers still have, so that nobody is waited for. */
  next(): number | undefined {
    if (this.error) throw new Error(this.error);
    return this.left.shift() ?? this.away[0];
  }

  /** What is new since the last time. */
  taken(): Block[] {
    const { fresh } = this;
    this.fresh = [];
    return fresh;
  }

  /** What there is. */
  found(): Block[] {
    return this.blocks.flatMap((block) => block ?? []);
  }

  /**
   * Curves through the quantiles of rows, each of a piece's own: helpers get their share of them at once, this worker
   * goes on from the first that is missing to the next, so that nobody is waited for.
   */
  bands(pieces: Rows[]): Generator<null, Curve[]> {
    this.curves = pieces.map(() => undefined);
    this.round += 1;
    const { helpers } = this;
    const given = Math.floor((pieces.length * helpers.length) / (helpers.length + 1));
    for (let j = 0; j < given; j++) {
      const k = pieces.length - 1 - j;
      helpers[j % helpers.length].band(this.id, k, this.round, pieces[k]);
    }
    return this.gathered(pieces);
  }

  private *gathered(pieces: Rows[]): Generator<null, Curve[]> {
    const { curves } = this;
    for (let k = 0; k < pieces.length; k++) {
      curves[k] ??= curveOf(pieces[k]);
      if (this.helpers.length) yield null;
      if (this.error) throw new Error(this.error);
    }
    return curves as Curve[];
  }

  end(): void {
    for (const one of this.helpers) one.close(this.id);
  }
}
