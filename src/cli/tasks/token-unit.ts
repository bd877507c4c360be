// What a tokenizer's tokens are called where people read it.
import { CharTokenizer } from "../../text/char-tokenizer.js";
import { SubwordTokenizer } from "../../text/subwords/subword-tokenizer.js";
import type { Tokenizer } from "../../text/tokenizer.js";

export function tokenUnit(tokenizer: Tokenizer): "character" | "subword" | "word" {
  if (tokenizer instanceof CharTokenizer) return "character";
  return tokenizer instanceof SubwordTokenizer ? "subword" : "word";
}
