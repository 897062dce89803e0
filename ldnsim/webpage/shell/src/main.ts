/** Reads what Python wrote into the page, starts the engine, and shows the rest. */

import { start } from "./engine/client";
import { Page, sayFailure } from "./ui/page";
import type { Spec } from "./ui/spec";

function text(id: string): string {
  return document.getElementById(id)?.textContent ?? "";
}

function bytes(base64: string): ArrayBuffer {
  const letters = atob(base64.trim());
  const found = new Uint8Array(letters.length);
  for (let k = 0; k < letters.length; k++) found[k] = letters.charCodeAt(k);
  return found.buffer;
}

const root = document.getElementById("app")!;
try {
  if (typeof WebAssembly === "undefined") throw new Error("This browser has no WebAssembly; use one from after 2021.");
  const spec = JSON.parse(text("spec")) as Spec;
  const engine = start(text("worker"), JSON.parse(text("engine")), bytes(text("wasm")));
  new Page(spec, engine, root);
} catch (error) {
  sayFailure(root, (error as Error).message);
}
