import { checkIterable, checkLike } from "../../core/check-like.js";
import { checkCall, checkChoice, checkCount, definedOnly } from "../../core/check.js";
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import { quoted } from "../../core/code-points.js";
import { tally } from "../../core/tally.js";
import type { Vocabulary } from "../vocabulary.js";
import { BYTE_TOKENS } from "./bytes.js";
import { END_OF_WORD, endOfWordScheme } from "./end-of-word-scheme.js";
import { SubwordEncoder } from "./encoder.js";
import { Merges, type Merge } from "./merges.js";
import type { EncodeSubwordsOptions } from "./scheme.js";
import {
  BUILD_TYPES,
  checkBuild,
  learnSubwords,
  piecesOf,
  type BuildSubwordTokenizerOptions,
  type LearnedSubwords,
  type SubwordOptions,
} from "./learn-subwords.js";
import { wordScheme } from "./word-scheme.js";

export interface SubwordTokenizerOptions extends SubwordOptions {
  /** Tokens that stand for no text, such as `"<eos>"`: no text is encoded as one, and they decode to nothing. Default: none. */
  specials?: readonly string[];
  /** Subwords that are taken apart again: see {@link SubwordTokenizer.restrictedTo}. Default: none. */
  rare?: readonly string[];
}

/**
 * A text as frequent parts of its words, learned by byte-pair encoding (Sennrich et al. 2016): frequent words are one
 * token, rare ones several, and none is unknown.
 *
 * The first symbols are characters, and the 256 bytes for every character that the texts lacked or had too seldom. Bytes
 * alone, as GPT-2 has them, spend merges on putting characters together, and a text that is generated can end amid one;
 * with characters alone a new one would be unknown. Decoding gives every text back, white space included.
 *
 * @example
 * ```ts
 * const tokenizer = SubwordTokenizer.build("low lower lowest new newer newest ".repeat(9), { maxSize: 280 });
 * const ids = tokenizer.encode("the lowest 😀");
 * tokenizer.decode(ids); // "the lowest 😀"
 * ```
 */
export class SubwordTokenizer {
  readonly vocabulary: Vocabulary;
  readonly split: "words" | "whitespace";
  readonly lowercase: boolean;
  readonly specials: readonly string[];
  readonly #encoder: SubwordEncoder;

