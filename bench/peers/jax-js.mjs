// jax-js on its WebAssembly device: node bench/peers/jax-js.mjs WORKLOAD.json
// It has no scan: sequences are unrolled, and the first call compiles them. An array is consumed by its use; `.ref` keeps it
// for another one. The embedding stands outside of what is compiled: the gradient of `take` does not compile, and that of a
// product with one-hot rows sums over all steps for every row and id, which takes several times as long as all the rest.
import { readFileSync } from "node:fs";
import { defaultDevice, init, jit, nn, numpy as np, tree, valueAndGrad, vjp } from "@jax-js/jax";
import { measure, readWorkload, report } from "../measure.mjs";
import { gatesOf } from "../workloads/definitions.mjs";

await init("wasm");
defaultDevice("wasm");

const workload = readWorkload();
const { kind, cell, layers = 1, batch = 1, time = 1, vocabulary, classes } = workload;
// Products use SIMD only where widths are multiples of 4: others are filled up with zeros, which remain zeros in training.
const wide = (n) => (n + 3) & -4;
const hidden = wide(workload.hidden);
const input = wide(workload.input ?? workload.hidden);

const given = (name) => {
  const { data, shape } = workload.array(name);
  return np.array(data).reshape(shape);
};
function weight(name) {
  const [rows, ...columns] = workload.array(name).shape;
  const blocks = name.startsWith("rnn") ? gatesOf[cell] : rows;
  const parts = given(name).reshape([blocks, rows / blocks, ...columns]);
  const grows = (axis) => axis > 1 || (axis === 1 && blocks < rows);
  const missing = parts.shape.map((n, axis) => [0, grows(axis) ? wide(n) - n : 0]);
  return np.pad(parts, missing).reshape([-1, ...columns.map(wide)]);
}
const weights = Object.fromEntries(
  Object.keys(workload.arrays)
    .filter((name) => /weight|bias/.test(name))
    .map((name) => [name, weight(name)]),
);

/** Columns of gate i. */
const gate = (all, i) => all.ref.slice([], [i * hidden, (i + 1) * hidden]);
const linear = (x, weight, bias) => np.matmul(x, np.transpose(weight.ref)).add(bias.ref);

/** One step of a layer; what is handed in is consumed, the weights are not. */
function step(w, layer, x, state) {
  const fromX = linear(x, w[`rnn.weight_ih_l${layer}`], w[`rnn.bias_ih_l${layer}`]);
  const fromH = linear(state.h.ref, w[`rnn.weight_hh_l${layer}`], w[`rnn.bias_hh_l${layer}`]);
  if (cell === "gru") {
    const r = nn.sigmoid(gate(fromX, 0).add(gate(fromH, 0)));
    const z = nn.sigmoid(gate(fromX, 1).add(gate(fromH, 1)));
    const n = np.tanh(gate(fromX, 2).add(r.mul(gate(fromH, 2))));
    fromX.dispose();
    fromH.dispose();
    return { h: n.ref.add(z.mul(state.h.sub(n))) };
  }
  state.h.dispose();
  const all = fromX.add(fromH);
  const [i, f, o] = [0, 1, 3].map((at) => nn.sigmoid(gate(all, at)));
  const g = np.tanh(gate(all, 2));
  all.dispose();
  const c = f.mul(state.c).add(i.mul(g));
  return { h: o.mul(np.tanh(c.ref)), c };
}

const zeros = () => {
  const state = { h: np.zeros([batch, hidden]) };
  if (cell === "lstm") state.c = np.zeros([batch, hidden]);
  return state;
};

/** Outputs of the last layer at each step. */
function run(w, x) {
  let steps = x;
  for (let layer = 0; layer < layers; layer++) {
    let state = zeros();
    steps = steps.map((at) => {
      state = step(w, layer, at, state);
      return state.h.ref;
    });
    tree.dispose(state);
  }
  return steps;
}

