// What the layers of a Transformer read: vectors of tokens, with what tells their positions.
import { padSequences } from "../../data/padding.js";
import { Embedding } from "../../nn/embedding.js";
import { normal } from "../../nn/initializers.js";
import { LearnedPositions, sinusoids } from "../../nn/positions.js";
import { dropout } from "../../ops/dropout.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { f32 } from "../../wasm/memory.js";
import { at } from "../../wasm/ptr.js";
import type { TransformerSettings } from "./options.js";

const OP = "Seq2Seq.decoder";

/**
 * Vectors from N(0, 1 / size), as in fairseq: what is read is √size times as long, and logits that the same weight gives are of
 * size 1.
 */
export function scaledVectors(count: number, { hiddenSize }: TransformerSettings): Embedding {
  const embedding = new Embedding(count, hiddenSize);
  if (TRAINING) normal(embedding.weight, 0, 1 / Math.sqrt(hiddenSize));
  return embedding;
}

/** The vectors of positions that a side has of its own, where they are learned. */
export function positionsOf({
  contextLength,
  hiddenSize,
}: TransformerSettings): LearnedPositions | undefined {
  return contextLength === undefined ? undefined : new LearnedPositions(contextLength, hiddenSize);
}

/** √size · embedding + positions (Vaswani et al. 2017, sections 3.4 and 3.5), then dropout. */
export class TransformerInput {
  readonly #embedding: Embedding;
  readonly #learned: LearnedPositions | undefined;
  readonly #sines: Sines | undefined;
  readonly #size: number;
  readonly #scale: number;
  readonly #dropout: number;

  constructor(
    embedding: Embedding,
    learned: LearnedPositions | undefined,
    { hiddenSize, positions, dropout }: TransformerSettings,
  ) {
    this.#embedding = embedding;
    this.#learned = learned;
    this.#sines = positions === "sinusoidal" ? new Sines(hiddenSize) : undefined;
    this.#size = hiddenSize;
    this.#scale = Math.sqrt(hiddenSize);
    this.#dropout = dropout;
  }

  /** @returns x `[batch, time, size]` of sequences, padded, and their lengths */
  forward(sequences: readonly Int32Array[], training: boolean): { x: Tensor; lengths: Int32Array } {
    const { ids, lengths, shape } = padSequences(sequences);
    const scaled = this.#embedding.forward(tensor(ids, { shape })).mul(this.#scale);
    const x = dropout(this.#placed(scaled, shape[1]), this.#dropout, { training });
    return { x, lengths };
  }

  #placed(x: Tensor, time: number): Tensor {
    if (this.#learned) return this.#learned.forward(x);
    if (!this.#sines) return x;
    const table = this.#sines.upTo(time).subarray(0, time * this.#size);
    return x.add(tensor(table, { shape: [time, this.#size] }));
  }

  /** The same of one step, in place: rows of the embedding become what `forward` gives in evaluation mode, to the bit. */
  place(vectors: Float32Array, position: number): void {
    const [size, scale] = [this.#size, Math.fround(this.#scale)];
    const added = this.#at(position);
    for (let i = 0; i < vectors.length; i++) {
      const scaled = Math.fround(vectors[i]! * scale);
      vectors[i] = added ? scaled + added[i % size]! : scaled;
    }
  }

  #at(position: number): Float32Array | undefined {
    const first = position * this.#size;
    if (this.#learned) return f32(at(this.#learned.weight.address(OP), first), this.#size);
    return this.#sines?.upTo(position + 1).subarray(first, first + this.#size);
  }
}

/** Sines and cosines of as many positions as were asked for, and more. */
class Sines {
  readonly #size: number;
  #table: Float32Array = new Float32Array(0);

  constructor(size: number) {
    this.#size = size;
  }

  upTo(count: number): Float32Array {
    const known = this.#table.length / this.#size;
    if (count > known) this.#table = sinusoids(Math.max(count, 2 * known, 64), this.#size);
    return this.#table;
  }
}
