// Bundles src/ into dist/: all entries together, so that what they share (the Tensor class, the one
// memory) stands in chunks they share; the inference build's apart, in the same way; then the kernels.
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { builtinsForCommonJs } from "./builtins-for-commonjs.mjs";
import { inferenceKernels, inferenceOptions, withoutTraining } from "./inference-build.mjs";
import { deliverKernels } from "./kernel-delivery.mjs";
import { readAbi } from "./kernel-interface.mjs";
import { commands, entries, inferEntries, root } from "./package-entries.mjs";
import { licencesOf } from "./third-party-licences.mjs";

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
  define: { VERSION: JSON.stringify(version) },
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
    plugins: [builtinsForCommonJs],
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
]);

assertMethodsStandBesideTensor(api.metafile);
assertMethodsStandBesideTensor(infer.metafile);
assertForwardKernelsOnly(infer.metafile);
const bundled = [api, infer].flatMap(({ metafile }) => Object.keys(metafile.inputs));
writeFileSync(join(dist, "third-party-licences.txt"), licencesOf(bundled));

putKernelsFirst(api.metafile, "#kernels/main");
putKernelsFirst(infer.metafile, "#kernels/infer");
// A command's map is mostly of the libraries bundled into it: nobody steps through those.
for (const { output } of commands) {
  const file = join(dist, output);
  rmSync(`${file}.map`);
  writeFileSync(file, readFileSync(file, "utf8").replace(/\n\/\/# sourceMappingURL=.*\n$/, "\n"));
}

/**
 * What a file imports first stands first in an application's bundle. The kernels' text is nothing like code: in the
 * midst of it both compress worse, by half a kilobyte. (Lines stay as many, for the source maps.)
 */
function putKernelsFirst({ outputs }, kernels) {
  const importing = (path) =>
    Object.entries(outputs)
      .filter(([, { entryPoint }]) => !commands.some(({ source }) => source === entryPoint))
      .filter(([, { imports }]) => imports.some((one) => one.path === path))
      .map(([file]) => file);
  const [chunk] = importing(kernels);
  for (const [file, path] of [
    [chunk, kernels],
    ...importing(chunk).map((file) => [file, chunk.slice(chunk.lastIndexOf("/"))]),
  ]) {
    const code = readFileSync(join(root, file), "utf8");
    const end = code.search(new RegExp(`${path}";$`, "m")) + path.length + 3;
    const start = code.lastIndexOf("import ", end - 1);
    const moved = code.slice(start, end);
    writeFileSync(join(root, file), moved + code.slice(0, start) + code.slice(end));
  }
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

/** Which kernel is called where is known only when it runs; but a name that stands nowhere is not called. */
function assertForwardKernelsOnly({ outputs }) {
  const [all, forward] = ["index.ts", "infer.ts"].map((file) =>
    readAbi(join(root, "assembly", file)).map(({ name }) => name),
  );
  const missing = all.filter((name) => !forward.includes(name));
  for (const file of Object.keys(outputs).filter((name) => name.endsWith(".js"))) {
    const code = readFileSync(join(root, file), "utf8");
    const called = missing.filter((name) =>
      // By name, or by a table of names; the backward kernel that an activation names is never called.
      new RegExp(`(kernels\\(\\)|\\bk)\\.${name}\\b|"(?!\\w+Backward")${name}"`).test(code),
    );
    if (called.length > 0)
      throw new Error(`${file} calls ${called.join(", ")}: add them to assembly/infer.ts`);
  }
}
