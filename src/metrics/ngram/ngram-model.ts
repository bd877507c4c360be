// The language model that counts: what a network that reads the whole past must beat.
import { checkIterable, checkLike } from "../../core/check-like.js";
import { described } from "../../core/described.js";
import { checkCall, checkCount, checkKeys } from "../../core/check.js";
import { OptionError } from "../../core/errors.js";
import { turnOfOthers } from "../../core/yield.js";
import { log } from "../../core/exp-log.js";
import type { AbortSignalLike } from "../../core/platform.js";
import { perplexity } from "../perplexity.js";
import type { ContextTable } from "./context-table.js";
import { NgramCounter } from "./ngram-counter.js";
import { highestOrder, likeliestOrder, type Limits } from "./ngram-orders.js";
import { NgramReader } from "./ngram-reader.js";
import { checkIds, joined } from "./ngram-text.js";

export interface NgramModelOptions {
  /** Number of distinct ids: they are from 0 to below it. */
  vocabularySize: number;
  /** Length of the longest n-grams: order 5 predicts an id from the 4 before it. Either this or `validation`. */
  order?: number | undefined;
  /** Ids, two or more, on whose perplexity the order is chosen, the lowest of equals. Either this or `order`. */
  validation?: Int32Array | undefined;
  /** The highest order to choose from. Default 5; with a vocabulary of at most 1,000 ids 8. Only with `validation`. */
  maxOrder?: number | undefined;
  /**
   * N-grams that the model holds at the most, those of order 1 apart. Where a text has more, n-grams that come only once
   * are left out of the first order that leaves too little room for those above, and of all above it; the first order
   * that does not fit even so is left out, with all above it. Default 10,000,000.
   */
  maxNgrams?: number | undefined;
  /** Ends the build early. */
  signal?: AbortSignalLike | undefined;
}

const NAME = "NgramModel";

/**
 * An n-gram language model with interpolated modified Kneser-Ney smoothing (Chen & Goodman 1998, "An empirical study of
 * smoothing techniques for language modeling", section 3). The probability of an id w after a context h is
 *
 *     p(w | h) = (c(hw) - D(c(hw))) / c(h·) + γ(h) p(w | h')
 *     γ(h) = (D1 N1(h·) + D2 N2(h·) + D3+ N3+(h·)) / c(h·)
 *
 * h' is h without its first id; after the empty context follows the uniform distribution, 1 / vocabularySize. In the
 * highest order, c(hw) is how often hw comes in the text; in lower orders it is how many distinct ids come before hw, the
 * beginning of the text counted as one. c(h·) is the sum of c(hw) over w; N1(h·) is the number of w with c(hw) = 1, and
 * so on. The discounts of an order follow from n1 to n4, the numbers of its n-grams that have a count of 1 to 4:
 *
 *     Y = n1 / (n1 + 2 n2)    D1 = 1 - 2Y n2/n1    D2 = 2 - 3Y n3/n2    D3+ = 3 - 4Y n4/n3
 *
 * (0.5, 1 and 1.5 where an order has too few n-grams for that), and D(0) = 0. Where n-grams are left out (`maxNgrams`), all
 * that they count goes to γ. A context that the text does not have falls back to h'. p sums to 1 over the vocabulary, and
 * is above 0 for every id.
 *
 * The text is one stream of ids, as a recurrent model reads it: contexts cross lines and sentences, and an end of a line or
 * sentence counts only where an id stands for it.
 *
 * Memory: 8 bytes for an n-gram of the highest order, 24 for any other. While it is built, besides the text: at first 8
 * bytes for each of its ids, then 4 and some 30 for each n-gram.
 *
 * @example
 * ```ts
 * const ids = Int32Array.from({ length: 300 }, (_, i) => i % 3);
 * const model = await NgramModel.build(ids, { vocabularySize: 3, order: 2 });
 * model.perplexity(Int32Array.of(0, 1, 2, 0, 1)) < 1.5; // true
 * ```
 */
export class NgramModel {
  readonly vocabularySize: number;
  /** Length of the longest n-grams: less than asked for where `maxNgrams` or the text ends earlier. */
  readonly order: number;
  /** By order from 1, the number of distinct n-grams that the model holds. */
  readonly ngrams: readonly number[];
  /** Memory that the model takes. */
  readonly memoryBytes: number;
  /** By length of the context, from 0. */
  readonly #tables: readonly ContextTable[];

