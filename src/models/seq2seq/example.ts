// What a Seq2Seq model learns from, and what it answers.
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";

/** A text; or a list of its tokens, for a side that is cut at white space (`split: "whitespace"`). */
export type SequenceText = string | readonly string[];

/** A text and what it becomes: a sentence and its translation, a question and its answer. */
export interface SequencePair {
  readonly source: SequenceText;
  readonly target: SequenceText;
}

export type SideName = "source" | "target";

/** A text that the model has written. */
export interface Written {
  readonly text: string;
  /** Its tokens, without the end mark. */
  readonly tokens: readonly string[];
  /**
   * The natural logarithm of the probability that the model gives to it, its end mark included; with a repetition
   * penalty, of the distribution that this leaves.
   */
  readonly logProbability: number;
  /** What it is ranked by: `logProbability` over the length penalty. */
  readonly score: number;
  /** Whether it ends by itself; if not, `maxLength` cut it. */
  readonly finished: boolean;
  /** Where the model looked: with `attention: true`. */
  readonly attention: SequenceAttention | undefined;
}

/** What a model makes of a text. */
export interface Seq2SeqPrediction extends Written {
  /** The best texts that the search found, this one first: as many as `alternatives` says, or as it found. */
  readonly alternatives: readonly Written[];
}

/** A text that the model has written, with where it looked. */
export interface AttendedText extends Written {
  readonly attention: SequenceAttention;
}

/** What a model makes of a text, with where it looked. */
export interface AttendedPrediction extends AttendedText {
  readonly alternatives: readonly AttendedText[];
}

/** Attention weights, with what stands at their axes: for `attentionMap` of `hiddenstate/inspect`. */
export interface SequenceAttention {
  /** Tokens that were written, the end mark too: a row each. */
  readonly target: readonly string[];
  /** Tokens that were read, in the order of the text, the end mark too: a column each. */
  readonly source: readonly string[];
  /**
   * `[target, source]`, row by row: each row adds up to 1. Of a Transformer those of the last layer's attention to the source,
   * the mean of its heads.
   */
  readonly weights: Float32Array;
}

/** How probable a text is as what becomes of another. */
export interface SequenceScore {
  /** The sum of `logProbabilities`, natural. */
  readonly logProbability: number;
  /** The target's tokens, the end mark too. */
  readonly tokens: readonly string[];
  /** The logarithm of each token's probability, after the tokens before it. */
  readonly logProbabilities: readonly number[];
}

/** How the end of a text is shown among tokens. */
export const END = "</s>";

/**
 * A side of a pair as a text: what is given, or its tokens with blanks between.
 *
 * @param tokens whether the side is cut at white space
 */
export function textOf(op: string, side: SideName, given: unknown, tokens: boolean): string {
  if (typeof given === "string") return given;
  const refuse = (expected: string, got: unknown, cure?: string): never => {
    throw new OptionError({ op, expected: `${expected} as ${side}`, got: described(got), cure });
  };
  if (!Array.isArray(given)) return refuse("a text", given);
  if (!tokens)
    refuse(
      "a text",
      given,
      'Lists of tokens are for words or subwords of a model built with split "whitespace".',
    );
  for (const token of given as unknown[])
    if (typeof token !== "string" || token === "" || /[ \t\r\n]/.test(token))
      refuse("tokens without white space", token);
  return given.join(" ");
}
