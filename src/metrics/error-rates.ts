// Word and character error rates, as speech and handwriting recognition report them.
import { checkCall, checkChoice } from "../core/check.js";
import { editCounts, editDistance, type EditCounts } from "./edit-distance.js";
import { requirePairs, tokensOf, trimmed, type Segment } from "./segments.js";

export interface ErrorRates extends EditCounts {
  /** edits / length; more than 1 where much is inserted. NaN where there is neither, Infinity where there is no length. */
  readonly errorRate: number;
  /** Words or characters of the targets. */
  readonly length: number;
}

export interface ErrorRateOptions {
  /**
   * What is counted. `"words"`: what stands between white space. `"characters"`: code points, blanks inside the text included
   * and those around it not, as jiwer counts; an emoji of several code points is several. Token lists are counted as they
   * are. Default `"words"`.
   */
  unit?: "words" | "characters";
}

/**
 * The word error rate of a corpus: all substitutions, insertions and deletions over all words of the targets. Texts are cut at
 * white space and otherwise left as they are: case and punctuation count. Token lists of any kind (phonemes, ids) are
 * taken as they are.
 *
 * @throws ShapeError where there are not as many predictions as targets
 * @example
 * ```ts
 * const { errorRate, deletions } = wordErrorRate(["the cat sat"], ["the cat sat down"]);
 * errorRate; // 0.25
 * deletions; // 1
 * ```
 */
export function wordErrorRate(
  predicted: readonly Segment[],
  target: readonly Segment[],
): ErrorRates {
  checkCall("wordErrorRate", arguments, "predicted:list target:list");
  return corpusRate("wordErrorRate", predicted, target, { unit: "words" });
}

/**
 * The character error rate of a corpus: {@link wordErrorRate} of code points. White space around a text is left out.
 *
 * @throws ShapeError where there are not as many predictions as targets
 * @example
 * ```ts
 * characterErrorRate(["sitting"], ["kitten"]).errorRate; // 0.5
 * ```
 */
export function characterErrorRate(
  predicted: readonly Segment[],
  target: readonly Segment[],
): ErrorRates {
  checkCall("characterErrorRate", arguments, "predicted:list target:list");
  return corpusRate("characterErrorRate", predicted, target, { unit: "characters" });
}

function corpusRate(
  op: string,
  predicted: readonly Segment[],
  target: readonly Segment[],
  options: ErrorRateOptions,
): ErrorRates {
  requirePairs(op, predicted.length, target.length);
  const counter = new ErrorRateCounter(options);
  target.forEach((segment, i) => counter.add(predicted[i]!, segment));
  return counter.scores();
}

/**
 * {@link wordErrorRate} or {@link characterErrorRate} of texts that come one by one.
 *
 * @example
 * ```ts
 * const counter = new ErrorRateCounter({ unit: "characters" });
 * counter.add("abd", "abc");
 * counter.scores().substitutions; // 1
 * ```
 */
export class ErrorRateCounter {
  readonly #unit: "words" | "characters";
  readonly #counts = { edits: 0, substitutions: 0, insertions: 0, deletions: 0, hits: 0 };
  #length = 0;

  constructor(options: ErrorRateOptions = {}) {
    checkCall("ErrorRateCounter", arguments, "{unit:string}");
    const { unit = "words" } = options;
    checkChoice("ErrorRateCounter", "unit", unit, ["words", "characters"]);
    this.#unit = unit;
  }

  add(predicted: Segment, target: Segment): void {
    checkCall("ErrorRateCounter.add", arguments, "predicted:string|list target:string|list");
    const ofTexts = typeof predicted === "string" && typeof target === "string";
    const counts =
      ofTexts && this.#unit === "characters"
        ? editCounts(codePoints(predicted), codePoints(target))
        : editDistance(this.#tokens(predicted), this.#tokens(target));
    this.#length += counts.hits + counts.substitutions + counts.deletions;
    for (const kind of Object.keys(this.#counts) as (keyof EditCounts)[])
      this.#counts[kind] += counts[kind];
  }

  /** Of all texts so far. */
  scores(): ErrorRates {
    return {
      ...this.#counts,
      errorRate: this.#counts.edits / this.#length,
      length: this.#length,
    };
  }

  #tokens(segment: Segment): ArrayLike<string | number> {
    const ofCharacters = typeof segment === "string" && this.#unit === "characters";
    return ofCharacters ? [...trimmed(segment)] : tokensOf("ErrorRateCounter.add", segment);
  }
}

function codePoints(text: string): Int32Array {
  return Int32Array.from(trimmed(text), (character) => character.codePointAt(0)!);
}
