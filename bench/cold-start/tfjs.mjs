// As hiddenstate.mjs. node tfjs.mjs cpu|wasm
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import { layers } from "@tensorflow/tfjs-layers";

const [backend] = process.argv.slice(2);
if (backend === "wasm") {
  const { setThreadsCount, setWasmPaths } = await import("@tensorflow/tfjs-backend-wasm");
  const manifest = createRequire(import.meta.url).resolve(
    "@tensorflow/tfjs-backend-wasm/package.json",
  );
  setWasmPaths(manifest.replace("package.json", "dist/"));
  setThreadsCount(1);
} else await import("@tensorflow/tfjs-backend-cpu");
await tf.setBackend(backend);
await tf.ready();

const lstm = layers.lstm({
  units: 8,
  returnSequences: true,
  recurrentActivation: "sigmoid",
  kernelInitializer: "zeros",
  recurrentInitializer: "zeros",
  inputShape: [4, 2],
});
const x = tf.tensor([[0, 1, 2, 3].map((t) => [t, -t])]);
lstm.apply(tf.zeros([1, 4, 2]));
// Keras has one bias for the library's two.
lstm.setWeights([tf.fill([2, 32], 0.1), tf.fill([8, 32], 0.1), tf.fill([32], 0.2)]);
process.stdout.write(String(lstm.apply(x).dataSync()[31]));
