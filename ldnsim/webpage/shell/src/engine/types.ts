/**
 * The border between the engine (a Web Worker) and the page that shows what it computes.
 * Times are in h since the first midnight, doses in the drug's own unit (mg; ng/kg for an endotoxin challenge).
 */

/** One drug as it is taken. Several are superposed. */
export interface Course {
  drug: string;
  /** A formulation of the drug; "" is the usual one. */
  form: string;
  /** The dosed state, for models without formulations; then `drug` and `form` have no meaning. */
  cmt?: string;
  /** Amount of each dose. With `steps` these are the doses. */
  dose: number;
  /** Hours between doses; 0 is a single dose. */
  ii: number;
  /** First dose, h since the first midnight: the clock time on day 1, or later. */
  start: number;
  /** Number of doses; without it the course lasts for the request's `days`. */
  n?: number;
  /** A titration: so many doses of each amount, one after another, instead of `dose` and `n`. */
  steps?: { dose: number; n: number }[];
  /** Days, from 1, whose doses are missed. */
  missed?: number[];
  /** Length of a zero-order infusion of each dose (h). */
  infusion?: number;
  /** Taken for so long before the first dose that the course is at its steady state. */
  ss?: boolean;
}

export type Precision = "double" | "single";
/** Numbers of one of them. */
export type Numbers = Float32Array | Float64Array;

/** Who is simulated. */
export interface People {
  kind: "nominal" | "draws";
  /** How many draws; at most as many as the page holds. */
  n: number;
}

/** One side of the page. */
export interface Request {
  taken: Course[];
  days: number;
  /** Names in the engine's tables; "" or nothing is what the page was made with. */
  scenario?: string;
  condition?: string;
  /** Parameters set by hand or by a person's covariates: they keep their value in every draw. */
  overrides: Record<string, number>;
  /** Ids of outputs whose curves are wanted. */
  outputs: string[];
  /** Names of readouts that are wanted as headlines; all of the model's without it. */
  readouts?: string[];
  people: People;
  /** "double" is what Python computes at rtol 1e-6; "single" is for bands. */
  precision: Precision;
  /** Another relative tolerance than that of the precision, where two solvers are compared. */
  rtol?: number;
  /** Hours between output times, or the times themselves (ascending). */
  dt: number | number[];
  /** From when on bands are drawn (h): before, only medians are wanted. */
  bandsFrom?: number;
  /** Whether the curve of each draw is wanted, for a download. */
  all?: boolean;
}

/** A curve: `middle` is the nominal subject's first, then the median of the draws. NaN where nothing is known. */
export interface Curve {
  middle: Float64Array;
  low?: Float64Array;
  high?: Float64Array;
  /** One row a draw, draw after draw, where the request asks for `all`. */
  every?: Float64Array;
}

/** A number in the headlines: the median of the draws with its 90 % interval, or the nominal subject's value. */
export interface Headline {
  id: string;
  value: number;
  low: number;
  high: number;
  /** "1" for a pure number. */
  unit: string;
  label: string;
  words: string;
  /** The part of the course it is of: "from 0 to 24 h after the last dose". */
  window: string;
  group: string;
  /** The weakest grade among the parameters that decide it; "" before all draws are there, and where none does. */
  grade: string;
  /** Up to three parameters whose rank goes with its own among the draws, the first one most. */
  deciding: string[];
}

/**
 * An answer, sent several times for one request: first the nominal subject's, then the draws' computed so far
 * (`done` of `asked`), at last all of them.
 */
export interface Reply {
  stage: "nominal" | "part" | "final";
  times: Float64Array;
  curves: Record<string, Curve>;
  headlines: Headline[];
  /** Draws computed, draws wanted, and those of `done` whose run did not reach the end. */
  done: number;
  asked: number;
  failed: number;
  /** Times (h) of doses by drug. */
  doses: Record<string, number[]>;
  /** What the user must be told, a sentence each. */
  warnings: string[];
  /** Time since the request arrived (ms). */
  ms: number;
  /** End of the run (h): of the days asked for, or of the last dosing interval. */
  end: number;
}

/** What the engine is built from; made by `ldnsim.webpage.engine_data`, read by the engine only, except `Described`. */
export interface Described {
  model: string;
  states: string[];
  outputs: { id: string; unit: string; label: string }[];
  parameters: {
    id: string;
    value: number;
    unit: string;
    label: string;
    lower: number | null;
    upper: number | null;
    grade: string;
    source: string;
  }[];
  readouts: { id: string; unit: string; label: string; words: string; group: string; output: string }[];
  /** Posterior draws in the page. */
  draws: number;
}

export interface Engine {
  readonly described: Described;
  /**
   * Computes a request; whatever ran in the same `slot` ("A", "B") is cancelled.
   * `onReply` is called once a stage, `onError` at most once, with a sentence.
   */
  run(slot: string, request: Request, onReply: (reply: Reply) => void, onError: (why: string) => void): void;
  cancel(slot: string): void;
  close(): void;
}
