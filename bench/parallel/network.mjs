// The networks of the workloads C1 to C6, and made-up examples of their sizes.
import { crossEntropy, Embedding, Linear, LSTM, GRU, Module, tensor } from "hiddenstate";

const CELLS = { lstm: LSTM, gru: GRU };

export class Network extends Module {
  #examples;

  constructor(workload) {
    super();
    const { cell, layers, vocabulary, input, hidden, classes } = workload;
    if (vocabulary > 0) this.embed = new Embedding(vocabulary, input);
    this.rnn = new CELLS[cell](input, hidden, { numLayers: layers });
    this.head = new Linear(hidden, classes);
    this.#examples = examplesOf(workload);
  }

  /** Mean loss over all tokens; of features, over the examples, read from the last state. */
  loss(places) {
    const examples = places.map((place) => this.#examples[place]);
    const steps = joined(examples.map(({ x }) => x));
    const target = tensor(joined(examples.map(({ y }) => y)));
    if (this.embed) {
      const input = tensor(steps, { shape: [examples.length, examples[0].x.length] });
      const { output } = this.rnn.forward(this.embed.forward(input));
      return crossEntropy(this.head.forward(output), target.reshape(input.shape));
    }
    const time = examples[0].x.length / this.rnn.inputSize;
    const input = tensor(steps, { shape: [examples.length, time, this.rnn.inputSize] });
    const { h } = this.rnn.forward(input).state;
    return crossEntropy(this.head.forward(h.reshape([examples.length, -1])), target);
  }
}

function joined(arrays) {
  const whole = new arrays[0].constructor(arrays.length * arrays[0].length);
  arrays.forEach((each, i) => whole.set(each, i * each.length));
  return whole;
}

/** A batch: steps in one array behind the other. */
function examplesOf({ batch, time, vocabulary, input, classes }) {
  let state = 1;
  const below = (limit) => (state = (state * 16807) % 2147483647) % limit;
  const list = (length, make) => Array.from({ length }, make);
  return list(batch, () =>
    vocabulary > 0
      ? {
          x: Int32Array.from(list(time, () => below(vocabulary))),
          y: Int32Array.from(list(time, () => below(classes))),
        }
      : {
          x: Float32Array.from(list(time * input, () => below(1000) / 1000)),
          y: Int32Array.of(below(classes)),
        },
  );
}
