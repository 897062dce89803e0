import type { Engine, Reply, Request } from "./types";

const MOST = 4; // workers: what they share out is small

/**
 * Starts the engine in a worker, and others that help it, as far as there are processors.
 *
 * @param workerText source of the built worker (`src/engine/worker.ts`), run from a blob so that a page opened
 *   from disk needs no second file
 * @param data what `ldnsim.webpage.engine_data` returned
 * @param wasm the module that `ldnsim.webpage.wasm_of` returned
 */
export function start(workerText: string, data: { described: Engine["described"] }, wasm: ArrayBuffer): Engine {
  const url = URL.createObjectURL(new Blob([workerText], { type: "text/javascript" }));
  const worker = new Worker(url);
  const others = Array.from({ length: Math.min(MOST, navigator.hardwareConcurrency || 1) - 1 }, () => new Worker(url));
  const waiting = new Map<string, { id: number; onReply: (r: Reply) => void; onError: (why: string) => void }>();
  let last = 0;
  worker.onmessage = ({ data: message }: MessageEvent<FromWorker>) => {
    const slot = waiting.get(message.slot);
    if (slot?.id !== message.id) return; // of a request that was overtaken
    if ("error" in message) slot.onError(message.error);
    else slot.onReply(message.reply);
  };
  worker.onerror = (event) => waiting.forEach((slot) => slot.onError(event.message));
  const helpers = others.map((other) => {
    const { port1, port2 } = new MessageChannel();
    other.postMessage({ kind: "help", data, wasm, port: port1 } satisfies ToWorker, [port1]);
    return port2;
  });
  worker.postMessage({ kind: "start", data, wasm, helpers } satisfies ToWorker, helpers);
  return {
    described: data.described,
    run(slot: string, request: Request, onReply, onError) {
      waiting.set(slot, { id: ++last, onReply, onError });
      worker.postMessage({ kind: "run", slot, id: last, request } satisfies ToWorker);
    },
    cancel(slot: string) {
      waiting.delete(slot);
      worker.postMessage({ kind: "cancel", slot } satisfies ToWorker);
    },
    close() {
      for (const one of [worker, ...others]) one.terminate();
      URL.revokeObjectURL(url);
    },
  };
}

export type ToWorker =
  | { kind: "start"; data: unknown; wasm: ArrayBuffer; helpers?: MessagePort[] }
  | { kind: "help"; data: unknown; wasm: ArrayBuffer; port: MessagePort }
  | { kind: "run"; slot: string; id: number; request: Request }
  | { kind: "cancel"; slot: string };

export type FromWorker =
  | { slot: string; id: number; reply: Reply }
  | { slot: string; id: number; error: string };
