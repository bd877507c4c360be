// How a classifier's input is made of examples.
import type { Tokenizer } from "../../text/tokenizer.js";
import type { BuildWordTokenizerOptions } from "../../text/word-tokenizer.js";
import type { TextInputOptions } from "./text-input.js";

/** How texts become tokens: a tokenizer, or how to make one of words from the examples. */
export type TextOptions = TextInputOptions &
  (
    | { tokenizer: Tokenizer; minCount?: never; maxSize?: never; lowercase?: never; cut?: never }
    | ({ tokenizer?: never } & BuildWordTokenizerOptions)
  );

export interface SeriesOptions {
  /** Numbers at a step. Default: as many as the first step of the first example has. */
  features?: number;
  /** Whether to scale each feature to mean 0 and standard deviation 1 over the examples. Default true. */
  normalize?: boolean;
}
