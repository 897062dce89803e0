// Answers requests by the built worker alone, then with helpers in threads of their own: `node shared.mjs job.json` writes the
// final replies to the last request into the job's file `out`.
import { readFileSync, writeFileSync } from "node:fs";
import { Worker } from "node:worker_threads";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const data = JSON.parse(readFileSync(job.data, "utf8"));
const wasm = readFileSync(job.wasm);
// What a browser's worker finds around it, where turns come after messages that wait (Node would take all turns at once);
// it tells of each block that it gives to another worker, how finely the newest request's were asked of it, and whether a reply
// or a block is of a request older than the newest it knows.
const around = `
  const { parentPort } = require("node:worker_threads");
  globalThis.MessageChannel = class {
    port1 = {};
    port2 = { postMessage: () => setImmediate(() => this.port1.onmessage()) };
  };
  let newest = -1;
  let grains = new Set();
  globalThis.self = { postMessage: (message) => parentPort.postMessage({ ...message, late: message.id !== newest }) };
  parentPort.on("message", (message) => {
    const { port } = message;
    const send = port?.postMessage.bind(port);
    if (message.kind === "run") newest = message.id;
    if (port) {
      port.on("message", ({ kind, id, grain }) => {
        if (kind === "open") [newest, grains] = [id, new Set()];
        if (kind === "block") grains.add(grain.rtol);
      });
      port.postMessage = (told, moved) => {
        if (told.kind !== "failed") parentPort.postMessage({ helped: told.kind, of: told.id, grains: grains.size, late: told.kind === "block" && told.id !== newest });
        send(told, moved);
      };
    }
    self.onmessage({ data: message });
  });`;

/** A worker in a thread of its own; what it tells goes to `hear`. */
function started(hear) {
  const worker = new Worker(around + readFileSync(job.worker, "utf8"), { eval: true });
  worker.on("message", hear);
  worker.on("error", (error) => {
    throw error;
  });
  return worker;
}

/**
 * Answers all requests in one slot. Each but the last is overtaken at work: once a helper told of a block of it, or, of a worker
 * alone, with its first reply. `overtaken` counts the requests whose next was asked for because of a helper's block, `grains` how finely, in turn, the last's
 * were asked of helpers.
 */
async function answered(count) {
  const found = { reply: null, helped: 0, late: 0, overtaken: 0, grains: 0 };
  const last = job.requests.length - 1;
  let asked = -1;
  let leader = null;
  const ask = () => leader.postMessage({ kind: "run", slot: "B", id: ++asked, request: job.requests[asked] });
  const helped = ({ of, grains, late }) => {
    found.helped++;
    if (of === job.requests.length) found.grains = Math.max(found.grains, grains); // the leader counts from 1
    found.late += late;
    if (of !== asked + 1 || asked === last) return;
    found.overtaken++;
    ask();
  };
  const ports = []; // of helpers that are there
  for (let k = 0; k < count; k++) {
    const { port1, port2 } = new MessageChannel();
    ports.push(port2);
    await new Promise((ready) => {
      const helper = started((told) => (told.helped === "ready" ? ready() : helped(told)));
      helper.postMessage({ kind: "help", data, wasm, port: port1 }, [port1]);
    });
  }
  await new Promise((done) => {
    leader = started((message) => {
      if (message.error) throw new Error(message.error);
      found.late += message.late;
      const isFinal = message.reply.stage === "final";
      if (message.id === last) return isFinal && done((found.reply = message.reply));
      if (message.id === asked && (!count || isFinal)) ask();
    });
    leader.postMessage({ kind: "start", data, wasm, helpers: ports }, ports);
    setTimeout(ask, 200);
  });
  return found;
}

const plain = (_, x) => (x instanceof Float64Array ? Array.from(x) : typeof x === "number" && !Number.isFinite(x) ? null : x);
const found = [];
for (const count of [0, 1, 3])
  for (let k = 0; k < 20; k++) {
    found.push(await answered(count));
    const { helped, overtaken } = found.at(-1);
    if (!count || (helped && overtaken === job.requests.length - 1)) break; // on a busy machine a helper may come too late
  }
writeFileSync(job.out, JSON.stringify(found, plain));
process.exit(0);
