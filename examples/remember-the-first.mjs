// An LSTM reads a sequence of symbols and must say which one stood at its beginning. What it needs
// is a memory that twenty distractors do not wash out.
import {
  Adam,
  argmax,
  clipGradNorm,
  crossEntropy,
  Embedding,
  Linear,
  LSTM,
  manualSeed,
  Module,
  noGrad,
  rand,
  scope,
} from "hiddenstate";

const SYMBOLS = 6;
const LENGTH = 21;
const BATCH = 32;
const HIDDEN = 32;

class FirstSymbol extends Module {
  embedding = new Embedding(SYMBOLS, 8);
  lstm = new LSTM(8, HIDDEN);
  head = new Linear(HIDDEN, SYMBOLS);

  constructor() {
    super();
    // Forget gates (the second of i, f, g, o) begin open, so that the gradient reaches the first step
    // (Gers et al. 2000). With biases round zero nothing is learned here: try it.
    const gate = (_, row) => (row >= HIDDEN && row < 2 * HIDDEN ? 3 : 0);
    this.lstm.bias_hh_l0.set(Float32Array.from({ length: 4 * HIDDEN }, gate));
  }

  /** ids `[batch, time]` → logits `[batch, symbols]` */
  forward(ids) {
    const { state } = this.lstm.forward(this.embedding.forward(ids));
    return this.head.forward(state.h.reshape([ids.shape[0], HIDDEN]));
  }
}

/** Random sequences, and the first symbol of each. */
function batch() {
  const input = rand([BATCH, LENGTH]).mul(SYMBOLS).to("int32");
  return { input, target: input.slice(1, 0, 1).reshape([BATCH]) };
}

manualSeed(1);
const model = new FirstSymbol();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });

for (let step = 1; step <= 300; step++)
  scope(() => {
    const { input, target } = batch();
    const loss = crossEntropy(model.forward(input), target);
    optimizer.zeroGrad();
    loss.backward();
    clipGradNorm(model.parameters(), 1);
    optimizer.step();
    if (step % 50 === 0) console.log(`step ${step}  loss ${loss.item().toFixed(4)}`);
  });

const right = scope(() => {
  const { input, target } = batch();
  const said = noGrad(() => argmax(model.eval().forward(input), -1)).data();
  return target.data().filter((symbol, row) => symbol === said[row]).length;
});
console.log(`${right} of ${BATCH} new sequences right`);
if (right < BATCH - 1) throw new Error("It did not learn to remember.");
