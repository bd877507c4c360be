// Workload C1, one training step, beside the ceiling of the same run: embedding 96→64, LSTM 128, linear 96,
// cross-entropy at every step, batch 32, time 64, clipping by norm, Adam.
//   node bench/workloads/c1.mjs [plain | relaxed]
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
import { ceiling, printMachine } from "../kernels/lib.mjs";

const [BATCH, TIME, TOKENS, EMBEDDING, HIDDEN] = [32, 64, 96, 64, 128];
const WARM_UP = 20;
const STEPS = 100;

initSync({ build: process.argv[2] ?? "auto" });
manualSeed(1);

class Model extends Module {
  embed = new Embedding(TOKENS, EMBEDDING);
  lstm = new LSTM(EMBEDDING, HIDDEN);
  head = new Linear(HIDDEN, TOKENS);
}
const model = new Model();
const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
const ids = Int32Array.from(
  { length: BATCH * TIME + 1 },
  (_, i) => (i * 7919 + (i >> 3) * 31) % TOKENS,
);

function step() {
  return scope(() => {
    const input = tensor(ids.subarray(0, -1), { shape: [BATCH, TIME] });
    const target = tensor(ids.subarray(1), { shape: [BATCH, TIME] });
    const { output } = model.lstm.forward(model.embed.forward(input));
    const loss = crossEntropy(model.head.forward(output), target);
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    return loss.item();
  });
}

for (let i = 0; i < WARM_UP; i++) step();
const times = Array.from({ length: STEPS }, () => {
  const start = performance.now();
  step();
  return performance.now() - start;
}).sort((a, b) => a - b);

// Matrix products only, backward counted as two forwards.
const rows = BATCH * TIME;
const flop = 3 * 2 * rows * (4 * HIDDEN * (EMBEDDING + HIDDEN) + HIDDEN * TOKENS);
const { build } = backend();
const top = ceiling(build);
const rate = flop / times[0] / 1e6;
printMachine();
console.log(
  `C1, ${build}: ${times[0].toFixed(1)} ms a step (median ${times[STEPS / 2].toFixed(1)}), ` +
    `${rate.toFixed(1)} GFLOP/s, ${((100 * rate) / top).toFixed(0)} % of the ceiling ${top.toFixed(1)}`,
);
