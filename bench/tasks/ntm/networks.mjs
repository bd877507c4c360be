// What learns the tasks: the machine, and an LSTM without a memory beside it.
import { Linear, LSTM, Module } from "hiddenstate";
import { NTM } from "hiddenstate/nn";
import { RMSprop } from "hiddenstate/optim";

class StackedLSTM extends Module {
  constructor(inputSize, outputSize) {
    super();
    this.lstm = new LSTM(inputSize, 128, { numLayers: 3 });
    this.fc = new Linear(128, outputSize);
  }

  forward(x) {
    return { output: this.fc.forward(this.lstm.forward(x).output) };
  }
}

export const NETWORKS = {
  ntm: { make: (inputs, outputs) => new NTM(inputs, outputs), learningRate: 1e-4 },
  // The paper's for recall: table 1.
  feedforward: {
    make: (inputs, outputs) =>
      new NTM(inputs, outputs, {
        controller: "feedforward",
        controllerSize: 256,
        heads: [...Array(4).fill("read"), ...Array(4).fill("write")],
      }),
    learningRate: 1e-4,
  },
  lstm: { make: (inputs, outputs) => new StackedLSTM(inputs, outputs), learningRate: 1e-4 },
};

/** RMSprop as github.com/loudinthecloud/pytorch-ntm has it. */
export function optimizerOf(model, lr) {
  return new RMSprop(model.parameters(), { lr, momentum: 0.9, alpha: 0.95 });
}
