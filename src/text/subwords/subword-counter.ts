import { checkCall } from "../../core/check.js";
import { checkLike } from "../../core/check-like.js";
import { tally } from "../../core/tally.js";
import {
  BUILD_TYPES,
  checkBuild,
  learnSubwords,
  piecesOf,
  type BuildSubwordTokenizerOptions,
} from "./learn-subwords.js";
import { SubwordTokenizer } from "./subword-tokenizer.js";

/**
 * Counts the words of texts, one after another, for a tokenizer of their subwords: of a stream of any length only its
 * different words are kept.
 *
 * @example
 * ```ts
 * const [english, german] = [new SubwordCounter(), new SubwordCounter()];
 * for (const [source, target] of [["a lower house", "ein niedrigeres haus"]]) {
 *   english.add(source);
 *   german.add(target);
 * }
 * const both = new SubwordCounter({ maxSize: 300, minCount: 1 }).addCounts(english).addCounts(german);
 * const tokenizer = both.tokenizer();
 * const forEnglish = tokenizer.restrictedTo(english.subwords(tokenizer), 1);
 * forEnglish.decode(tokenizer.encode("a house")); // "a house"
 * ```
 */
export class SubwordCounter {
  readonly #counts = new Map<string, number>();
  readonly #options: BuildSubwordTokenizerOptions;

  /** @throws OptionError for a maxSize that has no room for the bytes */
  constructor(options: BuildSubwordTokenizerOptions = {}) {
    checkCall("SubwordCounter", arguments, `{${BUILD_TYPES}}`);
    checkBuild("SubwordCounter", options);
    this.#options = { ...options };
  }

  /** @returns pieces that were added: words, numbers, marks */
  add(text: string): number {
    checkCall("SubwordCounter.add", arguments, "text:string");
    return tally(this.#counts, piecesOf(text, this.#options));
  }

  /** Adds what another has counted: of another language, for subwords of both. */
  addCounts(other: SubwordCounter): this {
    checkCall("SubwordCounter.addCounts", arguments, "other:object");
    checkLike("SubwordCounter.addCounts", "a SubwordCounter", "subwords", other);
    for (const [piece, count] of other.#counts)
      this.#counts.set(piece, (this.#counts.get(piece) ?? 0) + count);
    return this;
  }

  /** How often each subword comes in what was counted, once it is encoded. */
  subwords(tokenizer: SubwordTokenizer): Map<string, number> {
    checkCall("SubwordCounter.subwords", arguments, "tokenizer:object");
    checkLike("SubwordCounter.subwords", "a SubwordTokenizer", "restrictedTo", tokenizer);
    const { tokens } = tokenizer.vocabulary;
    const counts = new Map<string, number>();
    for (const [piece, count] of this.#counts)
      for (const id of tokenizer.encodePiece(piece))
        counts.set(tokens[id]!, (counts.get(tokens[id]!) ?? 0) + count);
    return counts;
  }

  /** Learns the subwords of what was counted. */
  tokenizer(): SubwordTokenizer {
    checkCall("SubwordCounter.tokenizer", arguments, "");
    const learned = learnSubwords(this.#counts, this.#options);
    return SubwordTokenizer.of(learned, this.#options);
  }
}
