/** The other end of a `Helper`: computes blocks for the worker that answers. */

import type { FromHelper, ToHelper } from "./sharing";
import type { Solver } from "./solving";
import type { Bench } from "./study";
import { Turns } from "./turns";
import type { Request } from "./types";

interface Open {
  request: Request;
  solver?: Solver;
}

export function help(bench: Bench, port: MessagePort): void {
  const open = new Map<number, Open>();
  let wanted: Exclude<ToHelper, { kind: "close" }>[] = [];
  const send = (message: FromHelper, moved: Transferable[] = []) => port.postMessage(message, moved);

  const turns = new Turns(() => {
    const next = wanted.shift();
    const job = next && open.get(next.id);
    if (job) compute(job, next);
    return wanted.length > 0;
  });

  function compute(job: Open, message: Exclude<ToHelper, { kind: "close" }>): void {
    const { id } = message;
    try {
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
      wanted = wanted.filter(({ id }) => id !== message.id);
      return;
    }
    if (message.kind === "open") open.set(message.id, { request: message.request });
    wanted.push(message);
    turns.wake();
  };
  send({ kind: "ready" });
}
