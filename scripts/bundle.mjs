// Bundles src/ into dist/: all entries together, so that what they share (the Tensor class, the one
// memory) stands in chunks they share; the inference build's apart, in the same way; the kernels; and the one file.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import * as esbuild from "esbuild";
import { builtinsForCommonJs } from "./builtins-for-commonjs.mjs";
import { inferenceKernels, inferenceOptions, withoutTraining } from "./inference-build.mjs";
import { deliverKernels } from "./kernel-delivery.mjs";
import { kernelAliases } from "./kernel-modules.mjs";
import { lazyTextCoders } from "./lazy-text-coders.mjs";
import { commands, entries, inferEntries, oneFile, root } from "./package-entries.mjs";
import { licencesOf } from "./third-party-licences.mjs";
import { withoutWorkers } from "./without-workers.mjs";
import { trimmedLoader } from "./trimmed-loader.mjs";

const dist = join(root, "dist");
const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));

/** @type {esbuild.BuildOptions} */
const common = {
  absWorkingDir: root,
  outbase: "src",
  outdir: "dist",
  bundle: true,
  format: "esm",
  platform: "neutral",
  mainFields: ["module", "main"],
  // Its build for browsers: the other asks for Node's streams.
  alias: { papaparse: "papaparse/papaparse.min.js" },
  // Not newer: esbuild would write Uint8Array.fromBase64, which Node 20 lacks.
  target: "es2022",
  // Not minified: esbuild would drop the purity marks by which bundlers leave out what is unused.
  legalComments: "none",
  define: { VERSION: JSON.stringify(version), TRAINING: "true" },
  metafile: true,
  logLevel: "warning",
};

for (const folder of ["chunks", "infer", "kernels"])
  rmSync(join(dist, folder), { recursive: true, force: true });

const mainEntries = entries.filter((entry) => !inferEntries.includes(entry));
const [api, infer] = await Promise.all([
  esbuild.build({
    ...common,
    entryPoints: [...mainEntries, ...commands].map(({ source }) => source),
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    external: ["#kernels/*", "node:*"],
    plugins: [builtinsForCommonJs, trimmedLoader, lazyTextCoders],
    sourcemap: "linked",
  }),
  esbuild.build({
    ...common,
    ...inferenceOptions,
    entryPoints: inferEntries.map(({ source }) => source),
    splitting: true,
    chunkNames: "infer/chunks/[name]-[hash]",
    alias: inferenceKernels,
    external: ["#kernels/*"],
    // No source maps: what is bundled are not the sources, and those are in the maps of the main entries.
    plugins: [withoutTraining],
  }),
  deliverKernels(common),
  // For pages without a bundler: minified, since nothing shakes it, and with the kernels in it.
  esbuild.build({
    ...common,
    stdin: {
      contents: oneFile.entries.map(({ source }) => `export * from "./${source}";`).join("\n"),
      resolveDir: root,
    },
    outdir: undefined,
    outfile: `dist/${oneFile.output}`,
    alias: kernelAliases,
    plugins: [trimmedLoader, lazyTextCoders, withoutWorkers],
    minify: true,
    // Modules and errors print the names of their classes.
    keepNames: true,
  }),
]);

for (const { outputs } of [api.metafile, infer.metafile]) {
  const files = Object.keys(outputs).filter((file) => file.endsWith(".js"));
  const holders = files.filter(kernelsFirst).map((file) => basename(file));
  for (const file of files) importsFirst(file, holders);
}

assertMethodsStandBesideTensor(api.metafile);
assertMethodsStandBesideTensor(infer.metafile);
assertForwardOnly(infer.metafile);
const bundled = [api, infer].flatMap(({ metafile }) => Object.keys(metafile.inputs));
writeFileSync(join(dist, "third-party-licences.txt"), licencesOf(bundled));

// A command's map is mostly of the libraries bundled into it: nobody steps through those. The operators of ONNX are many, and errors
// name the node.
for (const source of ["src/cli/main.ts", "src/cli/program.ts", "src/onnx/graph.ts"]) {
  const [output] = Object.entries(api.metafile.outputs).find(
    ([name, { inputs }]) => name.endsWith(".js") && source in inputs,
  );
  const file = join(root, output);
  rmSync(`${file}.map`);
  writeFileSync(file, readFileSync(file, "utf8").replace(/\n\/\/# sourceMappingURL=.*\n$/, "\n"));
}

/**
 * Imports the kernels before anything else of a chunk. Their text is longer than deflate's window: amid an application's code
 * it would cut what is the same before and behind it, half a kilobyte. As many lines as before: source maps stay right.
 */
function kernelsFirst(output) {
  return moveToFront(output, /^import \{[^}]*\} from "#kernels\/(?:main|infer)";\n/m);
}

/** In an entry that imports a chunk with the kernels, that chunk comes first. */
function importsFirst(output, chunks) {
  // Its first line says what runs it.
  if (commands.some((command) => output.endsWith(`/${command.output}`))) return;
  for (const chunk of chunks)
    moveToFront(output, new RegExp(`^import (?:\\{[^}]*\\} from )?"[^"]*/${chunk}";\\n`, "m"));
}

/** Whether there is such a line. */
function moveToFront(output, pattern) {
  const file = join(root, output);
  const text = readFileSync(file, "utf8");
  const [line] = pattern.exec(text) ?? [];
  if (line) writeFileSync(file, line + text.replace(line, ""));
  return line !== undefined;
}

/**
 * The table behind Tensor's methods is filled by a side effect. It must run with whatever loads the
 * class, also where a bundler skips entries of which it needs one export.
 */
function assertMethodsStandBesideTensor({ outputs }) {
  for (const [file, { inputs }] of Object.entries(outputs))
    if ("src/tensor/tensor.ts" in inputs && !("src/ops/methods.ts" in inputs))
      throw new Error(
        `${file} holds Tensor without ops/methods.ts: an entry that reaches Tensor does not import it`,
      );
}

/**
 * The kernels that only training calls are reached through one file (the compiler keeps others from them): the inference
 * build's kernels have none of them, so nothing of that file may be left in it.
 */
function assertForwardOnly({ outputs }) {
  const accessor = "src/wasm/training-kernels.ts";
  for (const [file, { inputs }] of Object.entries(outputs))
    if (inputs[accessor]?.bytesInOutput > 0)
      throw new Error(
        `${file} calls kernels that only train: guard what asks ${accessor} by TRAINING`,
      );
}
