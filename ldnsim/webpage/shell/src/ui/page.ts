/** The whole page: what stands where, and what follows a change. */

import type { Engine, Reply } from "../engine/types";
import { card, keysOf, quick, type Side, table } from "./cards";
import { Chain } from "./chain";
import { type Control, control } from "./controls";
import { gridOf, isWhole, shiftOf, windowOf } from "./course";
import { daysOf, type Line, linesOf } from "./curves";
import { fill, h } from "./dom";
import { emptiness } from "./emptiness";
import { Files } from "./files";
import { DAY, hoursOf } from "./format";
import { Frame } from "./frame";
import { labels } from "./labels";
import { marksOf } from "./marks";
import { PanelView, type Shown } from "./panels";
import { fieldOf, matching, told } from "./parameters";
import { Runs } from "./runs";
import { type Choices, holds, PARAMETER, type Spec, type Value } from "./spec";
import { worded } from "./worded";
import { fragment, History, parsed, type State } from "./state";

interface Picture {
  choices: Choices;
  reply: Reply;
  whole: boolean;
  settled: boolean;
}

export class Page {
  private readonly history: History;
  private readonly frame: Frame;
  private readonly runs: Runs;
  private readonly controls: Control[] = [];
  private readonly parameters = new Map<string, Control>();
  private readonly panels: PanelView[];
  private readonly chain: Chain;
  private readonly files: Files;
  private readonly pictures: Partial<Record<"A" | "B", Picture>> = {};
  private troubles: string[] = [];
  private linked: string[]; // what of the address could not be used, until something is changed
  private waiting: (() => void)[] = []; // for answers in full digits

  constructor(
    private readonly spec: Spec,
    private readonly engine: Engine,
    root: HTMLElement,
  ) {
    const { state, troubles } = parsed(spec, location.hash);
    this.linked = troubles;
    this.history = new History(state);
    this.chain = new Chain(spec, (id) => this.toggle(id));
    this.panels = spec.panels.map((panel) => new PanelView(spec, panel, (m) => this.point(m), (s) => this.choose(s)));
    this.files = new Files(spec, () => this.sides(), () => this.panels.filter((panel) => !panel.element.hidden), () => this.settled());
    this.frame = new Frame(spec, {
      undo: () => this.history.undo(),
      redo: () => this.history.redo(),
      reset: () => this.history.go({ now: { ...spec.start }, kept: null, hidden: [] }),
      keep: () => this.history.go({ ...this.history.state, kept: { ...this.history.state.now } }),
      drop: () => this.history.go({ ...this.history.state, kept: null }),
      swap: () => this.swap(),
      preset: (choices) => this.choose(choices),
      find: (typed) => this.find(typed),
      file: (kind) => void this.files.make(kind).catch((e: Error) => this.frame.trouble([`No file: ${e.message}`])),
      link: () => location.href,
      chain: this.chain.element,
      panels: this.panels.map((panel) => panel.element),
      resized: () => {
        for (const panel of this.panels) panel.resized();
        this.draw();
      },
      opened: () => this.draw(),
      themed: () => this.draw(),
    });
    this.frame.mount(root);
    this.build();
    this.runs = new Runs(spec, engine, {
      reply: (side, choices, reply, whole, settled) => this.arrived(side, { choices, reply, whole, settled }),
      error: (side, why) => this.failed(side, why),
    });
    this.history.onChange(() => {
      this.linked = [];
      this.follow();
    });
    window.addEventListener("hashchange", () => this.addressed());
    this.follow();
  }

  private build(): void {
    for (const group of this.spec.groups) {
      const made = group.fields.map((field) => control(field, (name, value, passing) => this.set(name, value, passing)));
      if (group === this.spec.groups[0] && Object.keys(this.spec.drugs).length) made.unshift(worded(this.spec, (now) => this.history.go({ ...this.history.state, now })));
      this.controls.push(...made);
      this.frame.addGroup(group.name, group.help, made.map((one) => one.element));
    }
    if (this.engine.described.parameters.length) this.find("");
  }

  // --- what is chosen ---------------------------------------------------------------------------------------

  private set(name: string, value: Value, passing: boolean): void {
    const { state } = this.history;
    const usual = name === "opioid" && value ? (this.spec.usual[String(value)] ?? {}) : {};
    const now = { ...state.now, [name]: value, ...usual };
    if (name.startsWith(PARAMETER) && value === this.nominal(name)) delete now[name];
    this.history.go({ ...state, now }, passing);
  }

