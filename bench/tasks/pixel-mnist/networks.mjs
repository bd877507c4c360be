// The networks of Le, Jaitly & Hinton (2015), 100 units each, and how each is trained. Chosen on the validation part.
import { Adam, GRU, Linear, LSTM, RNN } from "hiddenstate";
import { initializers, Module } from "hiddenstate/nn";
import { PIXELS } from "./data.mjs";

const HIDDEN = 100;

/** A recurrent layer, and a class from its last state. */
export class PixelClassifier extends Module {
  constructor(recurrent) {
    super();
    this.recurrent = recurrent;
    this.head = new Linear(HIDDEN, 10);
  }

  /** x `[batch, 784, 1]` → logits `[batch, 10]`. */
  forward(x) {
    return this.classify(this.recurrent.forward(x).state.h);
  }

  /** The last state, one row for each image, with an axis of one layer or one step → logits `[batch, 10]`. */
  classify(state) {
    return this.head.forward(state.reshape([-1, HIDDEN]));
  }
}

function irnn() {
  const rnn = new RNN(1, HIDDEN, { nonlinearity: "relu" });
  initializers.identity(rnn.weight_hh_l0);
  initializers.normal(rnn.weight_ih_l0, 0, 0.001);
  initializers.zero(rnn.bias_ih_l0);
  initializers.zero(rnn.bias_hh_l0);
  return rnn;
}

function remembering(layer) {
  initializers.chronoBias(layer, PIXELS);
  return layer;
}

const adam = (model, lr) => new Adam(model.parameters(), { lr });

/** What 784 steps repeat, biases too, is learnt at a fiftieth of the head's rate: faster, all units die or explode. */
const slowlyRepeated = (model, lr) =>
  new Adam([
    { params: model.recurrent.parameters(), lr: lr / 50 },
    { params: model.head.parameters(), lr },
  ]);

export const NETWORKS = {
  irnn: { layer: irnn, optimizer: slowlyRepeated, learningRate: 1e-3, epochs: 50, batchSize: 100 },
  lstm: {
    layer: () => remembering(new LSTM(1, HIDDEN)),
    optimizer: adam,
    learningRate: 2e-3,
    epochs: 8,
    batchSize: 32,
  },
  gru: {
    layer: () => remembering(new GRU(1, HIDDEN)),
    optimizer: adam,
    learningRate: 2e-3,
    epochs: 8,
    batchSize: 32,
  },
  rnn: {
    layer: () => new RNN(1, HIDDEN),
    optimizer: adam,
    learningRate: 1e-4,
    epochs: 10,
    batchSize: 32,
  },
};
