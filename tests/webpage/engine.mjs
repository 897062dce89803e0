// Runs the built worker outside a browser: `node engine.mjs job.json` writes the answers to the job's requests into its file `out`.
import { readFileSync, writeFileSync } from "node:fs";

const job = JSON.parse(readFileSync(process.argv[2], "utf8"));
const answers = job.requests.map(() => ({ replies: [] }));
let left = answers.length;

const plain = (_, x) =>
  x instanceof Float64Array ? Array.from(x) : typeof x === "number" && !Number.isFinite(x) ? null : x;

globalThis.self = {
  postMessage({ slot, reply, error }) {
    const answer = answers[Number(slot)];
    if (error) answer.error = error;
    else answer.replies.push(reply);
    if (error || reply.stage === "final" || (reply.stage === "nominal" && reply.asked === 0)) left -= 1;
    if (!left) {
      writeFileSync(job.out, JSON.stringify(answers, plain));
      process.exit(0);
    }
  },
};
(0, eval)(readFileSync(job.worker, "utf8"));
const wasm = readFileSync(job.wasm);
self.onmessage({ data: { kind: "start", data: JSON.parse(readFileSync(job.data, "utf8")), wasm } });
job.requests.forEach((request, k) => self.onmessage({ data: { kind: "run", slot: String(k), id: k, request } }));
