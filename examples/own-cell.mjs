// A recurrent cell of one's own, run over sequences by scanCell: the minimal gated unit (Zhou et al. 2016), a GRU with one gate.
// It counts how many more ones than zeros a sequence holds, for sequences of different lengths.
import {
  Adam,
  concat,
  Linear,
  manualSeed,
  Module,
  mseLoss,
  rand,
  scope,
  sigmoid,
  tanh,
  tensor,
  zeros,
} from "hiddenstate";
import { scanCell } from "hiddenstate/nn";

const [HIDDEN, BATCH, TIME] = [16, 32, 20];

class MinimalGatedUnit extends Module {
  gate = new Linear(1 + HIDDEN, HIDDEN);
  candidate = new Linear(1 + HIDDEN, HIDDEN);

  /** One step: x `[batch, 1]` and h `[batch, hidden]` → the output, and the next state. */
  step(x, h = zeros([x.shape[0], HIDDEN])) {
    const f = sigmoid(this.gate.forward(concat([x, h], 1)));
    const n = tanh(this.candidate.forward(concat([x, f.mul(h)], 1)));
    const next = h.add(f.mul(n.sub(h)));
    return { output: next, state: next };
  }
}

class Counter extends Module {
  cell = new MinimalGatedUnit();
  head = new Linear(HIDDEN, 1);

  forward(x, lengths) {
    const { state } = scanCell((frame, h) => this.cell.step(frame, h), x, { lengths });
    return this.head.forward(state);
  }
}

/** Ones and minus ones, rows of different lengths, and the sum of each row over its length. */
function batch() {
  const data = rand([BATCH, TIME])
    .data()
    .map((u) => (u < 0.5 ? -1 : 1));
  const lengths = Int32Array.from(rand([BATCH]).data(), (u) => 1 + Math.floor(u * TIME));
  const sums = Float32Array.from(lengths, (length, row) =>
    data.subarray(row * TIME, row * TIME + length).reduce((sum, value) => sum + value, 0),
  );
  return {
    x: tensor(data, { shape: [BATCH, TIME, 1] }),
    lengths,
    y: tensor(sums, { shape: [BATCH, 1] }),
  };
}

manualSeed(4);
const model = new Counter();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
let error = 0;
for (let step = 1; step <= 300; step++)
  scope(() => {
    const { x, lengths, y } = batch();
    const loss = mseLoss(model.forward(x, lengths), y);
    optimizer.zeroGrad();
    loss.backward();
    optimizer.step();
    error = loss.item();
    if (step % 20 === 0) console.log(`step ${step}  squared error ${error.toFixed(3)}`);
  });
if (error > 0.3) throw new Error("It did not learn to count.");
