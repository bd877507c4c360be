// A text as a model reads it: characters that it has not learnt are left out of what it reads, and count as unknown.
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import { log } from "../../core/exp-log.js";
import { CharTokenizer } from "../../text/char-tokenizer.js";
import type { Tokenizer } from "../../text/tokenizer.js";

/**
 * The probability that a model of characters gives each one that it has not learnt, whatever comes before: about what
 * counting gives a character that never came among a million. Those of the others are not made smaller for it.
 */
export const UNKNOWN_PROBABILITY = 1e-6;

export interface KnownText {
  /** The ids of what is read: a word that the vocabulary lacks has the id of its unknown token. */
  readonly ids: Int32Array;
  /** Characters that are left out. */
  readonly left: number;
  /** Tokens that the model has not learnt, left out or not. */
  readonly unknown: number;
}

/** The ids of a text, whatever characters it has. */
export function knownText(tokenizer: Tokenizer, text: string): KnownText {
  const { vocabulary } = tokenizer;
  if (vocabulary.unknown !== undefined || !(tokenizer instanceof CharTokenizer)) {
    const ids = tokenizer.encode(text);
    const id = vocabulary.unknown === undefined ? -1 : vocabulary.id(vocabulary.unknown);
    const unknown = ids.reduce((count, one) => count + Number(one === id), 0);
    return { ids, left: 0, unknown };
  }
  const characters = [...text];
  const known = characters.filter((one) => vocabulary.has(one));
  const left = characters.length - known.length;
  return { ids: vocabulary.encode(known), left, unknown: left };
}

/**
 * A text, or its ids.
 *
 * @throws OptionError for something else, or less than two tokens
 */
export function readKnown(op: string, tokenizer: Tokenizer, text: string | Int32Array): KnownText {
  if (typeof text !== "string" && !(text instanceof Int32Array))
    throw new OptionError({
      op,
      expected: "a text, or its ids in an Int32Array",
      got: described(text),
    });
  const read =
    typeof text === "string" ? knownText(tokenizer, text) : { ids: text, left: 0, unknown: 0 };
  checkLength(op, read.ids.length);
  return read;
}

/** Mean negative log-likelihood of a token, from that of the tokens that are read, `tokens` of them. */
export function lossOfAll(loss: number, tokens: number, left: number): number {
  return left === 0 ? loss : (loss * tokens - left * log(UNKNOWN_PROBABILITY)) / (tokens + left);
}

/** Refuses what has no two tokens: there is nothing to predict. */
export function checkLength(op: string, length: number): void {
  if (length < 2)
    throw new OptionError({ op, expected: "at least two tokens", got: String(length) });
}
