// Bundles src/ into dist/: all entries together, so that what they share (the Tensor class, the one
// memory) stands in chunks they share; then the files that `#kernels` resolves to, and the kernels.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as esbuild from "esbuild";
import { builtinsForCommonJs } from "./builtins-for-commonjs.mjs";
import { commands, entries, root } from "./package-entries.mjs";
import { licencesOf } from "./third-party-licences.mjs";

const dist = join(root, "dist");

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
  metafile: true,
  logLevel: "warning",
};

rmSync(join(dist, "chunks"), { recursive: true, force: true });
mkdirSync(dist, { recursive: true });

const [api, inlined] = await Promise.all([
  esbuild.build({
    ...common,
    entryPoints: [...entries, ...commands].map(({ source }) => source),
    splitting: true,
    chunkNames: "chunks/[name]-[hash]",
    external: ["#kernels", "node:*"],
    plugins: [builtinsForCommonJs],
    sourcemap: "linked",
  }),
  esbuild.build({
    ...common,
    entryPoints: { kernels: "src/wasm/delivery/inlined.ts" },
  }),
  // Their static imports stay: the platform's bundler turns them into compiled modules.
  esbuild.build({
    ...common,
    entryPoints: {
      "kernels.workerd": "src/wasm/delivery/workerd.ts",
      "kernels.edge-light": "src/wasm/delivery/edge-light.ts",
    },
    external: ["*.wasm", "*.wasm?module"],
  }),
]);

for (const file of ["kernels.wasm", "kernels.relaxed.wasm"])
  copyFileSync(join(root, "build", file), join(dist, file));

assertMethodsStandBesideTensor(api.metafile);
const bundled = [api, inlined].flatMap(({ metafile }) => Object.keys(metafile.inputs));
writeFileSync(join(dist, "third-party-licences.txt"), licencesOf(bundled));

putKernelsFirst(api.metafile);
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
function putKernelsFirst({ outputs }) {
  const importing = (path) =>
    Object.entries(outputs)
      .filter(([, { entryPoint }]) => !commands.some(({ source }) => source === entryPoint))
      .filter(([, { imports }]) => imports.some((one) => one.path === path))
      .map(([file]) => file);
  const [chunk] = importing("#kernels");
  for (const [file, path] of [
    [chunk, "#kernels"],
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