  private constructor(tables: readonly ContextTable[], vocabularySize: number) {
    this.vocabularySize = vocabularySize;
    this.order = tables.length;
    this.ngrams = tables.map(({ size }) => size);
    this.memoryBytes = tables.reduce((sum, table) => sum + table.memoryBytes, 0);
    this.#tables = tables;
  }

  /**
   * Counts a text. Other work can run meanwhile: it pauses every few tenths of a second.
   *
   * @param text ids, or pieces of one stream of ids
   * @throws IndexError for an id outside the vocabulary; OptionError for a text without ids, and for options that do not
   *   go together; the signal's reason when the signal aborts
   */
  static async build(
    text: Int32Array | Iterable<Int32Array> | AsyncIterable<Int32Array>,
    options: NgramModelOptions,
  ): Promise<NgramModel> {
    checkCall(
      "NgramModel.build",
      arguments,
      "text {vocabularySize!:number order:number validation:Int32Array maxOrder:number maxNgrams:number signal:object}",
    );
    const limits = limitsOf(options);
    const isStream = Symbol.asyncIterator in Object(text);
    if (!isStream) checkIterable("NgramModel.build", "a text of ids", text);
    if (options.signal)
      checkLike("NgramModel.build", "a signal", "addEventListener", options.signal);
    const { vocabularySize, validation, signal } = options;
    if (validation) checkScored(validation, vocabularySize);
    const pause = async (): Promise<void> => {
      await turnOfOthers();
      if (signal?.aborted) throw signal.reason;
    };
    await pause();
    const ids = text instanceof Int32Array ? text : await joined(text);
    if (ids.length === 0)
      throw new OptionError({ op: NAME, expected: "a text of at least one id", got: "none" });
    checkIds(NAME, ids, vocabularySize);
    const counter = new NgramCounter(ids, vocabularySize, pause);
    const tables = validation
      ? await likeliestOrder(counter, limits, { ids: validation, vocabularySize, pause })
      : await highestOrder(counter, limits);
    return new NgramModel(tables, vocabularySize);
  }

  /**
   * The natural logarithm of the probability of an id after a context, of which the last `order - 1` ids are read.
   *
   * @throws IndexError for an id outside the vocabulary
   */
  logProbability(context: ArrayLike<number>, id: number): number {
    checkCall("NgramModel.logProbability", arguments, "context:list id:number");
    const ids = Array.from(context).slice(Math.max(0, context.length - this.order + 1));
    ids.push(id);
    checkIds(NAME, ids, this.vocabularySize);
    const reader = new NgramReader(this.#tables, this.vocabularySize);
    let probability = 1;
    for (const each of ids) probability = reader.read(each);
    return log(probability);
  }

  /**
   * The perplexity of ids, each predicted from those before it; the first is context only, as in
   * `LanguageModel.evaluate`.
   *
   * @throws OptionError for fewer than two ids; IndexError for an id outside the vocabulary
   */
  perplexity(ids: Int32Array): number {
    checkCall("NgramModel.perplexity", arguments, "ids:Int32Array");
    checkScored(ids, this.vocabularySize);
    const reader = new NgramReader(this.#tables, this.vocabularySize);
    reader.read(ids[0]!);
    return perplexity(reader.loss(ids, 1, ids.length), ids.length - 1);
  }
}

function checkScored(ids: Int32Array, vocabularySize: number): void {
  if (ids.length < 2)
    throw new OptionError({
      op: NAME,
      expected: "at least two ids to score",
      got: described(ids.length),
    });
  checkIds(NAME, ids, vocabularySize);
}

function limitsOf(options: NgramModelOptions): Limits {
  const { vocabularySize, order, validation, maxOrder, maxNgrams = 10_000_000 } = options;
  checkKeys(NAME, options, "vocabularySize order validation maxOrder maxNgrams signal");
  checkCount(NAME, "vocabularySize", vocabularySize);
  checkCount(NAME, "maxNgrams", maxNgrams, 0);
  if ((order === undefined) === (validation === undefined))
    throw new OptionError({
      op: NAME,
      expected: "either order, or validation to choose it",
      got: order === undefined ? "neither" : "both",
    });
  if (order !== undefined && maxOrder !== undefined)
    throw new OptionError({
      op: NAME,
      expected: "maxOrder with validation only",
      got: `maxOrder ${maxOrder} beside order ${order}`,
    });
  const highest = order ?? maxOrder ?? (vocabularySize <= 1000 ? 8 : 5);
  checkCount(NAME, order === undefined ? "maxOrder" : "order", highest);
  return { maxOrder: highest, maxNgrams };
}
