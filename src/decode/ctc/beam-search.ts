import { checkCall, checkCount } from "../../core/check.js";
import { checkLike } from "../../core/check-like.js";
import { described } from "../../core/described.js";
import { OptionError, ScopeError, ShapeError } from "../../core/errors.js";
import type { Tensor } from "../../tensor/tensor.js";
import { checkBlank, distributions, rowsOf, type CtcOptions } from "./frames.js";
import type { LabelScorer } from "./label-scorer.js";
import { PrefixSearch, type CtcHypothesis, type SearchSettings } from "./search.js";

export interface CtcSearchOptions {
  /** The class that stands for no label. Default 0. */
  blank?: number | undefined;
  /** Labellings that are kept at each step. Default 16. */
  beams?: number | undefined;
  /** How many of the best to return, at most `beams`. Default 1. */
  nBest?: number | undefined;
  /** Labels that are looked at in each step: the likeliest. Default 40. */
  cutoffTopN?: number | undefined;
  /** A language model over the labels: {@link labelScorer}. Default: none. */
  languageModel?: LabelScorer | undefined;
  /** What the language model weighs: its logarithms are multiplied by this. Default 0.5. */
  alpha?: number | undefined;
  /** What each label adds to the score: it makes up for what the language model takes from longer texts. Default 0. */
  beta?: number | undefined;
}

export interface CtcBeamSearchOptions extends CtcSearchOptions, CtcOptions {}

const KEYS =
  "blank:number beams:number nBest:number cutoffTopN:number languageModel:object alpha:number beta:number";

/**
 * Prefix beam search: the labelling whose alignments are most probable together, which may be another than that of the most
 * probable alignment ({@link ctcGreedy}). Labellings are ranked by
 *
 *     log P(labels | logits) + alpha · log P(labels | language model) + beta · number of labels
 *
 * (Graves et al. 2006; with a language model Hannun et al. 2014). Of equal ones the one that was found first stands first, so
 * the result is the same on every engine. With `beams` and `cutoffTopN` large enough it is exact.
 *
 * @param logits `[batch, time, classes]`, before any softmax, as `ctcLoss` takes them
 * @returns for each row the best first: `nBest`, or all where the search found fewer
 * @throws NumericError for logits that are no distribution; ShapeError, IndexError or OptionError for what does not fit
 * @example
 * ```ts
 * const logits = log(tensor([[[0.4, 0, 0.6], [0.4, 0, 0.6]]])); // labels 0 and 1, blank 2
 * [...ctcGreedy(logits, { blank: 2 })[0]!.labels]; // []
 * // One 0 in two steps, 0.4² + 2 · 0.4 · 0.6 = 0.64, is more than none, 0.6² = 0.36.
 * [...ctcBeamSearch(logits, { blank: 2 })[0]![0]!.labels]; // [0]
 * ```
 */
export function ctcBeamSearch(
  logits: Tensor,
  options: CtcBeamSearchOptions = {},
): CtcHypothesis[][] {
  const op = "ctcBeamSearch";
  checkCall(op, arguments, `logits:tensor {lengths:list|tensor ${KEYS}}`);
  const { lengths, ...own } = options;
  const { rows, classes } = rowsOf(op, logits, lengths, own.blank ?? 0);
  const settings = readSettings(op, classes, own);
  return rows.map((row) => {
    const search = new PrefixSearch(settings);
    run(op, search, row.logits, classes);
    return search.hypotheses();
  });
}

function run(op: string, search: PrefixSearch, logits: Float32Array, classes: number): void {
  const probabilities = distributions(op, logits, classes, "softmax", search.time);
  for (let at = 0; at < probabilities.length; at += classes)
    search.step(probabilities.subarray(at, at + classes));
}

function readSettings(op: string, classes: number, options: CtcSearchOptions): SearchSettings {
  const { blank = 0, beams = 16, nBest = 1, cutoffTopN = 40 } = options;
  const { languageModel, alpha = 0.5, beta = 0 } = options;
  checkCount(op, "classes", classes);
  checkBlank(op, blank, classes);
  checkCount(op, "beams", beams);
  checkCount(op, "nBest", nBest);
  checkCount(op, "cutoffTopN", cutoffTopN);
  if (nBest > beams)
    throw new OptionError({
      op,
      expected: `nBest at most ${beams} beams`,
      got: described(nBest),
    });
  for (const [name, value] of Object.entries({ alpha, beta }))
    if (!Number.isFinite(value) || (name === "alpha" && value < 0))
      throw new OptionError({
        op,
        expected: `${name} to be a number${name === "alpha" ? " of at least 0" : ""}`,
        got: described(value),
      });
  if (languageModel) checkLike(op, "a language model by labelScorer()", "score", languageModel);
  return { op, classes, blank, beams, nBest, cutoffTopN, languageModel, alpha, beta };
}

/** What a {@link CtcStream} has read so far. */
export interface CtcPartial {
  /** The best labelling so far. */
  readonly labels: Int32Array;
  /** Of each label, the step at which it is read. */
  readonly times: Int32Array;
  /** How many of the labels, from the first, will not change any more: all in the beam begin with them. */
  readonly final: number;
}

/**
 * {@link ctcBeamSearch} of one sequence whose steps come in: after each push the best labelling so far, and how much of it is final.
 * However steps are cut into pushes, the result is that of the whole.
 *
 * @example
 * ```ts
 * const stream = new CtcStream(3); // 0 the blank
 * [...stream.push(Float32Array.of(0, 9, 0, 9, 0, 0)).labels]; // [1]
 * [...stream.push(Float32Array.of(0, 0, 9)).labels]; // [1, 2]
 * [...stream.end()[0]!.times]; // [0, 2]
 * ```
 */
export class CtcStream {
  /** @internal As it is printed, whatever a bundler calls it. */
  static readonly name: string = "CtcStream";
  readonly classes: number;
  readonly #settings: SearchSettings;
  #search: PrefixSearch;
  #ended = false;

  /** @param classes labels and the blank */
  constructor(classes: number, options: CtcSearchOptions = {}) {
    checkCall("CtcStream", arguments, `classes:number {${KEYS}}`);
    this.classes = classes;
    this.#settings = readSettings("CtcStream", classes, options);
    this.#search = new PrefixSearch(this.#settings);
  }

  /**
   * Takes steps.
   *
   * @param logits `[steps, classes]`, one step behind the other
   * @throws ShapeError for another number; NumericError for logits that are no distribution; ScopeError after `end()`
   */
  push(logits: Float32Array): CtcPartial {
    checkCall("CtcStream.push", arguments, "logits:Float32Array");
    this.#checkOpen("push");
    if (logits.length % this.classes !== 0)
      throw new ShapeError({
        op: "CtcStream.push",
        expected: `steps of ${this.classes} logits`,
        got: described(logits),
      });
    run("CtcStream.push", this.#search, logits, this.classes);
    return this.#search.partial();
  }

  /** Ends the sequence: the best labellings, the best first. */
  end(): CtcHypothesis[] {
    checkCall("CtcStream.end", arguments, "");
    this.#checkOpen("end");
    this.#ended = true;
    return this.#search.hypotheses();
  }

  /** Begins anew, with another sequence. */
  reset(): void {
    checkCall("CtcStream.reset", arguments, "");
    this.#search = new PrefixSearch(this.#settings);
    this.#ended = false;
  }

  #checkOpen(method: string): void {
    if (this.#ended)
      throw new ScopeError({
        op: `CtcStream.${method}`,
        expected: "a sequence that goes on",
        got: "one that has ended",
        cure: "reset() begins another.",
      });
  }
}
