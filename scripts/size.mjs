// What an application pays, as its bundler would deliver it: minified, gzipped. Fails over the budget.
//   node scripts/size.mjs   (after a build)
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { readFileSync } from "node:fs";
import * as esbuild from "esbuild";
import { entries, oneFile, root } from "./package-entries.mjs";

/** Everything the main entry exports, with both builds of the kernels. */
const MAIN_BUDGET = 60_000;
/** An application that loads a model file into an LSTM with a linear layer behind, with the kernels. */
const INFER_BUDGET = 32_300;
/** What `hiddenstate/onnx` adds to an application that has the main entry, all operators among it; kernels are everyone's. */
const ONNX_BUDGET = 70_000;
const ONE_LSTM = 'export { LSTM, Linear, loadSafetensors, tensor } from "./dist/infer/index.js";';

const gzipped = (bytes) => gzipSync(bytes, { level: 9 }).length;
const file = (name) => gzipped(readFileSync(join(root, "dist", name)));

const everything = (output) => `export * from "./dist/${output}";`;

async function bundled(contents, external = []) {
  const { outputFiles } = await esbuild.build({
    stdin: { contents, resolveDir: root },
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

const kernels = ["#kernels/*"];
const main = await bundled(everything("index.js"));
const infer = await bundled(ONE_LSTM);
const withOnnx = `${everything("index.js")}\n${everything("onnx/index.js")}`;
const [mainAlone, both] = [
  await bundled(everything("index.js"), kernels),
  await bundled(withOnnx, kernels),
];
const onnx = both - mainAlone;
const rows = [
  ["hiddenstate, both kernels", main],
  ["  JavaScript without the kernels", mainAlone],
  ["  kernels.wasm alone", file("kernels/main.wasm")],
  ["  kernels.relaxed.wasm alone", file("kernels/main.relaxed.wasm")],
  ["hiddenstate/infer, one LSTM, its kernels", infer],
  ["  JavaScript without the kernels", await bundled(ONE_LSTM, kernels)],
  ["  infer/kernels.wasm alone", file("kernels/infer.wasm")],
  [`${oneFile.output}, everything, all kernels`, file(oneFile.output)],
];
rows.push(["hiddenstate/onnx beside the main entry, without the kernels", onnx]);
for (const { name, output } of entries.slice(1))
  rows.push([`${name}, without the kernels`, await bundled(everything(output), kernels)]);

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1).padStart(7)} kB`;
for (const [name, bytes] of rows) console.log(`${kilobytes(bytes)}  ${name}`);

for (const [what, bytes, budget] of [
  ["The main entry", main, MAIN_BUDGET],
  ["One LSTM of hiddenstate/infer", infer, INFER_BUDGET],
  ["hiddenstate/onnx beside the main entry", onnx, ONNX_BUDGET],
]) {
  if (bytes <= budget) continue;
  console.error(`${what} has ${bytes} bytes, over its budget of ${kilobytes(budget).trim()}.`);
  process.exitCode = 1;
}
