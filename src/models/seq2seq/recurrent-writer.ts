// What writes the target: embedding → recurrent layers that look at the source → a logit for each token.
import { padSequences } from "../../data/padding.js";
import type { AttentionMemory } from "../../nn/attention.js";
import { Bridge } from "../../nn/decoder/bridge.js";
import type { RecurrentDecoderState } from "../../nn/decoder/inputs.js";
import { RecurrentDecoder } from "../../nn/decoder/recurrent-decoder.js";
import { Embedding } from "../../nn/embedding.js";
import { Linear } from "../../nn/linear.js";
import { lockedDropout } from "../../nn/locked-dropout.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { firstVectors } from "./first-vectors.js";
import { placementOf, type RecurrentSettings } from "./options.js";
import type { RecurrentSources, StatefulEncoder } from "./recurrent-encoder.js";
import type { Side } from "./side.js";
import { shifted, TargetWriter, unpadded, type Begin, type WriterStream } from "./target-writer.js";

export interface RecurrentBegin extends Begin {
  readonly memory: AttentionMemory | undefined;
  readonly encoding: Tensor | undefined;
  readonly state: RecurrentDecoderState;
}

/** The options of what writes. */
export type WriterSettings = Pick<
  RecurrentSettings,
  | ("embeddingSize" | "hiddenSize" | "cell" | "numLayers" | "dropout" | "attention")
  | ("placement" | "peeky" | "residual" | "tieEmbeddings" | "bridge")
>;

export class RecurrentWriter extends TargetWriter<RecurrentBegin, RecurrentSources> {
  readonly embedding: Embedding;
  readonly bridge: Bridge;
  readonly recurrent: RecurrentDecoder;
  readonly projection: Linear | undefined;
  readonly head: Linear;
  readonly #dropout: number;
  /** What the recurrent decoder does not drop itself. */
  readonly #outputDropout: number;
  readonly #encoder: StatefulEncoder;
  /** What is read before the first token. */
  readonly #start: number;

  /** @param target what can be written; its end mark begins a text too */
  constructor(target: Side, encoder: StatefulEncoder, options: WriterSettings) {
    super();
    const { embeddingSize, hiddenSize, cell, numLayers, dropout } = options;
    const { attention, peeky, residual, tieEmbeddings, bridge } = options;
    const tied = tieEmbeddings !== "none";
    const placement = placementOf(options);
    const attentional = placement !== undefined && placement !== "gnmt";
    this.#encoder = encoder;
    this.#start = target.end;
    this.#dropout = dropout;
    this.#outputDropout = attentional ? 0 : dropout;
    this.embedding =
      tieEmbeddings === "all"
        ? new Embedding(target.size, embeddingSize, { weight: encoder.embedding!.weight })
        : firstVectors(target, options);
    this.bridge = new Bridge({
      kind: bridge,
      encoderCell: encoder.stateCell,
      encoderSize: encoder.stateSize,
      directions: encoder.directions,
      cell,
      hiddenSize,
      numLayers,
    });
    const inside = attentional || numLayers > 1 ? dropout : 0;
    this.recurrent = new RecurrentDecoder(embeddingSize, hiddenSize, {
      cell,
      numLayers,
      attention,
      ...(placement && { memorySize: encoder.size, placement }),
      // Nothing lies between the attentional vector and the output layer.
      ...(attentional && tied && !peeky && { attentionSize: embeddingSize }),
      ...(peeky && { encodingSize: encoder.size }),
      ...(residual && numLayers > 1 && { skip: "residual" }),
      ...(inside > 0 && { dropout: inside, variationalDropout: true }),
    });
    const { outputSize } = this.recurrent;
    if (tied && outputSize !== embeddingSize)
      this.projection = new Linear(outputSize, embeddingSize, { bias: false });
    this.head = new Linear(tied ? embeddingSize : outputSize, target.size, {
      ...(tied && { weight: this.embedding.weight }),
    });
  }

  begin({ output, state, lengths }: RecurrentSources): RecurrentBegin {
    const looks = this.recurrent.attention !== undefined;
    const peeks = this.recurrent.encodingSize > 0;
    const memory = looks ? this.recurrent.memory(output, { lengths }) : undefined;
    const encoding = peeks ? this.#encoder.lastState(state) : undefined;
    const first = this.bridge.forward(state);
    const all = [memory?.keys, memory?.values, memory?.mask, encoding, first.h, first.c];
    const held = all.filter((each) => each !== undefined);
    return { memory, encoding, state: first, held };
  }

  force(targets: readonly Int32Array[], begin: RecurrentBegin): Tensor {
    const { output, lengths } = this.#read(targets, begin, false);
    const { training } = this;
    const written = lockedDropout(output, this.#outputDropout, { training, locked: true });
    return unpadded(written, lengths);
  }

  weights(targets: readonly Int32Array[], begin: RecurrentBegin): Tensor | undefined {
    return this.#read(targets, begin, true).weights;
  }

  #read(
    targets: readonly Int32Array[],
    { memory, encoding, state }: RecurrentBegin,
    needWeights: boolean,
  ): { output: Tensor; weights: Tensor | undefined; lengths: Int32Array } {
    const { ids, lengths, shape } = padSequences(shifted(targets, this.#start));
    const vectors = this.embedding.forward(tensor(ids, { shape }));
    const { training } = this;
    const x = lockedDropout(vectors, this.#dropout, { training, locked: true });
    const given = { memory, encoding, state, lengths };
    const decoded = this.recurrent.forward(x, { ...given, needWeights });
    return {
      output: decoded.output,
      weights: "weights" in decoded ? decoded.weights : undefined,
      lengths,
    };
  }

  stream(
    { memory, encoding, state }: RecurrentBegin,
    rows: number,
    capacity: number,
  ): WriterStream {
    return this.recurrent.stream({ memory, encoding, state, rows, capacity });
  }
}
