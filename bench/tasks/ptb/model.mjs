// The model of all recipes: embedding, LSTM layers, linear, with dropout between them.
import { crossEntropy, Dropout, Embedding, Linear, LSTM, Module, scope, tensor } from "hiddenstate";

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

  /** Mean cross-entropy over a window, from the carried state, which moves on. */
  loss({ input, target, shape }, carry) {
    const vectors = this.dropout.forward(this.embedding.forward(tensor(input, { shape })));
    const { output, state } = this.lstm.forward(vectors, { state: carry });
    carry.set(state);
    return crossEntropy(this.head.forward(this.dropout.forward(output)), tensor(target, { shape }));
  }
}
