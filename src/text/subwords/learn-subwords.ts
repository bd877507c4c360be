// A vocabulary of subwords, and the merges that make them, of words that were counted.
import { byCodePoint, hasLoneSurrogate } from "../../core/code-points.js";
import { checkChoice, checkCount } from "../../core/check.js";
import { OptionError } from "../../core/errors.js";
import { Vocabulary } from "../vocabulary.js";
import { BYTE_TOKENS } from "./bytes.js";
import { END_OF_WORD, endedPieces, endedSymbols } from "./end-of-word-scheme.js";
import { learnMerges } from "./learn-merges.js";
import { APART } from "./merges.js";
import { wordPieces } from "./word-scheme.js";

export interface SubwordOptions {
  /**
   * Across what nothing is merged. `"words"`: words, numbers and runs of marks, each with the blank before it, for texts as
   * people write them. `"whitespace"`: what stands between blanks, for texts that are tokenized already; their subwords
   * are those of subword-nmt. Default `"words"`.
   */
  split?: "words" | "whitespace";
  /** Fold letters to lower case. Default false. */
  lowercase?: boolean;
}

export interface BuildSubwordTokenizerOptions extends SubwordOptions {
  /** Most tokens of the vocabulary: bytes, special tokens, characters, and as many subwords as find room. Default 8000. */
  maxSize?: number;
  /** Characters that come less often are spelled in bytes, and rarer pairs of subwords are not merged. Default 2. */
  minCount?: number;
  /** Tokens that stand for no text, such as `"<eos>"`; they have the first ids. Default: none. */
  specials?: readonly string[];
  /** The token that fills rows up to one length, such as `"<pad>"`: the first of all. Default: none. */
  padding?: string;
}

/** Tokens that a vocabulary has by default. */
export const SUBWORDS = 8000;

/** The types of these options, for `checkCall`. */
export const BUILD_TYPES =
  "split:string lowercase:boolean minCount:number maxSize:number specials:list padding:string";

/** The pieces of a text across which nothing is merged. */
export function piecesOf(text: string, { split, lowercase }: SubwordOptions): string[] {
  const pieces = split === "whitespace" ? endedPieces : wordPieces;
  return pieces(lowercase ? text.toLowerCase() : text);
}

export interface LearnedSubwords {
  readonly vocabulary: Vocabulary;
  readonly merges: [string, string][];
  readonly specials: string[];
}

/** Refuses options that do not fit together. */
export function checkBuild(op: string, options: BuildSubwordTokenizerOptions): void {
  const { split = "words", maxSize = SUBWORDS, minCount = 2 } = options;
  checkChoice(op, "split", split, ["words", "whitespace"]);
  checkCount(op, "minCount", minCount);
  checkCount(op, "maxSize", maxSize);
  checkRoom(op, maxSize, fixedTokens(options));
}

/** Special tokens, the padding first. */
function specialTokens({ padding, specials = [] }: BuildSubwordTokenizerOptions): string[] {
  return [...new Set(padding === undefined ? specials : [padding, ...specials])];
}

/** The tokens that are not learned. */
function fixedTokens(options: BuildSubwordTokenizerOptions): string[] {
  const ends = options.split === "whitespace" ? [END_OF_WORD] : [];
  return [...specialTokens(options), ...BYTE_TOKENS, ...ends];
}

/** @param pieces how often each piece comes */
export function learnSubwords(
  pieces: ReadonlyMap<string, number>,
  options: BuildSubwordTokenizerOptions,
): LearnedSubwords {
  const { split, maxSize = SUBWORDS, minCount = 2, padding } = options;
  const ended = split === "whitespace";
  const fixed = fixedTokens(options);
  const reserved = new Set(fixed);
  const words = [...pieces.keys()].map(ended ? endedSymbols : (piece) => [...piece]);
  const counts = [...pieces.values()];
  const characters = alphabet(words, counts, reserved, minCount);
  const symbols = [...fixed, ...characters].slice(0, maxSize);
  const ids = new Map(symbols.map((symbol, id) => [symbol, id]));
  for (const symbol of reserved) ids.set(symbol, APART);
  const merges = learnMerges({
    words: words.map((word) => word.map((symbol) => ids.get(symbol) ?? APART)),
    ...{ counts, symbols, maxSize, minCount },
    // What ends no word must not look as if it did.
    allows: (symbol, right) =>
      !reserved.has(symbol) &&
      (!ended || right.endsWith(END_OF_WORD) || !symbol.endsWith(END_OF_WORD)),
  });
  return {
    vocabulary: new Vocabulary(symbols, { padding }),
    merges: merges.map(([left, right]) => [symbols[left]!, symbols[right]!]),
    specials: specialTokens(options),
  };
}

/** The symbols that words are spelled in, the most frequent first, equally frequent ones by code point. */
function alphabet(
  words: readonly (readonly string[])[],
  counts: readonly number[],
  reserved: ReadonlySet<string>,
  minCount: number,
): string[] {
  const sums = new Map<string, number>();
  words.forEach((word, i) => {
    for (const symbol of word) sums.set(symbol, (sums.get(symbol) ?? 0) + counts[i]!);
  });
  return [...sums]
    .filter(
      ([symbol, count]) => count >= minCount && !reserved.has(symbol) && !hasLoneSurrogate(symbol),
    )
    .sort(([a, aCount], [b, bCount]) => bCount - aCount || byCodePoint(a, b))
    .map(([symbol]) => symbol);
}

function checkRoom(op: string, maxSize: number, fixed: readonly string[]): void {
  if (new Set(fixed).size < fixed.length)
    throw new OptionError({
      op,
      expected: "special tokens that are none of the bytes",
      got: fixed.find((token, i) => fixed.indexOf(token) < i)!,
    });
  if (maxSize < fixed.length)
    throw new OptionError({
      op,
      expected: `maxSize of at least ${fixed.length}`,
      got: String(maxSize),
      cure: "256 bytes and the special tokens are part of every vocabulary of subwords.",
    });
}
