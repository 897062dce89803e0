// Checks the types and writes dist/: the page's script, the worker's, and the style. `npm run build` runs it.
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
execFileSync(process.execPath, [at("node_modules/typescript/bin/tsc"), "--noEmit"], { cwd: at("."), stdio: "inherit" });
await build({
  absWorkingDir: at("."),
  entryPoints: { page: "src/main.ts", worker: "src/engine/worker.ts", style: "src/style.css" },
  outdir: process.argv[2] ?? "dist",
  bundle: true,
  minify: true,
  format: "iife",
  target: ["es2022", "chrome107", "firefox104", "safari16.4"],
  charset: "utf8",
  legalComments: "none",
});
