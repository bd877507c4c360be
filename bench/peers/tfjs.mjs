// TensorFlow.js on its WebAssembly backend, one thread: node bench/peers/tfjs.mjs WORKLOAD.json
// Two things it does not have are added: a kernel for UnsortedSegmentSum, without which its WebAssembly backend cannot train
// an embedding, and PyTorch's form of the GRU; that of its layers is the textbook's.
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

/** The gradient of looking up rows: adds those of `x` to the rows that `segmentIds` names. */
const unsortedSegmentSum = ({ inputs: { x, segmentIds }, attrs: { numSegments }, backend }) => {
  const out = backend.makeOutput([numSegments, ...x.shape.slice(1)], x.dtype);
  const [rows, ids, sums] = [x, segmentIds, out].map((one) => backend.typedArrayFromHeap(one));
  const width = sums.length / numSegments;
  sums.fill(0);
  for (let row = 0; row < ids.length; row++)
    for (let i = 0; i < width; i++) sums[ids[row] * width + i] += rows[row * width + i];
  return out;
};
tf.registerKernel({
  kernelName: "UnsortedSegmentSum",
  backendName: "wasm",
  kernelFunc: unsortedSegmentSum,
});

const workload = readWorkload();
const {
  kind,
  cell,
  hidden,
  input = hidden,
  layers: depth = 1,
  batch = 1,
  time = 1,
  vocabulary,
  classes,
} = workload;
const everyStep = kind === "sequence" || vocabulary > 0;

const given = (name) => {
  const { data, shape } = workload.array(name);
  return tf.tensor(data, shape);
};
const transposed = (name) => tf.transpose(given(name));

function lstm(l) {
  const layer = layers.layers.lstm({
    units: hidden,
    returnSequences: everyStep,
    recurrentActivation: "sigmoid",
    kernelInitializer: "zeros",
    recurrentInitializer: "zeros",
    inputShape: [time, l === 0 ? input : hidden],
  });
  // Applying a layer builds it; only then it has weights to set.
  layer.apply(tf.zeros([batch, time, l === 0 ? input : hidden]));
  const bias = tf.add(given(`rnn.bias_ih_l${l}`), given(`rnn.bias_hh_l${l}`));
  layer.setWeights([transposed(`rnn.weight_ih_l${l}`), transposed(`rnn.weight_hh_l${l}`), bias]);
  const step = (x, [h, c]) => layer.cell.call([x, h, c], {}).slice(1);
  return {
    apply: (x) => layer.apply(x),
    step,
    variables: layer.trainableWeights.map(({ val }) => val),
  };
}

function gru(l) {
  const variables = [
    tf.variable(transposed(`rnn.weight_ih_l${l}`)),
    tf.variable(transposed(`rnn.weight_hh_l${l}`)),
    tf.variable(given(`rnn.bias_ih_l${l}`)),
    tf.variable(given(`rnn.bias_hh_l${l}`)),
  ];
  const [ih, hh, biasIh, biasHh] = variables;
  const ofX = (x) => tf.add(tf.matMul(x, ih), biasIh);
  const next = (fromX, h) => {
    const [rx, zx, nx] = tf.split(fromX, 3, 1);
    const [rh, zh, nh] = tf.split(tf.add(tf.matMul(h, hh), biasHh), 3, 1);
    const z = tf.sigmoid(tf.add(zx, zh));
    const n = tf.tanh(tf.add(nx, tf.mul(tf.sigmoid(tf.add(rx, rh)), nh)));
    return tf.add(n, tf.mul(z, tf.sub(h, n)));
  };
  const apply = (x) => {
    const fromX = tf.reshape(ofX(tf.reshape(x, [-1, x.shape[2]])), [batch, time, 3 * hidden]);
    const outputs = [];
    for (const at of tf.unstack(fromX, 1))
      outputs.push(next(at, outputs.at(-1) ?? tf.zeros([batch, hidden])));
    return everyStep ? tf.stack(outputs, 1) : outputs.at(-1);
  };
  return { apply, step: (x, [h]) => [next(ofX(x), h)], variables };
}

const rnn = Array.from({ length: depth }, (_, l) => ({ lstm, gru })[cell](l));
const run = (x) => rnn.reduce((outputs, layer) => layer.apply(outputs), x);

function stream() {
  const { data } = workload.array("x");
  const xs = Array.from({ length: 64 }, (_, t) => data.slice(t * hidden, (t + 1) * hidden));
  let t = 0;
  let state = Array.from({ length: cell === "lstm" ? 2 : 1 }, () => tf.zeros([1, hidden]));
  const call = () => {
    const next = tf.tidy(() => rnn[0].step(tf.tensor(xs[t++ & 63], [1, hidden]), state));
    tf.dispose(state);
    state = next;
    return state[0].dataSync();
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
  const x = given("x");
  const call = () => tf.tidy(() => run(x).dataSync());
  return { call, check: () => call().slice(-hidden) };
}

function training() {
  const head = [tf.variable(transposed("head.weight")), tf.variable(given("head.bias"))];
  const table = vocabulary > 0 ? [tf.variable(given("embed.weight"))] : [];
  const ints = (data) => tf.tensor1d(data, "int32");
  const ids = vocabulary > 0 ? workload.array("ids").data : undefined;
  const source = ids ? tf.reshape(ints(ids.slice(0, -1)), [batch, time]) : given("x");
  const labels = tf.oneHot(ints(ids?.slice(1) ?? workload.array("labels").data), classes);
  const optimizer =
    workload.optimizer === "adam" ? tf.train.adam(1e-3, 0.9, 0.999, 1e-8) : tf.train.sgd(0.1);
  const variables = [...table, ...rnn.flatMap((layer) => layer.variables), ...head];
  const lossOf = () => {
    const outputs = run(ids ? tf.gather(table[0], source) : source);
    const logits = tf.add(tf.matMul(tf.reshape(outputs, [-1, hidden]), head[0]), head[1]);
    return tf.losses.softmaxCrossEntropy(labels, logits);
  };
  const call = () =>
    tf.tidy(() => {
      const { value, grads } = tf.variableGrads(lossOf, variables);
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
const name =
  kind === "training" && vocabulary > 0
    ? "tfjs-wasm (with a kernel for UnsortedSegmentSum added)"
    : "tfjs-wasm";
report({ name, version: tf.version_core, check: check(), times: await measure(call) });
