// The model of all recipes: embedding, LSTM layers, linear, with dropout between them.
import {
  crossEntropy,
  Dropout,
  Embedding,
  Linear,
  LSTM,
  Module,
  noGrad,
  scope,
  tensor,
} from "hiddenstate";
import { StreamWindows } from "hiddenstate/data";
import { sampledSoftmaxLoss, unigramSampler } from "hiddenstate/losses";

export class WordModel extends Module {
  constructor(words, { embedding, hidden, layers, dropout, tied }) {
    super();
    this.embedding = new Embedding(words, embedding);
    this.lstm = new LSTM(embedding, hidden, {
      numLayers: layers,
      dropout: layers > 1 ? dropout : 0,
    });
    this.head = new Linear(hidden, words, tied ? { weight: this.embedding.weight } : {});
    this.dropout = new Dropout(dropout);
  }

  /** Draws all first weights anew: `initial(name, shape)` gives a parameter's. */
  initialize(initial) {
    scope(() => {
      for (const [name, parameter] of this.namedParameters())
        parameter.set(initial(name, parameter.shape));
    });
    return this;
  }

  #sampled;

  /** Learns by a sampled softmax from now on, words drawn by their frequency; scores are of the full one. */
  sample(ids, samples) {
    const counts = new Float64Array(this.head.weight.shape[0]);
    for (const id of ids) counts[id]++;
    return this.sampleBy(counts, samples);
  }

  /** The same by counts of words. */
  sampleBy(counts, samples) {
    this.#sampled = { sampler: unigramSampler(counts), samples };
    return this;
  }

  /** Mean cross-entropy over a window, from the carried state, which moves on. */
  loss({ input, target, shape }, carry) {
    const vectors = this.dropout.forward(this.embedding.forward(tensor(input, { shape })));
    const { output, state } = this.lstm.forward(vectors, { state: carry });
    carry.set(state);
    const hidden = this.dropout.forward(output);
    const targets = tensor(target, { shape });
    if (this.training && this.#sampled) {
      const { weight, bias } = this.head;
      return sampledSoftmaxLoss(hidden, targets, weight, { bias, ...this.#sampled });
    }
    return crossEntropy(this.head.forward(hidden), targets);
  }

  /** Mean loss over ids, read in so many rows side by side; with one row, each from all before it. */
  meanLoss(ids, batch) {
    this.eval();
    const carry = this.lstm.carry(batch);
    let sum = 0;
    let tokens = 0;
    for (const window of new StreamWindows(ids, { batch, time: Math.max(20, 400 / batch) })) {
      const loss = scope(() => noGrad(() => this.loss(window, carry).item()));
      sum += loss * window.input.length;
      tokens += window.input.length;
    }
    carry.dispose();
    this.train();
    return sum / tokens;
  }
}
