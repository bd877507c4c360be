// Vectors that were learnt elsewhere, as the first of a source's words.
import { OptionError } from "../../core/errors.js";
import type { OptionNaming } from "../../core/options.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { WordTokenizer } from "../../text/word-tokenizer.js";
import type { WordVectors } from "../../vectors/word-vectors.js";
import { vectorSize, withWords } from "../parts/pretrained.js";
import type { BuildSeq2SeqOptions } from "./options.js";
import { mayBeJoint } from "./pair-tokens.js";
import type { PairTokenOptions } from "./token-options.js";

type Given = Omit<BuildSeq2SeqOptions, "vectors">;

/**
 * Refuses vectors beside what has no use for them.
 *
 * @throws OptionError
 */
export function checkVectors(op: string, given: Given, named: OptionNaming = (name) => name): void {
  const { architecture, source, tieEmbeddings } = given;
  const refuse = (expected: string, got: string): never => {
    throw new OptionError({ op, expected: `${expected} for ${named("vectors")}`, got });
  };
  if (architecture === "transformer") refuse(`${named("architecture")} recurrent`, architecture);
  if (source !== undefined && source !== "words") refuse(`${named("source")} words`, source);
  if (given.vocabulary === "joint" || tieEmbeddings === "all")
    refuse("a vocabulary of the source's own", "one for both sides");
}

/** The tokens of a source that has vectors: words, where nothing else is said. */
export function ofWords(tokens: PairTokenOptions): PairTokenOptions {
  const { sourceTokenizer, source } = tokens;
  if (sourceTokenizer) return tokens;
  const own = { ...tokens, source: source ?? ("words" as const) };
  return mayBeJoint(own) ? { ...own, vocabulary: "separate" } : own;
}

/**
 * What vectors decide of a model: the source's words, theirs among them, and the size of its vectors.
 *
 * @throws OptionError for another size beside them, or a tokenizer of no words
 */
export function sourceOf(
  op: string,
  vectors: WordVectors,
  tokenizer: Tokenizer,
  { sourceTokenizer, embeddingSize }: Given,
): { tokenizer: Tokenizer; embeddingSize: number } {
  if (!(tokenizer instanceof WordTokenizer))
    throw new OptionError({
      op,
      expected: "a source of words for vectors",
      got: "a sourceTokenizer of something else",
    });
  return {
    tokenizer: sourceTokenizer ? tokenizer : withWords(tokenizer, vectors),
    embeddingSize: vectorSize(op, vectors, embeddingSize),
  };
}
