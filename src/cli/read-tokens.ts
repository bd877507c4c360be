// A text as ids: what a run learns from, and what it keeps for the score.
import { splitHeldOut, type Split } from "../data/split.js";
import { CharTokenizer } from "../text/char-tokenizer.js";
import type { Tokenizer } from "../text/tokenizer.js";
import { WordTokenizer } from "../text/word-tokenizer.js";
import type { TrainSettings } from "./train-settings.js";

export interface TokenStreams extends Split<Int32Array> {
  readonly tokenizer: Tokenizer;
  /** The text of `heldOut`. */
  readonly kept: string;
}

/** Cuts, numbers and splits a text as the settings say. */
export function readTokens(text: string, settings: TrainSettings): TokenStreams {
  const { tokens, minCount, heldOut: share } = settings;
  if (tokens === "chars") {
    const tokenizer = CharTokenizer.build(text);
    const split = splitHeldOut(tokenizer.encode(text), share);
    return { tokenizer, ...split, kept: tokenizer.decode(split.heldOut) };
  }
  // Split first: a word that only the kept share has must be unknown to the model.
  const words = splitHeldOut(text.match(/\s*\S+(?:\s+$)?/gu) ?? [], share);
  const [learnt, kept] = [words.train.join(""), words.heldOut.join("")];
  const tokenizer = WordTokenizer.build(learnt, { cut: tokens, minCount: minCount! });
  return { tokenizer, train: tokenizer.encode(learnt), heldOut: tokenizer.encode(kept), kept };
}

/** What one token is called. */
export function unitOf({ tokens }: TrainSettings): string {
  return tokens === "chars" ? "character" : "word";
}
