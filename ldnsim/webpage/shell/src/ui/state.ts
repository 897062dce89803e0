/** What the page stands at, how it got there, and the address that says it all. */

import { checkMissed } from "./course";
import { read, Refused } from "./fields";
import { type Choices, fieldsOf, labelOf, PARAMETER, type Spec, type Value } from "./spec";

export interface State {
  now: Choices;
  /** The side that is kept to compare with. */
  kept: Choices | null;
  /** Boxes of the chain whose curves are left out. */
  hidden: string[];
}

const KEPT = "A.";
const HIDDEN = "hide";

/** States of the page, one after another, with a way back. */
export class History {
  private past: State[] = [];
  private future: State[] = [];
  private readonly listeners: (() => void)[] = [];

  constructor(public state: State) {}

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Goes to a state; one that is only passed through (a slider that moves) leaves no trace. */
  go(state: State, passing = false): void {
    if (same(state, this.state) && !this.before) return;
    if (passing) this.before ??= this.state;
    else {
      this.past.push(this.before ?? this.state);
      this.before = null;
      this.future = [];
    }
    this.state = state;
    this.tell();
  }
  private before: State | null = null;

  get canUndo(): boolean {
    return this.past.length > 0;
  }
  get canRedo(): boolean {
    return this.future.length > 0;
  }

  undo(): void {
    const last = this.past.pop();
    if (!last) return;
    this.future.push(this.state);
    this.state = last;
    this.tell();
  }

  redo(): void {
    const next = this.future.pop();
    if (!next) return;
    this.past.push(this.state);
    this.state = next;
    this.tell();
  }

  private tell(): void {
    for (const listener of this.listeners) listener();
  }
}

export function same(a: State, b: State): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** The fragment of an address: only what differs from the start. */
export function fragment(spec: Spec, state: State): string {
  const found = new URLSearchParams();
  const put = (prefix: string, choices: Choices, base: Choices): void => {
    for (const [name, value] of Object.entries(choices)) {
      if (value !== base[name]) found.set(prefix + name, String(value));
    }
  };
  put("", state.now, spec.start);
  if (state.kept) {
    put(KEPT, state.kept, spec.start);
    found.set(KEPT, "1");
  }
  if (state.hidden.length) found.set(HIDDEN, state.hidden.join(","));
  return found.toString();
}

/** The state that a fragment says, and a sentence for each part of it that could not be used. */
export function parsed(spec: Spec, text: string): { state: State; troubles: string[] } {
  const found = new URLSearchParams(text.replace(/^#/, ""));
  const troubles: string[] = [];
  const now = { ...spec.start };
  const kept = found.has(KEPT) ? { ...spec.start } : null;
  const boxes = new Set(spec.panels.flatMap((panel) => panel.boxes.map((box) => box.id)));
  const hidden = (found.get(HIDDEN) ?? "").split(",").filter((id) => boxes.has(id));
  for (const [key, value] of found) {
    if (key === HIDDEN || key === KEPT) continue;
    const [side, name] = key.startsWith(KEPT) ? [kept, key.slice(KEPT.length)] : [now, key];
    attempt(troubles, () => {
      if (side) side[name] = fromLink(spec, name, value);
    });
  }
  for (const side of [now, kept]) {
    if (side && !attempt(troubles, () => checkMissed(side, labelOf(spec, "missed")))) side.missed = spec.start.missed;
  }
  return { state: { now, kept, hidden }, troubles };
}

/** Does something, or notes why it is refused; tells whether it was done. */
function attempt(troubles: string[], act: () => void): boolean {
  try {
    act();
    return true;
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    troubles.push(`The link is not used in one place: ${error.message}.`);
    return false;
  }
}

function fromLink(spec: Spec, name: string, text: string): Value {
  if (name.startsWith(PARAMETER)) {
    const value = Number(text);
    if (text.trim() === "" || !Number.isFinite(value)) throw new Refused(`${name.slice(2)} “${text}” is no number`);
    return value;
  }
  const field = fieldsOf(spec).find((f) => f.name === name);
  if (!field) throw new Refused(`“${name}” is no control of this page`);
  return read(field, text);
}

