/** Asks the engine for what the page stands at: quickly while a slider moves, in full digits once it rests. */

import type { Engine, Reply, Request } from "../engine/types";
import { request } from "./course";
import type { Choices, Spec } from "./spec";

const REST = 250; // ms after the last quick answer

export interface Heard {
  /** `whole`: all that was asked for is there; `settled`: in full digits, too. */
  reply(side: "A" | "B", choices: Choices, reply: Reply, whole: boolean, settled: boolean): void;
  error(side: "A" | "B", why: string): void;
}

/** Runs of both sides; one that is overtaken is cancelled by the engine. */
export class Runs {
  private readonly timers = new Map<string, number>();
  private readonly asked = new Map<string, string>();

  constructor(
    private readonly spec: Spec,
    private readonly engine: Engine,
    private readonly heard: Heard,
  ) {}

  /** Asks for a side, unless that is what was asked last; tells whether it did. */
  ask(side: "A" | "B", choices: Choices): boolean {
    const key = JSON.stringify(choices);
    if (this.asked.get(side) === key) return false;
    this.asked.set(side, key);
    window.clearTimeout(this.timers.get(side));
    this.run(side, choices, "single");
    return true;
  }

  forget(side: "A" | "B"): void {
    window.clearTimeout(this.timers.get(side));
    if (this.asked.delete(side)) this.engine.cancel(side);
  }

  private run(side: "A" | "B", choices: Choices, precision: Request["precision"]): void {
    let wanted: Request;
    try {
      wanted = request(this.spec, this.engine.described, choices, precision, side);
    } catch (error) {
      this.heard.error(side, (error as Error).message);
      return;
    }
    const full = precision === "double" || wanted.people.kind === "nominal";
    this.engine.run(
      side,
      wanted,
      (reply) => {
        const whole = reply.stage === "final" || wanted.people.kind === "nominal";
        if (precision === "double" && !whole) return;
        this.heard.reply(side, choices, reply, whole, whole && full);
        if (!full && whole) {
          this.timers.set(side, window.setTimeout(() => this.run(side, choices, "double"), REST));
        }
      },
      (why) => {
        this.asked.delete(side);
        this.heard.error(side, why);
      },
    );
  }
}
