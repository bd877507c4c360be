// What reads the source: embedding → recurrent layers.
import { OptionError } from "../../core/errors.js";
import { padSequences } from "../../data/padding.js";
import { GNMTEncoder } from "../../nn/decoder/gnmt-encoder.js";
import type { EncoderState } from "../../nn/decoder/bridge.js";
import type { Embedding } from "../../nn/embedding.js";
import { GRU } from "../../nn/gru.js";
import { lockedDropout } from "../../nn/locked-dropout.js";
import { LSTM } from "../../nn/lstm.js";
import { Module } from "../../nn/module.js";
import { permute } from "../../ops/permute.js";
import { slice } from "../../ops/slice.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { firstVectors } from "./first-vectors.js";
import { placementOf, type Seq2SeqSettings } from "./options.js";
import type { Side } from "./side.js";

const OP = "Seq2Seq";

/** A batch of sources, read. */
export interface ReadSources {
  /** `[batch, time, size]` */
  readonly output: Tensor;
  readonly state: EncoderState;
  readonly lengths: Int32Array;
}

export class SourceEncoder extends Module {
  readonly embedding: Embedding;
  readonly recurrent: LSTM | GRU | GNMTEncoder;
  /** Numbers that it gives for each token. */
  readonly size: number;
  /** Size of the state in one direction, and how many there are. */
  readonly stateSize: number;
  readonly directions: 1 | 2;
  readonly #dropout: number;

  /** @param source what can be read */
  constructor(source: Side, options: Seq2SeqSettings) {
    super();
    const { embeddingSize, hiddenSize, cell, numLayers } = options;
    const { bidirectional, dropout } = options;
    const stacked = placementOf(options) === "gnmt";
    const halved = bidirectional && !stacked;
    if (halved && hiddenSize % 2 > 0)
      throw new OptionError({
        op: OP,
        expected: "an even hiddenSize, half of it for each direction of the encoder",
        got: String(hiddenSize),
      });
    if (stacked && numLayers < 2)
      throw new OptionError({
        op: OP,
        expected: 'numLayers of at least 2 for placement "gnmt"',
        got: String(numLayers),
      });
    this.embedding = firstVectors(source, options);
    this.size = hiddenSize;
    this.directions = halved ? 2 : 1;
    this.stateSize = hiddenSize / this.directions;
    this.#dropout = dropout;
    const between = numLayers > 1 ? dropout : 0;
    this.recurrent = stacked
      ? new GNMTEncoder(embeddingSize, hiddenSize, { cell, numLayers, dropout: between })
      : new { lstm: LSTM, gru: GRU }[cell](embeddingSize, this.stateSize, {
          numLayers,
          dropout: between,
          variationalDropout: between > 0,
          bidirectional,
          ...(options.residual && numLayers > 1 && { skip: "residual" }),
        });
  }

  forward(batch: readonly Int32Array[]): ReadSources {
    const { ids, lengths, shape } = padSequences(batch);
    const vectors = this.embedding.forward(tensor(ids, { shape }));
    const { training } = this;
    const read = lockedDropout(vectors, this.#dropout, { training, locked: true });
    const { output, state } = this.recurrent.forward(read, { lengths });
    return { output, state, lengths };
  }

  /** The last layer's h after the whole source, the directions side by side: `[batch, size]`. */
  lastState({ h }: EncoderState): Tensor {
    const [slots, batch] = h.shape as [number, number, number];
    const last = slice(h, 0, slots - this.directions, slots);
    return permute(last, [1, 0, 2]).reshape([batch, this.size]);
  }
}
