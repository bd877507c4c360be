// What writes the target: embedding → recurrent layers that look at the source → a logit for each token.
import { padSequences } from "../../data/padding.js";
import type { AttentionMemory } from "../../nn/attention.js";
import { Bridge } from "../../nn/decoder/bridge.js";
import type { RecurrentDecoderState } from "../../nn/decoder/inputs.js";
import { RecurrentDecoder } from "../../nn/decoder/recurrent-decoder.js";
import { Embedding } from "../../nn/embedding.js";
import { Linear } from "../../nn/linear.js";
import { lockedDropout } from "../../nn/locked-dropout.js";
import { Module } from "../../nn/module.js";
import { embedding as rowsOf } from "../../ops/embedding.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { firstVectors } from "./first-vectors.js";
import { placementOf, type Seq2SeqSettings } from "./options.js";
import type { Side } from "./side.js";
import type { ReadSources, SourceEncoder } from "./source-encoder.js";

/** What the decoder knows of sources before it writes. */
export interface Begin {
  readonly memory: AttentionMemory | undefined;
  readonly encoding: Tensor | undefined;
  readonly state: RecurrentDecoderState;
}

/** Targets as they are written with the right tokens before each. */
export interface Forced {
  /** `[tokens, size]` of all rows one after another, without padding: what the output layer reads. */
  readonly output: Tensor;
  /** `[batch, time, source]`, where they are asked for. */
  readonly weights: Tensor | undefined;
}

export class TargetWriter extends Module {
  readonly embedding: Embedding;
  readonly bridge: Bridge;
  readonly recurrent: RecurrentDecoder;
  /** Makes the output as long as a token's vector, where both have one matrix. */
  readonly projection: Linear | undefined;
  readonly head: Linear;
  readonly #dropout: number;
  /** What the recurrent decoder does not drop itself. */
  readonly #outputDropout: number;
  readonly #encoder: SourceEncoder;
  /** What is read before the first token. */
  readonly #start: number;

  /** @param target what can be written; its end mark begins a text too */
  constructor(target: Side, encoder: SourceEncoder, options: Seq2SeqSettings) {
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
        ? new Embedding(target.size, embeddingSize, { weight: encoder.embedding.weight })
        : firstVectors(target, options);
    this.bridge = new Bridge({
      kind: bridge,
      encoderCell: cell,
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

  begin({ output, state, lengths }: ReadSources): Begin {
    const looks = this.recurrent.attention !== undefined;
    const peeks = this.recurrent.encodingSize > 0;
    return {
      memory: looks ? this.recurrent.memory(output, { lengths }) : undefined,
      encoding: peeks ? this.#encoder.lastState(state) : undefined,
      state: this.bridge.forward(state),
    };
  }

  /** Reads what begins a text, then each token of the targets but the last. */
  force(targets: readonly Int32Array[], begin: Begin, needWeights = false): Forced {
    const inputs = targets.map((ids) => shifted(ids, this.#start));
    const { ids, lengths, shape } = padSequences(inputs);
    const vectors = this.embedding.forward(tensor(ids, { shape }));
    const { training } = this;
    const x = lockedDropout(vectors, this.#dropout, { training, locked: true });
    const given = { ...begin, lengths };
    const decoded = this.recurrent.forward(x, { ...given, needWeights });
    const written = lockedDropout(decoded.output, this.#outputDropout, { training, locked: true });
    return {
      output: unpadded(written, lengths),
      weights: "weights" in decoded ? decoded.weights : undefined,
    };
  }

  /** Logits `[…, tokens]` of what comes next. */
  logits(output: Tensor): Tensor {
    return this.head.forward(this.projection ? this.projection.forward(output) : output);
  }
}

/** What is read before each token of a target. */
function shifted(ids: Int32Array, start: number): Int32Array {
  const read = new Int32Array(ids.length);
  read[0] = start;
  read.set(ids.subarray(0, -1), 1);
  return read;
}

/** The rows of a batch without what they are padded with, one after another. */
function unpadded(x: Tensor, lengths: Int32Array): Tensor {
  const [batch, time, size] = x.shape as [number, number, number];
  const flat = x.reshape([batch * time, size]);
  if (lengths.every((length) => length === time)) return flat;
  const places = Array.from(lengths, (length, row) =>
    Array.from({ length }, (_, t) => row * time + t),
  );
  return rowsOf(tensor(Int32Array.from(places.flat())), flat);
}
