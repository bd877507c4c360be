// The networks of the workloads C1 to C6, and made-up examples of their sizes.
import { crossEntropy, Embedding, Linear, LSTM, GRU, Module, tensor } from "hiddenstate";

const CELLS = { lstm: LSTM, gru: GRU };

export class Network extends Module {
  constructor({ cell, layers, vocabulary, input, hidden, classes }) {
    super();
    if (vocabulary > 0) this.embed = new Embedding(vocabulary, input);
    this.rnn = new CELLS[cell](input, hidden, { numLayers: layers });
    this.head = new Linear(hidden, classes);
  }

  /** Mean loss over all tokens; of features, over the examples, read from the last state. */
  loss(examples) {
    if (!this.embed) {
      const { state } = this.rnn.forward(tensor(examples.map(({ x }) => x)));
      const last = state.h.reshape([examples.length, -1]);
      return crossEntropy(this.head.forward(last), tensor(ids(examples.map(({ y }) => [y]))));
    }
    const shape = [examples.length, examples[0].x.length];
    const input = tensor(ids(examples.map(({ x }) => x)), { shape });
    const target = tensor(ids(examples.map(({ y }) => y)), { shape });
    return crossEntropy(
      this.head.forward(this.rnn.forward(this.embed.forward(input)).output),
      target,
    );
  }
}

const ids = (rows) => Int32Array.from(rows.flatMap((row) => [...row]));

/** A batch. */
export function examplesOf({ batch, time, vocabulary, input, classes }) {
  let state = 1;
  const below = (limit) => (state = (state * 16807) % 2147483647) % limit;
  const steps = (make) => Array.from({ length: time }, make);
  return Array.from({ length: batch }, () =>
    vocabulary > 0
      ? { x: ids([steps(() => below(vocabulary))]), y: ids([steps(() => below(classes))]) }
      : {
          x: steps(() => Array.from({ length: input }, () => below(1000) / 1000)),
          y: below(classes),
        },
  );
}