function stream() {
  const { data } = workload.array("x");
  const xs = Array.from({ length: 64 }, (_, t) => data.slice(t * hidden, (t + 1) * hidden));
  const next = jit((w, x, state) => {
    const result = step(w, 0, x, state);
    return result;
  });
  let [t, state] = [0, zeros()];
  const call = () => {
    state = next(tree.ref(weights), np.array(xs[t++ & 63]).reshape([1, hidden]), state);
    return state.h.ref.dataSync();
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
  const all = jit((w, source) => np.stack(run(w, np.unstack(source, 1)), 1));
  const call = () => all(tree.ref(weights), x.ref).dataSync();
  return { call, check: () => call().slice(-hidden) };
}

function training() {
  const adam = workload.optimizer === "adam";
  const [beta1, beta2] = [0.9, 0.999];
  const oneHot = (ids, count) => {
    const out = new Float32Array(ids.length * count);
    ids.forEach((id, row) => (out[row * count + id] = 1));
    return np.array(out).reshape([ids.length, count]);
  };
  const everyStep = vocabulary > 0;
  const ids = everyStep ? workload.array("ids").data : undefined;
  const wanted = everyStep
    ? oneHot(ids.subarray(1), classes)
    : oneHot(workload.array("labels").data, classes);

  const lossOf = (w, x, y) => {
    const steps = run(w, x);
    const outputs = everyStep ? np.stack(steps, 1).reshape([batch * time, hidden]) : steps.pop();
    if (!everyStep) tree.dispose(steps);
    const logits = linear(outputs, w["head.weight"], w["head.bias"]);
    tree.dispose(w);
    const sum = y.mul(nn.logSoftmax(logits, -1)).sum();
    return sum.mul(-1 / (everyStep ? batch * time : batch));
  };
  const differentiate = jit(valueAndGrad(lossOf, { argnums: everyStep ? [0, 1] : 0 }));
  const unstack = jit((x) => np.unstack(x.reshape([batch, time, input]), 1));
  const stack = jit((steps) => np.stack(steps, 1).reshape([batch * time, input]));
  const source = everyStep ? np.array(Int32Array.from(ids.subarray(0, -1))) : unstack(given("x"));

  /** The loss and the gradients of all weights, by name. */
  function gradientsOf({ "embed.weight": table, ...w }) {
    if (!everyStep) return differentiate(w, tree.ref(source), wanted.ref);
    const [x, pullBack] = vjp((all) => np.take(all, source.ref, 0), [table]);
    const [loss, [gradients, forX]] = differentiate(w, unstack(x), wanted.ref);
    const [forTable] = pullBack(stack(forX));
    pullBack.dispose();
    return [loss, { ...gradients, "embed.weight": forTable }];
  }
  const update = jit((w, gradients, moments, correction) => {
    const squares = Object.values(gradients).map((gradient) => np.square(gradient.ref).sum());
    const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
    const factor = np.minimum(np.reciprocal(norm.add(1e-6)), 1);
    const [next, nextMoments] = [{}, {}];
    for (const [name, before] of Object.entries(w)) {
      const gradient = gradients[name].mul(factor.ref);
      if (!adam) next[name] = before.sub(gradient.mul(0.1));
      else {
        const [m, v] = moments[name];
        const mNext = m.mul(beta1).add(gradient.ref.mul(1 - beta1));
        const vNext = v.mul(beta2).add(np.square(gradient).mul(1 - beta2));
        const size = np.sqrt(vNext.ref.mul(correction.ref.slice(1))).add(1e-8);
        next[name] = before.sub(mNext.ref.mul(correction.ref.slice(0)).div(size).mul(1e-3));
        nextMoments[name] = [mNext, vNext];
      }
    }
    factor.dispose();
    correction.dispose();
    return [next, nextMoments];
  });
  let [w, moments, count] = [weights, {}, 0];
  if (adam)
    for (const [name, one] of Object.entries(w))
      moments[name] = [np.zerosLike(one.ref), np.zerosLike(one.ref)];
  const call = () => {
    count++;
    const correction = np.array([1 / (1 - beta1 ** count), 1 / (1 - beta2 ** count)]);
    const [loss, gradients] = gradientsOf(tree.ref(w));
    [w, moments] = update(w, gradients, moments, correction);
    return loss.dataSync()[0];
  };
  return { call, check: () => [call(), call(), call()] };
}

const { call, check } = { stream, sequence, training }[kind]();
const begun = performance.now();
const agreed = check();
const { version } = JSON.parse(
  readFileSync(new URL("./node_modules/@jax-js/jax/package.json", import.meta.url)),
);
report({
  name: "jax-js",
  version,
  check: agreed,
  compileSeconds: (performance.now() - begun) / 1000,
  times: await measure(call),
});