  /**
   * Most get one from {@link build}.
   *
   * @param vocabulary has the 256 bytes, `<0x00>` to `<0xFF>`, among its tokens; with `split: "whitespace"` also `</w>`
   * @param merges pairs of tokens that become one, the first one first
   * @throws OptionError for a vocabulary that lacks one of these, or what a merge needs
   */
  constructor(
    vocabulary: Vocabulary,
    merges: readonly (readonly [string, string])[],
    options: SubwordTokenizerOptions = {},
  ) {
    const op = "SubwordTokenizer";
    checkCall(
      op,
      arguments,
      "vocabulary:object merges:list {split:string lowercase:boolean specials:list rare:list}",
    );
    checkLike(op, "a Vocabulary", "encode", vocabulary);
    const { split = "words", lowercase = false, specials = [], rare = [] } = options;
    checkChoice(op, "split", split, ["words", "whitespace"]);
    const ends = split === "whitespace" ? [END_OF_WORD] : [];
    for (const token of [...BYTE_TOKENS, ...ends, ...specials, ...rare])
      if (!vocabulary.has(token))
        throw new OptionError({
          op,
          expected: `a vocabulary with ${quoted(token)}`,
          got: "one without",
        });
    this.vocabulary = vocabulary;
    this.split = split;
    this.lowercase = lowercase;
    this.specials = [...specials];
    const silent = new Set(specials.map((token) => vocabulary.id(token)));
    const scheme = split === "words" ? wordScheme : endOfWordScheme;
    const list = merges.map((pair) => mergeOf(op, vocabulary, pair));
    this.#encoder = new SubwordEncoder(
      new Merges(list, vocabulary.size, true),
      scheme(vocabulary, lowercase, silent),
      new Set(rare.map((token) => vocabulary.id(token))),
    );
  }

  /**
   * Learns the subwords of a text, or of several.
   *
   * @throws OptionError for a maxSize that has no room for the bytes
   */
  static build(
    texts: string | Iterable<string>,
    options: BuildSubwordTokenizerOptions = {},
  ): SubwordTokenizer {
    checkCall("SubwordTokenizer.build", arguments, `texts:string|object|list {${BUILD_TYPES}}`);
    checkBuild("SubwordTokenizer.build", options);
    if (typeof texts !== "string")
      checkIterable("SubwordTokenizer.build", "texts in a list", texts);
    const counts = new Map<string, number>();
    for (const text of typeof texts === "string" ? [texts] : texts) {
      checkCall("SubwordTokenizer.build", [text], "text:string");
      tally(counts, piecesOf(text, options));
    }
    return SubwordTokenizer.of(learnSubwords(counts, options), options);
  }

  /** @internal */
  static of({ vocabulary, merges, specials }: LearnedSubwords, given: SubwordOptions) {
    const { split, lowercase } = given;
    return new SubwordTokenizer(vocabulary, merges, {
      specials,
      ...definedOnly({ split, lowercase }),
    });
  }

  /** Number of ids. */
  get size(): number {
    return this.vocabulary.size;
  }

  /** Pairs of tokens that become one, in the order in which they were learned. */
  get merges(): [string, string][] {
    const { tokens } = this.vocabulary;
    return this.#encoder.merges.list.map(([left, right]) => [tokens[left]!, tokens[right]!]);
  }

  encode(text: string, options: EncodeSubwordsOptions = {}): Int32Array {
    checkCall("SubwordTokenizer.encode", arguments, "text:string {dropout:number}");
    return this.#encoder.encode("SubwordTokenizer.encode", text, options);
  }

  /** @throws IndexError for an id outside 0..size-1 */
  decode(ids: ArrayLike<number>): string {
    checkCall("SubwordTokenizer.decode", arguments, "ids:list");
    const decoder = this.#encoder.scheme.decoder();
    return Array.from(ids, (id) => decoder.push(id)).join("") + decoder.end();
  }

  /** The text that each id adds to the one `before`. A character in bytes comes with its last one. */
  decoder(before?: string): (id: number) => string {
    checkCall("SubwordTokenizer.decoder", arguments, "before?:string");
    const decoder = this.#encoder.scheme.decoder(before);
    return (id) => decoder.push(id);
  }

  /**
   * The same tokens and ids, for one of the languages from whose texts they were learned together: a subword that comes less
   * than `threshold` times there is taken apart into those that it was merged from, until they are frequent enough. So
   * nothing is encoded as a subword that only the other language has taught a model.
   *
   * @param counts how often each subword comes in texts of the language: see `SubwordCounter.subwords`
   */
  restrictedTo(counts: ReadonlyMap<string, number>, threshold: number): SubwordTokenizer {
    checkCall("SubwordTokenizer.restrictedTo", arguments, "counts:Map threshold:number");
    checkCount("SubwordTokenizer.restrictedTo", "threshold", threshold);
    const { tokens } = this.vocabulary;
    const rare = this.#encoder.merges.list
      .map(([, , result]) => tokens[result]!)
      .filter((token) => (counts.get(token) ?? 0) < threshold);
    const { vocabulary, merges, split, lowercase, specials } = this;
    return new SubwordTokenizer(vocabulary, merges, { split, lowercase, specials, rare });
  }

  /** For `JSON.stringify`; `tokenizerFromJSON` reads it. */
  toJSON() {
    const { split, lowercase, specials, merges, vocabulary } = this;
    const rare = this.#encoder.rare.map((id) => vocabulary.tokens[id]!);
    return {
      type: "subword" as const,
      ...{ split, lowercase, specials, merges },
      ...(rare.length > 0 && { rare }),
      vocabulary: vocabulary.toJSON(),
    };
  }

  /** @internal */
  encodePiece(piece: string): Iterable<number> {
    return this.#encoder.encodePiece(piece);
  }
}

function mergeOf(op: string, vocabulary: Vocabulary, pair: readonly [string, string]): Merge {
  if (!Array.isArray(pair) || pair.length !== 2 || !pair.every((part) => typeof part === "string"))
    throw new OptionError({ op, expected: "merges of two tokens each", got: described(pair) });
  const [left, right] = pair;
  const tokens = [left, right, left + right];
  const lacking = tokens.find((token) => !vocabulary.has(token));
  if (lacking !== undefined)
    throw new OptionError({
      op,
      expected: `a vocabulary with ${quoted(lacking)}, for the merge of ${quoted(left)} and ${quoted(right)}`,
      got: "one without",
    });
  return tokens.map((token) => vocabulary.id(token)) as unknown as Merge;
}
