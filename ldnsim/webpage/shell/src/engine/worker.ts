/** The engine's worker: one request of each slot at a time; a newer one takes the place of the older. */

import type { FromWorker, ToWorker } from "./client";
import type { Data } from "./data";
import { help } from "./helping";
import { Helper } from "./sharing";
import { Bench } from "./study";
import { Turns } from "./turns";
import type { Reply } from "./types";

interface Job {
  id: number;
  replies: Generator<Reply | null, void>;
}

const jobs = new Map<string, Job>();
const turns = new Turns(next);
let helpers: Helper[] = [];
let bench: Bench | null = null;

const send = (message: FromWorker) => (self as unknown as Worker).postMessage(message);

self.onmessage = ({ data: message }: MessageEvent<ToWorker>) => {
  if (message.kind === "help") help(new Bench(message.data as Data, message.wasm), message.port);
  else if (message.kind === "start") {
    helpers = (message.helpers ?? []).map((port) => new Helper(port));
    bench = new Bench(message.data as Data, message.wasm);
  } else {
    drop(message.slot);
    if (message.kind === "run")
      attempt(message.slot, message.id, () => {
        if (!bench) throw new Error("the engine was not started");
        jobs.set(message.slot, { id: message.id, replies: bench.run(message.request, helpers) });
      });
    turns.wake();
  }
};

function drop(slot: string): void {
  jobs.get(slot)?.replies.return();
  jobs.delete(slot);
}

/** Takes a turn for the slot that waited longest; false where none waits. */
function next(): boolean {
  const [first] = jobs;
  if (!first) return false;
  const [slot, job] = first;
  jobs.delete(slot); // to the end of the queue, so that two slots take turns
  attempt(slot, job.id, () => {
    const { done, value } = job.replies.next();
    if (value) send({ slot, id: job.id, reply: value });
    if (!done) jobs.set(slot, job);
  });
  return jobs.size > 0;
}

function attempt(slot: string, id: number, act: () => void): void {
  try {
    act();
  } catch (error) {
    jobs.delete(slot);
    send({ slot, id, error: error instanceof Error ? error.message : String(error) });
  }
}
