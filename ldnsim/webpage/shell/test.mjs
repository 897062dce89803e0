// Runs the tests of the page's modules in Node: `npm test`.
import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL("test", import.meta.url));
const folder = mkdtempSync(join(tmpdir(), "ldnsim-shell-"));
try {
  const names = readdirSync(here).filter((name) => name.endsWith(".test.ts"));
  const entryPoints = names.map((name) => join(here, name));
  await build({ entryPoints, outdir: folder, outExtension: { ".js": ".mjs" }, bundle: true, platform: "node", format: "esm" });
  const files = names.map((name) => join(folder, name.replace(/\.ts$/, ".mjs")));
  process.exitCode = spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1;
} finally {
  rmSync(folder, { recursive: true });
}
