// Workload C1, one training step: embedding 96→64, LSTM 128, linear 96, cross-entropy at every step, batch 32,
// time 64, global-norm clip, Adam.   node bench/c1.mjs [steps]
import {
  Adam,
  backend,
  clipGradNorm,
  crossEntropy,
  Embedding,
  initSync,
  Linear,
  LSTM,
  manualSeed,
  Module,
  scope,
  tensor,
} from "hiddenstate";

initSync({ build: process.env.BUILD ?? "auto" });
manualSeed(1);
class Model extends Module {
  embed = new Embedding(96, 64);
  lstm = new LSTM(64, 128);
  head = new Linear(128, 96);
}
const model = new Model();
const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
const ids = Int32Array.from({ length: 32 * 65 }, (_, i) => (i * 7919 + (i >> 3) * 31) % 96);
const step = () =>
  scope(() => {
    const x = tensor(ids.subarray(0, 2048), { shape: [32, 64] });
    const y = tensor(ids.subarray(32, 2080), { shape: [32, 64] });
    const { output } = model.lstm.forward(model.embed.forward(x));
    const loss = crossEntropy(model.head.forward(output), y);
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    return loss.item();
  });
const steps = Number(process.argv[2] ?? 100);
for (let i = 0; i < 20; i++) step();
const times = [];
let loss;
for (let i = 0; i < steps; i++) {
  const t = performance.now();
  loss = step();
  times.push(performance.now() - t);
}
times.sort((a, b) => a - b);
const flop = 3 * (2 * 32 * 64 * 4 * 128 * (64 + 128) + 2 * 32 * 64 * 128 * 96);
console.log(
  JSON.stringify({
    build: backend().build,
    loss,
    min: times[0],
    median: times[steps >> 1],
    gflops: flop / times[0] / 1e6,
  }),
);