  /** Goes to named choices; what they do not name stands at its start, but for how many draws are shown. */
  private choose(choices: Choices): void {
    const { state } = this.history;
    const draws: Choices = state.now.draws === undefined ? {} : { draws: state.now.draws };
    this.history.go({ ...state, now: { ...this.spec.start, ...draws, ...choices } });
  }

  private nominal(name: string): number | undefined {
    return this.engine.described.parameters.find((p) => PARAMETER + p.id === name)?.value;
  }

  private swap(): void {
    const { now, kept } = this.history.state;
    if (kept) this.history.go({ ...this.history.state, now: kept, kept: now });
  }

  private toggle(id: string): void {
    const { state } = this.history;
    const hidden = state.hidden.includes(id) ? state.hidden.filter((one) => one !== id) : [...state.hidden, id];
    this.history.go({ ...state, hidden });
  }

  private addressed(): void {
    const { state, troubles } = parsed(this.spec, location.hash);
    this.history.go(state);
    this.linked = troubles;
    this.tell(); // the picture waits for its answer
  }

  /** Lists the parameters that were looked for, and those that are set. */
  private find(typed: string): void {
    const set = new Set(Object.keys(this.history.state.now).filter((name) => name.startsWith(PARAMETER)));
    const { parameters } = this.engine.described;
    const found = typed.trim() || parameters.length <= 12 ? matching(parameters, typed).slice(0, 12) : [];
    const wanted = [...parameters.filter((p) => set.has(PARAMETER + p.id)), ...found];
    const listed = [...new Set(wanted)].map((p) => {
      const made = this.parameters.get(p.id) ?? control(fieldOf(p), (name, value, passing) => this.set(name, value, passing));
      this.parameters.set(p.id, made);
      made.follow({ ...this.history.state.now, [PARAMETER + p.id]: this.history.state.now[PARAMETER + p.id] ?? p.value });
      return { element: made.element, words: told(p) };
    });
    this.frame.listParameters(listed, parameters.length);
  }

  // --- what follows -------------------------------------------------------------------------------------------

  private follow(): void {
    const { state } = this.history;
    for (const one of this.controls) one.follow(state.now);
    this.followParameters(state);
    this.chain.follow(state.now, state.hidden);
    this.frame.follow(this.history.canUndo, this.history.canRedo, state.kept !== null, this.presetOf(state.now));
    const text = fragment(this.spec, state);
    const address = text ? `#${text}` : location.pathname + location.search;
    if (location.hash.slice(1) !== text) {
      try {
        window.history.replaceState(null, "", address);
      } catch {
        // A frame without an address of its own: the page works, its link stays as it is.
      }
    }
    if (state.kept) this.runs.ask("A", state.kept);
    else {
      this.runs.forget("A");
      delete this.pictures.A;
      this.release(); // nobody waits for its full digits any more
    }
    this.frame.busy(true);
    const asked = this.runs.ask("B", state.now);
    if (!asked && this.pictures.B?.whole) this.frame.busy(false);
    if (!asked) this.draw(); // else once there is something new
  }

  private followParameters(state: State): void {
    for (const [id, one] of this.parameters) {
      const name = PARAMETER + id;
      one.follow({ ...state.now, [name]: state.now[name] ?? this.nominal(name) ?? 0 });
    }
  }

  private presetOf(now: Choices): string {
    const found = this.spec.presets.find(({ choices }) => {
      const wanted: Choices = { ...this.spec.start, draws: now.draws, ...choices };
      const names = new Set([...Object.keys(now), ...Object.keys(wanted)]);
      return [...names].every((name) => now[name] === wanted[name]);
    });
    return found?.name ?? "";
  }

  private arrived(side: "A" | "B", picture: Picture): void {
    const { reply, whole } = picture;
    const again = whole && this.pictures[side]?.whole && this.pictures[side]?.choices === picture.choices;
    this.pictures[side] = picture;
    if (side === "B") {
      this.frame.busy(!whole, reply.done, reply.asked);
      if (whole) this.troubles = [];
    }
    this.draw();
    if (side === "B" && whole && !again) this.announce();
    this.release();
  }

  /** Resolves once all that is on the page is in full digits, or will not be. */
  private settled(): Promise<void> {
    return new Promise((done) => {
      this.waiting.push(done);
      this.release();
    });
  }

  private release(): void {
    if (Object.values(this.pictures).every((picture) => picture.settled)) for (const done of this.waiting.splice(0)) done();
  }

