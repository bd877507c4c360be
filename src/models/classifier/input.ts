// What a classifier reads: texts as embedded tokens, or series of numbers.
import type { Module } from "../../nn/module.js";
import type { Tensor } from "../../tensor/tensor.js";

/**
 * A series of measurements: a list of its steps, `features` numbers each; or all numbers step by step in one
 * Float32Array.
 */
export type Series = Float32Array | readonly ArrayLike<number>[];

/** An input as a model takes it: token ids, or numbers step by step. */
export type Encoded = Int32Array | Float32Array;

/** A batch of sequences side by side. */
export interface Sequences {
  /** `[batch, time, size]` */
  readonly x: Tensor;
  /** Steps that count in each row. */
  readonly lengths: Int32Array;
}

/** The first layer of a classifier: raw inputs to sequences of vectors. */
export interface InputLayer<Input> extends Module {
  /** Of the vector of a step. */
  readonly size: number;
  /**
   * @param op names the caller in errors
   * @throws OptionError for what it cannot read
   */
  encode(op: string, input: Input): Encoded;
  /** Steps of an encoded input. */
  timeOf(encoded: Encoded): number;
  forward(batch: readonly Encoded[]): Sequences;
  /** Plain data from which `inputFromJSON` makes it again, but for the weights. */
  toJSON(): InputData;
}

export type InputData =
  | {
      readonly type: "text";
      readonly tokenizer: unknown;
      readonly embeddingSize: number;
      readonly wordDropout: number;
    }
  | { readonly type: "series"; readonly features: number; readonly normalized: boolean };
