// What reads the source: embedding → recurrent layers.
import { padSequences } from "../../data/padding.js";
import { GNMTEncoder } from "../../nn/decoder/gnmt-encoder.js";
import type { EncoderState } from "../../nn/decoder/bridge.js";
import type { Embedding } from "../../nn/embedding.js";
import { GRU } from "../../nn/gru.js";
import { lockedDropout } from "../../nn/locked-dropout.js";
import { LSTM } from "../../nn/lstm.js";
import { permute } from "../../ops/permute.js";
import { slice } from "../../ops/slice.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { firstVectors } from "./first-vectors.js";
import { placementOf, type RecurrentSettings } from "./options.js";
import type { Side } from "./side.js";
import { selectLengths, selectRows, SourceEncoder, type ReadSources } from "./source-encoder.js";

export interface RecurrentSources extends ReadSources {
  readonly state: EncoderState;
}

/** What a recurrent writer needs to know of what reads the sources. */
export interface StatefulEncoder {
  /** Numbers that it gives for each token, or place of a picture. */
  readonly size: number;
  /** Size of the state in one direction, and how many there are. */
  readonly stateSize: number;
  readonly directions: 1 | 2;
  /** The cell that has such a state. */
  readonly stateCell: "lstm" | "gru";
  /** Of texts: where the target has the source's vectors. */
  readonly embedding?: Embedding;
  /** All of the source in one vector: `[batch, size]`. */
  lastState(state: EncoderState): Tensor;
}

export class RecurrentEncoder extends SourceEncoder<RecurrentSources> implements StatefulEncoder {
  readonly embedding: Embedding;
  readonly recurrent: LSTM | GRU | GNMTEncoder;
  readonly size: number;
  readonly stateSize: number;
  readonly directions: 1 | 2;
  readonly stateCell: "lstm" | "gru";
  readonly #dropout: number;

  /** @param source what can be read */
  constructor(source: Side, options: RecurrentSettings) {
    super();
    const { embeddingSize, hiddenSize, cell, numLayers } = options;
    const { bidirectional, dropout } = options;
    const stacked = placementOf(options) === "gnmt";
    const halved = bidirectional && !stacked;
    this.embedding = firstVectors(source, options);
    if (TRAINING && options.freezeVectors) this.embedding.weight.requiresGrad = false;
    this.size = hiddenSize;
    this.directions = halved ? 2 : 1;
    this.stateSize = hiddenSize / this.directions;
    this.stateCell = cell;
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

  forward(batch: readonly Int32Array[]): RecurrentSources {
    const { ids, lengths, shape } = padSequences(batch);
    const vectors = this.embedding.forward(tensor(ids, { shape }));
    const { training } = this;
    const read = lockedDropout(vectors, this.#dropout, { training, locked: true });
    const { output, state } = this.recurrent.forward(read, { lengths });
    return { output, state, lengths };
  }

  selected(
    { output, state: { h, c }, lengths }: RecurrentSources,
    rows: Int32Array,
  ): RecurrentSources {
    return {
      output: selectRows(output, 0, rows),
      state: { h: selectRows(h, 1, rows), ...(c && { c: selectRows(c, 1, rows) }) },
      lengths: selectLengths(lengths, rows),
    };
  }

  /** The last layer's h after the whole source, the directions side by side: `[batch, size]`. */
  lastState({ h }: EncoderState): Tensor {
    const [slots, batch] = h.shape as [number, number, number];
    const last = slice(h, 0, slots - this.directions, slots);
    return permute(last, [1, 0, 2]).reshape([batch, this.size]);
  }
}
