// The adding problem (Hochreiter & Schmidhuber 1997): of a sequence of random numbers, two are marked; the answer is their
// sum. An Elman network with tanh forgets the first before it meets the second; with ReLU and the identity as its
// recurrent weight (IRNN: Le, Jaitly & Hinton 2015) it does not, and neither does a GRU.
import {
  Adam,
  clipGradNorm,
  GRU,
  Linear,
  manualSeed,
  Module,
  mseLoss,
  rand,
  RNN,
  scope,
  tensor,
} from "hiddenstate";
import { initializers } from "hiddenstate/nn";

const [TIME, BATCH, HIDDEN, STEPS] = [40, 32, 48, 500];

/** x `[batch, time, 2]`: a number and a mark; y `[batch, 1]`: the sum of the two marked numbers. */
function batch() {
  const numbers = rand([BATCH, TIME]).data();
  const places = rand([BATCH, 2]).data();
  const x = new Float32Array(BATCH * TIME * 2);
  const y = new Float32Array(BATCH);
  for (let row = 0; row < BATCH; row++) {
    for (let t = 0; t < TIME; t++) x[(row * TIME + t) * 2] = numbers[row * TIME + t];
    // One mark in each half.
    [0, 1].forEach((half) => {
      const t = Math.floor(((half + places[row * 2 + half]) * TIME) / 2);
      x[(row * TIME + t) * 2 + 1] = 1;
      y[row] += numbers[row * TIME + t];
    });
  }
  return { x: tensor(x, { shape: [BATCH, TIME, 2] }), y: tensor(y, { shape: [BATCH, 1] }) };
}

class Adder extends Module {
  constructor(rnn) {
    super();
    this.rnn = rnn;
    this.head = new Linear(HIDDEN, 1);
  }

  forward(x) {
    return this.head.forward(this.rnn.forward(x).state.h.reshape([BATCH, HIDDEN]));
  }
}

function irnn() {
  const rnn = new RNN(2, HIDDEN, { nonlinearity: "relu" });
  initializers.identity(rnn.weight_hh_l0);
  for (const bias of [rnn.bias_ih_l0, rnn.bias_hh_l0]) initializers.zero(bias);
  return rnn;
}

/** The mean squared error over the last steps of training; saying 1 each time gives 1/6. */
function errorOf(name, make) {
  manualSeed(3);
  const model = new Adder(make());
  const optimizer = new Adam(model.parameters(), { lr: 3e-3 });
  let error = 0;
  for (let step = 1; step <= STEPS; step++)
    scope(() => {
      const { x, y } = batch();
      const loss = mseLoss(model.forward(x), y);
      optimizer.zeroGrad();
      loss.backward();
      clipGradNorm(model.parameters(), 1);
      optimizer.step();
      if (step % 100 === 0) console.log(`${name}: step ${step}  loss ${loss.item().toFixed(4)}`);
      if (step > STEPS - 50) error += loss.item() / 50;
    });
  return error;
}

const networks = {
  "Elman, tanh": () => new RNN(2, HIDDEN),
  IRNN: irnn,
  GRU: () => new GRU(2, HIDDEN),
};
const errors = Object.fromEntries(
  Object.entries(networks).map(([name, make]) => [name, errorOf(name, make)]),
);
for (const [name, error] of Object.entries(errors))
  console.log(`${name.padEnd(12)} ${error.toFixed(4)}`);
if (!(errors.IRNN < 0.05 && errors.IRNN < errors["Elman, tanh"]))
  throw new Error("The identity did not help.");
