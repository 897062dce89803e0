/** The other end of a `Helper`: computes blocks for the worker that answers. */

import { curveOf } from "./quantiles";
import type { FromHelper, ToHelper } from "./sharing";
import type { Solver } from "./solving";
import type { Bench } from "./study";
import { Turns } from "./turns";
import type { Request } from "./types";

type Wanted = Exclude<ToHelper, { kind: "close" }>;

interface Open {
  request: Request;
  solver?: Solver;
}

export function help(bench: Bench, port: MessagePort): void {
  const open = new Map<number, Open>();
  let urgent: Wanted[] = []; // with these an answer is there
  let wanted: Wanted[] = [];
  const send = (message: FromHelper, moved: Transferable[] = []) => port.postMessage(message, moved);

  const turns = new Turns(() => {
    const next = urgent.shift() ?? wanted.shift();
    const job = next && open.get(next.id);
    if (job) compute(job, next);
    return urgent.length + wanted.length > 0;
  });

  function compute(job: Open, message: Wanted): void {
    const { id } = message;
    try {
      if (message.kind === "band") {
        const { k, round, rows } = message;
        const { numbers } = rows;
        return send({ kind: "band", id, k, round, curve: curveOf(rows), numbers }, [numbers.buffer]);
      }
      job.solver ??= bench.solver(job.request); // while the nominal subject is run elsewhere
      if (message.kind === "open") return;
      const { k, grain } = message;
      const block = job.solver.block(k, grain);
      send({ kind: "block", id, k, grain, block }, [block.courses.buffer]);
    } catch (error) {
      send({ kind: "failed", id, error: error instanceof Error ? error.message : String(error) });
    }
  }

  port.onmessage = ({ data: message }: MessageEvent<ToHelper>) => {
    if (message.kind === "close") {
      open.delete(message.id);
      [urgent, wanted] = [urgent, wanted].map((some) => some.filter(({ id }) => id !== message.id));
      return;
    }
    if (message.kind === "open") open.set(message.id, { request: message.request });
    (message.kind === "band" ? urgent : wanted).push(message);
    turns.wake();
  };
  send({ kind: "ready" });
}
