// What a model reads: texts as embedded tokens, series of numbers; later sound and images.
import type { Module } from "../../nn/module.js";
import type { Tensor } from "../../tensor/tensor.js";

/** An input as a model takes it: token ids, or numbers step by step. */
export type Encoded = Int32Array | Float32Array;

/** A batch of sequences side by side. */
export interface Sequences {
  /** `[batch, time, size]` */
  readonly x: Tensor;
  /** Steps that count in each row. */
  readonly lengths: Int32Array;
}

/** The first layer of a model: raw inputs to sequences of vectors. */
export interface InputLayer<Input> extends Module {
  /** Size of a step's vector. */
  readonly size: number;
  /**
   * @param op names the caller in errors
   * @throws OptionError for what it cannot read
   */
  encode(op: string, input: Input): Encoded;
  /** Steps of an encoded input. */
  timeOf(encoded: Encoded): number;
  /** Steps of it that nothing is known of, such as words that were not learnt. Default: there are none. */
  unknownIn?: ((encoded: Encoded) => number) | undefined;
  forward(batch: readonly Encoded[]): Sequences;
  /** Plain data from which `inputFromJSON` makes it again, but for the weights. */
  toJSON(): { readonly type: string };
}

/**
 * A kind of input, such as `text()` or `series()`: it decides what examples are, and finds in them what its layer needs.
 */
export interface InputKind<Input> {
  /** What it reads, as its layer's `toJSON` calls it. */
  readonly type: string;
  /** Begins to look at inputs, one after another, for a layer that reads them. */
  counter(op: string): InputCounter<Input>;
}

export interface InputCounter<Input> {
  add(input: Input): void;
  /** Options that the inputs decided, since none were given. Default: none. */
  readonly chosen?: object | undefined;
  /** The layer for what was seen, with new weights. */
  layer(): InputLayer<Input>;
}
