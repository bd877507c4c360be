import { GRU, Linear, Module, mseLoss, tensor } from "hiddenstate";

export class Network extends Module {
  constructor(hiddenSize) {
    super();
    this.gru = new GRU(1, hiddenSize);
    this.head = new Linear(hiddenSize, 1);
  }

  /** Examples have a series of numbers and the next one. */
  loss(examples) {
    const x = tensor(examples.map(({ series }) => series.map((value) => [value])));
    const last = this.gru.forward(x).state.h.reshape([examples.length, -1]);
    return mseLoss(this.head.forward(last), tensor(examples.map(({ next }) => [next])));
  }
}
