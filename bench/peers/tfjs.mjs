// TensorFlow.js on its WebAssembly backend, one thread: node bench/peers/tfjs.mjs WORKLOAD.json
// Streaming and sequences of an LSTM; its GRU has the textbook form only, and its WebAssembly backend cannot train an
// embedding (no kernel for UnsortedSegmentSum), so of the training steps only the classifier of features is left.
import { createRequire } from "node:module";
import * as tf from "@tensorflow/tfjs-core";
import * as layers from "@tensorflow/tfjs-layers";
import { setThreadsCount, setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { measure, readWorkload, report } from "../measure.mjs";

const require = createRequire(import.meta.url);
setWasmPaths(
  require.resolve("@tensorflow/tfjs-backend-wasm/package.json").replace("package.json", "dist/"),
);
setThreadsCount(1);
await tf.setBackend("wasm");
await tf.ready();

const workload = readWorkload();
const { kind, hidden, input = hidden, batch = 1, time = 1, classes } = workload;

const transposed = (name) => {
  const { data, shape } = workload.array(name);
  return tf.transpose(tf.tensor(data, shape));
};
const bias = () =>
  tf.add(
    tf.tensor(workload.array("rnn.bias_ih_l0").data),
    tf.tensor(workload.array("rnn.bias_hh_l0").data),
  );
const rnn = layers.layers.lstm({
  units: hidden,
  returnSequences: kind === "sequence",
  recurrentActivation: "sigmoid",
  kernelInitializer: "zeros",
  recurrentInitializer: "zeros",
  inputShape: [time, input],
});
// Applying a layer builds it; only then it has weights to set.
rnn.apply(tf.zeros([batch, time, input]));
rnn.setWeights([transposed("rnn.weight_ih_l0"), transposed("rnn.weight_hh_l0"), bias()]);

function stream() {
  const { data } = workload.array("x");
  const cell = rnn.cell;
  const xs = Array.from({ length: 64 }, (_, t) => data.slice(t * hidden, (t + 1) * hidden));
  let [t, h, c] = [0, tf.zeros([1, hidden]), tf.zeros([1, hidden])];
  const call = () => {
    const [next, nextC] = tf.tidy(() => {
      const [, hNext, cNext] = cell.call([tf.tensor(xs[t++ & 63], [1, hidden]), h, c], {});
      return [hNext, cNext];
    });
    h.dispose();
    c.dispose();
    [h, c] = [next, nextC];
    return h.dataSync();
  };
  return {
    call,
    check() {
      for (let i = 0; i < 63; i++) call();
      return call();
    },
  };
}

function sequence() {
  const { data, shape } = workload.array("x");
  const x = tf.tensor(data, shape);
  const call = () => tf.tidy(() => rnn.apply(x).dataSync());
  return { call, check: () => call().slice(-hidden) };
}

function training() {
  const head = layers.layers.dense({
    units: classes,
    inputShape: [hidden],
    kernelInitializer: "zeros",
  });
  head.apply(tf.zeros([batch, hidden]));
  head.setWeights([transposed("head.weight"), tf.tensor(workload.array("head.bias").data)]);
  const { data, shape } = workload.array("x");
  const x = tf.tensor(data, shape);
  const labels = tf.oneHot(tf.tensor1d(workload.array("labels").data, "int32"), classes);
  const optimizer = tf.train.adam(1e-3, 0.9, 0.999, 1e-8);
  const variables = [...rnn.trainableWeights, ...head.trainableWeights].map((weight) => weight.val);
  const call = () =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(
        () => tf.losses.softmaxCrossEntropy(labels, head.apply(rnn.apply(x))),
        variables,
      );
      const norm = tf.sqrt(tf.addN(Object.values(grads).map((grad) => tf.sum(tf.square(grad)))));
      const factor = tf.minimum(tf.div(1, tf.add(norm, 1e-6)), 1);
      optimizer.applyGradients(
        Object.fromEntries(
          Object.entries(grads).map(([name, grad]) => [name, tf.mul(grad, factor)]),
        ),
      );
      return value.dataSync()[0];
    });
  return { call, check: () => [call(), call(), call()] };
}

const { call, check } = { stream, sequence, training }[kind]();
report({ name: "tfjs-wasm", version: tf.version_core, check: check(), times: await measure(call) });
