/** The engine's worker: one request of each slot at a time; a newer one takes the place of the older. */

import type { FromWorker, ToWorker } from "./client";
import type { Data } from "./data";
import { Bench } from "./study";
import type { Reply } from "./types";

interface Job {
  id: number;
  replies: Generator<Reply | null, void>;
}

const jobs = new Map<string, Job>();
const tick = new MessageChannel();
let bench: Bench | null = null;
let running = false;

const send = (message: FromWorker) => (self as unknown as Worker).postMessage(message);

self.onmessage = ({ data: message }: MessageEvent<ToWorker>) => {
  if (message.kind === "start") bench = new Bench(message.data as Data, message.wasm);
  else if (message.kind === "cancel") jobs.delete(message.slot);
  else {
    attempt(message.slot, message.id, () => {
      if (!bench) throw new Error("the engine was not started");
      jobs.set(message.slot, { id: message.id, replies: bench.run(message.request) });
    });
    if (!running) wake();
  }
};

/** Goes on after messages that wait have been read, so that what is no longer wanted is not computed. */
function wake(): void {
  running = jobs.size > 0;
  if (running) tick.port2.postMessage(null);
}

tick.port1.onmessage = () => {
  const [next] = jobs;
  if (next) {
    const [slot, job] = next;
    jobs.delete(slot); // to the end of the queue, so that two slots take turns
    attempt(slot, job.id, () => {
      const { done, value } = job.replies.next();
      if (value) send({ slot, id: job.id, reply: value });
      if (!done) jobs.set(slot, job);
    });
  }
  wake();
};

function attempt(slot: string, id: number, act: () => void): void {
  try {
    act();
  } catch (error) {
    jobs.delete(slot);
    send({ slot, id, error: error instanceof Error ? error.message : String(error) });
  }
}
