// Nanoseconds an element of every pointwise kernel, on 4,096 elements that stay in the cache, or so many.
// node bench/kernels/functions.mjs [plain] [relaxed] [--elements 4096]
import { builds, fastest, load, printMachine } from "./lib.mjs";

const asked = process.argv.indexOf("--elements");
const n = asked < 0 ? 4096 : Number(process.argv[asked + 1]);
const CLASSES = 128;
const rows = Math.ceil(n / CLASSES);

/** Each function on memory of its own: three inputs of values in [-2, 2] and a place for the result. */
const functions = (k, { out, x, y, z, table, targets }) => ({
  add: () => k.add(out, x, y, n),
  div: () => k.div(out, x, y, n),
  axpy: () => k.axpy(out, x, n, 1e-9),
  exp: () => k.expForward(out, x, n),
  "log (of positive numbers)": () => k.logForward(out, z, n),
  sqrt: () => k.sqrtForward(out, z, n),
  sigmoid: () => k.sigmoidForward(out, x, n),
  "sigmoid, backwards": () => k.sigmoidBackward(out, x, y, n),
  tanh: () => k.tanhForward(out, x, n),
  "tanh, backwards": () => k.tanhBackward(out, x, y, n),
  relu: () => k.reluForward(out, x, n),
  gelu: () => k.rectifyForward(out, x, n, 1, 0),
  "softmax of 128": () => k.softmaxForward(out, x, rows, CLASSES, 0),
  "softmax of 128, backwards": () => k.softmaxBackward(out, x, y, rows, CLASSES),
  "log-softmax of 128": () => k.logSoftmaxForward(out, x, rows, CLASSES, 0),
  "cross-entropy of 128": () =>
    k.crossEntropyForward(y, out, x, targets, 0, rows, CLASSES, -100, 0),
  "layer norm of 128": () => k.layerNormForward(out, y, x, 0, 0, rows, CLASSES, 1e-5),
  "sum of all": () => k.sumAxis(out, x, 1, 1, n),
  uniform: () => k.uniformFill(out, n, 0, 1, 1, 2, 3, 0),
  normal: () => k.normalFill(out, n, 1, 2, 3, 0),
  dropout: () => k.dropout(out, x, n, 0.5, 2, 1, 2, 3, 0),
  "SGD with momentum": () => k.sgdStep(table, 1, 1e-9, 0.9, 0, 0, 0, 0),
  Adam: () => k.adamStep(table, 1, 1e-9, 0.9, 0.999, 1e-8, 0, 0, 0.1, 0.001, 0),
});

printMachine();
const columns = builds().map((build) => {
  const { kernels, memory, buffer } = load(build);
  const size = rows * CLASSES;
  const place = {
    out: buffer(size + rows, 2),
    x: buffer(size, 2),
    y: buffer(size, 2),
    z: buffer(size, 2),
    table: buffer(8),
    targets: buffer(rows),
  };
  const positive = new Float32Array(memory.buffer, place.z, size);
  positive.forEach((value, i) => (positive[i] = Math.abs(value) + 1e-3));
  new Int32Array(memory.buffer, place.targets, rows).fill(1);
  // One record of the optimizers' table: parameter, gradient, length, first and second moment.
  const record = [place.out, place.x, n, place.y, place.z];
  new Int32Array(memory.buffer, place.table, record.length).set(record);
  return Object.entries(functions(kernels, place)).map(([name, call]) => {
    const repeat = Math.max(1, Math.round(1e5 / n));
    const took = fastest(() => {
      for (let i = 0; i < repeat; i++) call();
    });
    return [name, took / repeat / n];
  });
});
console.log(`| ns an element | ${builds().join(" | ")} |`);
console.log(`| --- |${" --- |".repeat(columns.length)}`);
columns[0].forEach(([name], i) => {
  const times = columns.map((column) => column[i][1].toFixed(2));
  console.log(`| ${name} | ${times.join(" | ")} |`);
});
