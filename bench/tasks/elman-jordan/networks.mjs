// The networks of Mesnil et al. (2013) for slots: word vectors in a window of context words, a recurrent layer, a tag for each
// word. Elman's feeds back its hidden units, Jordan's its outputs.
import { Dropout, Embedding, Linear, LSTM, RNN } from "hiddenstate";
import { JordanCell, Module, Scan } from "hiddenstate/nn";
import { clamp, log } from "hiddenstate/ops";

const EMBEDDING = 100;
const HIDDEN = 100;
/** Context words on each side that are read with a word. */
export const REACH = 3;

class Slots extends Module {
  constructor(words) {
    super();
    this.embedding = new Embedding(words, EMBEDDING);
    this.dropout = new Dropout(0.5);
  }

  /** Windows of ids `[batch, time, 2 · REACH + 1]` → vectors `[batch, time, (2 · REACH + 1) · EMBEDDING]`. */
  windows(ids) {
    const [batch, time] = ids.shape;
    return this.dropout.forward(this.embedding.forward(ids)).reshape([batch, time, WINDOW]);
  }
}

const WINDOW = (2 * REACH + 1) * EMBEDDING;

class RecurrentSlots extends Slots {
  constructor(words, tags, layer) {
    super(words);
    this.layer = layer;
    this.head = new Linear(HIDDEN * layer.directions, tags);
  }

  /** → logits `[batch, time, tags]`. */
  forward(ids, lengths) {
    const { output } = this.layer.forward(this.windows(ids), { lengths });
    return this.head.forward(this.dropout.forward(output));
  }
}

class JordanSlots extends Slots {
  constructor(words, tags) {
    super(words);
    this.layer = new Scan(
      new JordanCell(WINDOW, HIDDEN, tags, { activation: "sigmoid", outputActivation: "softmax" }),
    );
  }

  /** → log-probabilities `[batch, time, tags]`, logits too. Past its length a row's probabilities are zeros. */
  forward(ids, lengths) {
    const { output } = this.layer.forward(this.windows(ids), { lengths });
    return log(clamp(output, 1e-7, 1));
  }
}

export const NETWORKS = {
  elman: (words, tags) => new RecurrentSlots(words, tags, new RNN(WINDOW, HIDDEN)),
  jordan: (words, tags) => new JordanSlots(words, tags),
  bidirectional: (words, tags) =>
    new RecurrentSlots(words, tags, new RNN(WINDOW, HIDDEN, { bidirectional: true })),
  lstm: (words, tags) => new RecurrentSlots(words, tags, new LSTM(WINDOW, HIDDEN)),
};
