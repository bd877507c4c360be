// What a tokenizer's tokens are called where people read it.
import { CharTokenizer } from "../../text/char-tokenizer.js";
import { HuggingFaceTokenizer } from "../../text/hugging-face/hugging-face-tokenizer.js";
import { SubwordTokenizer } from "../../text/subwords/subword-tokenizer.js";
import type { Tokenizer } from "../../text/tokenizer.js";

export function tokenUnit(tokenizer: Tokenizer): "character" | "subword" | "word" {
  if (tokenizer instanceof CharTokenizer) return "character";
  return readsParts(tokenizer) ? "subword" : "word";
}

/** Whether tokens are parts of words, of which the first brings the blank before it. */
export function readsParts(tokenizer: Tokenizer): boolean {
  return tokenizer instanceof SubwordTokenizer || tokenizer instanceof HuggingFaceTokenizer;
}
