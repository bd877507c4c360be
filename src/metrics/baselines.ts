// What any model must beat: predictions by counting alone.
import { checkIterable } from "../core/check-like.js";
import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { log } from "../core/exp-log.js";

/**
 * The class that comes most often, of equally frequent ones the first by code unit: the guess of whoever has seen
 * the labels only.
 *
 * @throws OptionError where there is no label
 * @example
 * ```ts
 * majorityClass(["a", "b", "a"]); // "a"
 * ```
 */
export function majorityClass<Label extends string>(labels: Iterable<Label>): Label {
  checkCall("majorityClass", arguments, "labels");
  checkIterable("majorityClass", "labels in an array", labels);
  const counts = new Map<Label, number>();
  for (const label of labels) add(counts, label);
  return mostFrequent("majorityClass", counts);
}

/** An example of a {@link NaiveBayes}: its features, such as `wordNgrams(words)`, and its class. */
export interface BayesExample<Label extends string> {
  readonly features: readonly string[];
  readonly label: Label;
}

/**
 * Multinomial naive Bayes (Manning et al. 2008, "Introduction to information retrieval", 13.2).
 *
 * @example
 * ```ts
 * const bayes = new NaiveBayes([
 *   { features: ["good", "fun"], label: "positive" },
 *   { features: ["dull"], label: "negative" },
 * ]);
 * bayes.predict(["good"]); // "positive"
 * ```
 */
export class NaiveBayes<Label extends string> {
  /** In the order of their names. */
  readonly labels: readonly Label[];
  /** By feature, for each label: log of (its count + smoothing) over (all counts + smoothing · features). */
  readonly #features: ReadonlyMap<string, Float64Array>;
  readonly #priors: Float64Array;

  /**
   * @param smoothing added to each count. Default 1 (Laplace)
   * @throws OptionError without examples
   */
  constructor(
    examples: Iterable<BayesExample<Label>>,
    options: { smoothing?: number | undefined } = {},
  ) {
    checkCall("NaiveBayes", arguments, "examples {smoothing:number}");
    checkIterable("NaiveBayes", "examples in an array", examples);
    const { smoothing = 1 } = options;
    if (!(smoothing > 0 && smoothing < Infinity))
      throw new OptionError({
        op: "NaiveBayes",
        expected: "smoothing above 0",
        got: described(smoothing),
      });
    const classes = new Map<Label, { examples: number; total: number; of: Map<string, number> }>();
    const known = new Set<string>();
    for (const example of examples) {
      const { features, label } = Object(example) as typeof example;
      checkCall("NaiveBayes", [features, label], "features:list label:string");
      const one = classes.get(label) ?? { examples: 0, total: 0, of: new Map() };
      classes.set(label, one);
      one.examples++;
      one.total += features.length;
      for (const feature of features) {
        known.add(feature);
        add(one.of, feature);
      }
    }
    if (classes.size === 0)
      throw new OptionError({ op: "NaiveBayes", expected: "at least one example", got: "none" });
    const sorted = [...classes].sort(([a], [b]) => (a < b ? -1 : 1));
    this.labels = sorted.map(([label]) => label);
    this.#priors = Float64Array.from(sorted, ([, { examples }]) => log(examples));
    const totals = sorted.map(([, { total }]) => log(total + smoothing * known.size));
    this.#features = new Map(
      Array.from(known, (feature) => [
        feature,
        Float64Array.from(
          sorted,
          ([, { of }], i) => log((of.get(feature) ?? 0) + smoothing) - totals[i]!,
        ),
      ]),
    );
  }

  /** The likeliest class; features that no example had count for nothing. */
  predict(features: readonly string[]): Label {
    checkCall("NaiveBayes.predict", arguments, "features:list");
    const scores = this.#priors.slice();
    for (const feature of features)
      this.#features.get(feature)?.forEach((score, i) => (scores[i]! += score));
    return this.labels[scores.indexOf(scores.reduce((a, b) => Math.max(a, b)))]!;
  }
}

/**
 * Tags each word as it is tagged most often, and words never seen with the most frequent tag of all.
 *
 * @example
 * ```ts
 * const baseline = new MostFrequentTags([
 *   { words: ["Ada", "won", "it"], tags: ["B-PER", "O", "O"] },
 * ]);
 * baseline.predict(["Ada", "lost"]); // ["B-PER", "O"]
 * ```
 */
export class MostFrequentTags<Tag extends string> {
  readonly #tags = new Map<string, Tag>();
  /** The most frequent tag. */
  readonly otherwise: Tag;

  /**
   * @throws OptionError without words; ShapeError for a sentence with more or fewer tags than words
   */
  constructor(
    sentences: Iterable<{ readonly words: readonly string[]; readonly tags: readonly Tag[] }>,
  ) {
    checkCall("MostFrequentTags", arguments, "sentences");
    checkIterable("MostFrequentTags", "sentences in an array", sentences);
    const counts = new Map<string, Map<Tag, number>>();
    const all = new Map<Tag, number>();
    for (const sentence of sentences) {
      const { words, tags } = Object(sentence) as typeof sentence;
      checkCall("MostFrequentTags", [words, tags], "words:list tags:list");
      if (words.length !== tags.length)
        throw new ShapeError({
          op: "MostFrequentTags",
          expected: `${words.length} tags, one for each word`,
          got: described(tags.length),
        });
      words.forEach((word, i) => {
        const own = counts.get(word) ?? new Map<Tag, number>();
        counts.set(word, own);
        add(own, tags[i]);
        add(all, tags[i]);
      });
    }
    this.otherwise = mostFrequent("MostFrequentTags", all);
    for (const [word, own] of counts) this.#tags.set(word, mostFrequent("MostFrequentTags", own));
  }

  predict(words: readonly string[]): Tag[] {
    checkCall("MostFrequentTags.predict", arguments, "words:list");
    return words.map((word) => this.#tags.get(word) ?? this.otherwise);
  }
}

function add<K>(counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function mostFrequent<Label extends string>(op: string, counts: Map<Label, number>): Label {
  if (counts.size === 0) throw new OptionError({ op, expected: "at least one label", got: "none" });
  return [...counts].reduce((best, one) =>
    one[1] > best[1] || (one[1] === best[1] && one[0] < best[0]) ? one : best,
  )[0];
}