  private failed(side: "A" | "B", why: string): void {
    const sentence = /[.?!]$/.test(why) ? why : `${why}.`;
    this.troubles = [this.pictures[side] ? `${sentence} The last picture stays.` : sentence];
    this.frame.busy(false);
    this.frame.ready();
    this.draw();
    for (const done of this.waiting.splice(0)) done();
  }

  /** What is on the page, A first. */
  private sides(): (Side & { reply: Reply; choices: Choices })[] {
    const found = (["A", "B"] as const).filter((name) => this.pictures[name]);
    const names = labels(this.spec, found.map((name) => this.pictures[name]!.choices));
    return found.map((name, k) => {
      const { reply, choices, settled } = this.pictures[name]!;
      const given = Object.entries(reply.doses).filter(([drug]) => !(drug in this.spec.usual));
      const watched = reply.end - Math.max(0, ...given.flatMap(([, times]) => times));
      return { name, label: names[k], headlines: settled ? reply.headlines : quick(reply.headlines), watched, reply, choices };
    });
  }

  private tell(): void {
    this.frame.trouble([...this.linked, ...this.troubles]);
  }

  private draw(): void {
    const now = this.pictures.B;
    const told = now ? [...now.reply.warnings, ...(this.pictures.A?.reply.warnings ?? [])] : [];
    this.tell();
    this.frame.warn([...new Set(told)]);
    if (!now) return;
    this.frame.ready();
    const sides = this.sides();
    const shown = this.shown(now);
    for (const panel of this.panels) panel.arrange(shown);
    const sizes = this.panels.map((panel) => panel.sizes()); // read in one go, as what is drawn makes the browser lay the page out anew
    const first = now.reply.stage === "nominal" && now.reply.asked > 1 && !this.troubles.length;
    this.panels.forEach((panel, k) => panel.show(shown, sizes[k], first));
    const last = sides[sides.length - 1];
    const kept = sides.length > 1 ? sides[0] : undefined;
    const cards = keysOf(this.spec, last, Boolean(now.choices.opioid));
    this.frame.show(
      cards.map((one) => card(this.spec, one, kept?.headlines.find((other) => other.id === one.id), now.reply.asked > 1)),
      now.whole || this.frame.isOpen ? table(this.spec, sides) : null,
      sides,
      { reply: now.reply, shown, settled: now.settled },
    );
  }

  private shown(now: Picture): Shown {
    const window = windowOf(now.choices);
    const lines: Line[] = linesOf(now.reply, window, "B", 0);
    const days = daysOf(now.reply, window.end, "B", gridOf(now.choices).daily);
    const kept = this.pictures.A;
    let whole = window.end;
    if (kept) {
      const other = windowOf(kept.choices);
      whole = Math.max(whole, other.end);
      const shift = shiftOf(window, other);
      lines.unshift(...linesOf(kept.reply, { late: window.late - shift, until: window.until - shift }, "A", shift));
      days.unshift(...daysOf(kept.reply, other.end, "A", gridOf(kept.choices).daily));
    }
    const span: [number, number] = [window.late, window.until];
    const given = Object.entries(now.reply.doses).filter(([drug]) => !(drug in this.spec.usual));
    const times = given.flatMap(([, some]) => some);
    const last = Math.max(...times.filter((t) => t <= window.end), hoursOf(String(now.choices.at ?? "00:00")));
    const { hidden } = this.history.state;
    const boxes = this.spec.panels.flatMap((panel) => panel.boxes);
    const part = boxes.filter((box) => !hidden.includes(box.id) && holds(box.when, now.choices));
    return {
      lines,
      days,
      nDays: Math.ceil(whole / DAY - 1e-9),
      span,
      long: !isWhole(window),
      doses: times,
      marks: marksOf(this.spec, now.choices, lines, last, window.late, window.end),
      chosen: new Set(part.flatMap((box) => box.variables).filter((v) => v in now.reply.curves)),
      empty: emptiness(this.spec, lines, days, now.choices),
    };
  }

  private point(moment: number | null): void {
    for (const panel of this.panels) panel.point(moment);
  }

  private announce(): void {
    const sides = this.sides();
    const side = sides[sides.length - 1];
    if (side) this.frame.announce(side, keysOf(this.spec, side, Boolean(this.history.state.now.opioid)));
  }
}

export function sayFailure(root: HTMLElement, why: string): void {
  fill(root, h("main", { class: "failure" }, h("h1", {}, "This page cannot run here"), h("p", {}, why)));
}

