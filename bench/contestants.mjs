// Who takes part, and how each is started: with the file of a workload as the next argument.
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fastestCore, hasPytorch, python } from "./peers/openblas.mjs";

// Node 20 has relaxed SIMD behind a flag, later ones without.
export const relaxed =
  Number(process.versions.node.split(".")[0]) < 22 ? ["--experimental-wasm-relaxed-simd"] : [];

const own = (build, flags = []) => ({
  command: [process.execPath, ...flags, "bench/hiddenstate.mjs"],
  args: [build],
  missing: () => undefined,
});
const npm = (file, packageName, more) => ({
  command: [process.execPath, `bench/peers/${file}.mjs`],
  missing: (folder) =>
    existsSync(join(folder, "peers/node_modules", packageName))
      ? undefined
      : "npm run bench -- --install",
  ...more,
});
const trains = ({ kind }) => kind === "training";

export const contestants = {
  plain: own("plain"),
  relaxed: own("relaxed", relaxed),
  pytorch: {
    command: [python, "bench/peers/pytorch.py"],
    missing: () => (hasPytorch() ? undefined : "install Debian's python3-torch"),
    prepare: fastestCore,
  },
  "onnxruntime-node": npm("onnxruntime", "onnxruntime-node", { args: ["node"], cannot: trains }),
  "onnxruntime-web": npm("onnxruntime", "onnxruntime-web", { args: ["web"], cannot: trains }),
  // With a kernel of ours for UnsortedSegmentSum, without which it trains no embedding. Three steps of C6 took it more than
  // five minutes.
  "tfjs-wasm": npm("tfjs", "@tensorflow/tfjs-core", {
    cannot: ({ kind, hidden }) => kind === "training" && hidden > 500,
  }),
  // Unrolled: before its first step C6 compiles for one to two minutes.
  "jax-js": npm("jax-js", "@jax-js/jax"),
};
