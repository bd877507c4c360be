// What an application pays, as its bundler would deliver it: minified, gzipped. Fails over the budget.
//   node scripts/size.mjs   (after a build)
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import * as esbuild from "esbuild";
import { entries, root } from "./package-entries.mjs";

/** Everything the main entry exports, with both builds of the kernels. */
const BUDGET = 60_000;

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;
const file = (name) => gzipped(readFileSync(join(root, "dist", name)));

async function bundled(output, external = []) {
  const { outputFiles } = await esbuild.build({
    stdin: { contents: `export * from "./dist/${output}";`, resolveDir: root },
    bundle: true,
    minify: true,
    format: "esm",
    platform: "neutral",
    target: "es2022",
    external: ["node:*", ...external],
    write: false,
  });
  return gzipped(outputFiles[0].contents);
}

const main = await bundled("index.js");
const rows = [
  ["hiddenstate, both kernels", main],
  ["  JavaScript without the kernels", await bundled("index.js", ["#kernels"])],
  ["  kernels.wasm alone", file("kernels.wasm")],
  ["  kernels.relaxed.wasm alone", file("kernels.relaxed.wasm")],
];
for (const { name, output } of entries.slice(1))
  rows.push([`${name}, without the kernels`, await bundled(output, ["#kernels"])]);

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1).padStart(7)} kB`;
for (const [name, bytes] of rows) console.log(`${kilobytes(bytes)}  ${name}`);

if (main > BUDGET) {
  console.error(`The main entry is over its budget of ${kilobytes(BUDGET).trim()}.`);
  process.exit(1);
}
