/**
 * Texts to ids and back: tokenizers, vocabularies, features of words; trees as tokens.
 *
 * @packageDocumentation
 */
export { CharTokenizer } from "./char-tokenizer.js";
export { oneHotTokens, tokenCounts } from "./counts.js";
export {
  delinearizeTree,
  linearizeTree,
  type Delinearized,
  type Tree,
  type TreeLeaf,
  type TreePhrase,
  type TreeRepairs,
} from "./linear-trees.js";
export {
  fnv1a,
  hashedCounts,
  letterNgrams,
  wordNgrams,
  type LetterNgramOptions,
} from "./ngrams.js";
export { HuggingFaceTokenizer } from "./hugging-face/hugging-face-tokenizer.js";
export { type EncodeSubwordsOptions } from "./subwords/scheme.js";
export { SubwordCounter } from "./subwords/subword-counter.js";
export {
  type BuildSubwordTokenizerOptions,
  type SubwordOptions,
} from "./subwords/learn-subwords.js";
export {
  subwordNmtCounts,
  tokenizerFromSubwordNmt,
  type SubwordNmtOptions,
} from "./subwords/subword-nmt.js";
export { SubwordTokenizer, type SubwordTokenizerOptions } from "./subwords/subword-tokenizer.js";
export { tokenizerFromJSON, type Tokenizer, type TokenizerData } from "./tokenizer.js";
export {
  Vocabulary,
  type BuildVocabularyOptions,
  type VocabularyData,
  type VocabularyOptions,
} from "./vocabulary.js";
export {
  WordTokenizer,
  type BuildWordTokenizerOptions,
  type WordTokenizerOptions,
} from "./word-tokenizer.js";
export { wordJoiner, wordTokenize, type WordRules, type WordTokenizeOptions } from "./words.js";
