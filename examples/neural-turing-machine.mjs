// A Neural Turing Machine (Graves, Wayne & Danihelka 2014) learns to copy: it writes a sequence of bits to its memory row by row,
// and reads it back. An LSTM steers one head that writes and one that reads.
import {
  Adam,
  binaryCrossEntropyWithLogits,
  clipGradNorm,
  concat,
  exp,
  Linear,
  log,
  LSTMCell,
  manualSeed,
  matmul,
  Module,
  noGrad,
  Parameter,
  rand,
  randn,
  scope,
  sigmoid,
  softmax,
  stack,
  tanh,
  tensor,
  zeros,
} from "hiddenstate";
import { cosineSimilarity, roll, softplus } from "hiddenstate/ops";

const [BITS, ROWS, WIDTH, HIDDEN, BATCH] = [4, 10, 8, 40, 16];

/** Where a head looks: by content, moved on from where it looked before, sharpened (equations 5 to 9 of the paper). */
class Head extends Module {
  constructor() {
    super();
    this.steer = new Linear(HIDDEN, WIDTH + 6);
  }

  /** memory `[batch, rows, width]`, before `[batch, rows]` → weights `[batch, rows]` */
  forward(control, memory, before) {
    const batch = control.shape[0];
    const steer = this.steer.forward(control);
    const key = tanh(steer.slice(1, 0, WIDTH));
    const [strength, gate, sharpness] = [0, 1, 2].map((i) =>
      steer.slice(1, WIDTH + i, WIDTH + i + 1),
    );
    const shift = softmax(steer.slice(1, WIDTH + 3, WIDTH + 6), -1);
    const cosine = cosineSimilarity(memory, key.reshape([batch, 1, WIDTH]));
    const content = softmax(cosine.mul(softplus(strength)), -1);
    const g = sigmoid(gate);
    const mixed = content.mul(g).add(before.mul(g.neg().add(1)));
    const moved = [-1, 0, 1]
      .map((places, i) => roll(mixed, places, 1).mul(shift.slice(1, i, i + 1)))
      .reduce((sum, rows) => sum.add(rows));
    const sharp = exp(log(moved.add(1e-6)).mul(softplus(sharpness).add(1)));
    return sharp.div(sharp.sum(-1, true));
  }
}
class TuringMachine extends Module {
  controller = new LSTMCell(BITS + 2 + WIDTH, HIDDEN);
  reading = new Head();
  writing = new Head();
  change = new Linear(HIDDEN, 2 * WIDTH);
  head = new Linear(HIDDEN + WIDTH, BITS);
  memory = new Parameter(randn([1, ROWS, WIDTH]).mul(0.05));

  /** inputs: an array of `[batch, BITS + 2]`, one a time step → logits `[batch, BITS]` of each */
  forward(inputs) {
    const batch = inputs[0].shape[0];
    const first = tensor(
      Float32Array.from({ length: batch * ROWS }, (_, i) => +(i % ROWS === 0)),
      { shape: [batch, ROWS] },
    );
    let [state, memory, read, write] = [
      undefined,
      this.memory.add(zeros([batch, ROWS, WIDTH])),
      first,
      first,
    ];
    let seen = zeros([batch, WIDTH]);
    return inputs.map((input) => {
      state = this.controller.forward(concat([input, seen], 1), state);
      write = this.writing.forward(state.h, memory, write);
      const change = this.change.forward(state.h);
      const at = write.reshape([batch, ROWS, 1]);
      const erase = sigmoid(change.slice(1, 0, WIDTH)).reshape([batch, 1, WIDTH]);
      const add = tanh(change.slice(1, WIDTH, 2 * WIDTH)).reshape([batch, 1, WIDTH]);
      memory = memory.mul(matmul(at, erase).neg().add(1)).add(matmul(at, add));
      read = this.reading.forward(state.h, memory, read);
      seen = matmul(read.reshape([batch, 1, ROWS]), memory).reshape([batch, WIDTH]);
      return this.head.forward(concat([state.h, seen], 1));
    });
  }
}

/** Random bits, a mark before and behind them, then nothing while the machine answers. */
function task(length) {
  const bits = rand([BATCH, length, BITS])
    .toArray()
    .map((rows) => rows.map((row) => row.map((u) => +(u < 0.5))));
  const step = (row) => tensor(row);
  const mark = (start, end) => step(bits.map(() => [...Array(BITS).fill(0), start, end]));
  const given = Array.from({ length }, (_, t) => step(bits.map((rows) => [...rows[t], 0, 0])));
  const silence = Array.from({ length }, () => mark(0, 0));
  return { inputs: [mark(1, 0), ...given, mark(0, 1), ...silence], target: tensor(bits) };
}
const answersOf = (model, { inputs, target }) =>
  stack(model.forward(inputs).slice(-target.shape[1]), 1);

manualSeed(1);
const model = new TuringMachine();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });
const [lengths] = [rand([900]).data()];
for (let step = 1; step <= 900; step++)
  scope(() => {
    const copy = task(1 + Math.floor(lengths[step - 1] * 4));
    const loss = binaryCrossEntropyWithLogits(answersOf(model, copy), copy.target);
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 5);
    optimizer.step();
    if (step % 50 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(4)}`);
  });

/** The share of bits copied right. */
const accuracy = (length) =>
  scope(() =>
    noGrad(() => {
      const copy = task(length);
      const wanted = copy.target.data();
      const said = answersOf(model, copy).data();
      return said.filter((logit, i) => logit > 0 === wanted[i] > 0.5).length / wanted.length;
    }),
  );
for (const length of [2, 4, 6])
  console.log(
    `length ${length}: ${(100 * accuracy(length)).toFixed(1)} % of the bits${length > 4 ? ", longer than any it was trained on" : ""}`,
  );
if (accuracy(4) < 0.95) throw new Error("It did not learn to copy.");
