// How well cosines tell what belongs together.
import { averagePrecision } from "../../metrics/average-precision.js";
import { pearson, spearman } from "../../metrics/correlation.js";
import { equalErrorRate } from "../../metrics/equal-error-rate.js";
import { SHARE, type Metrics, type Scores } from "../../metrics/metric.js";
import { bestThreshold, thresholdScores, type ThresholdScores } from "../../metrics/thresholds.js";
import { inPlace } from "../../data/examples.js";
import type { Evaluation } from "../kit/ready-model.js";
import { dot } from "../../vectors/search.js";
import { checkKind, kindOf, type ExampleKind, type Target } from "./example.js";
import { labelPairs, shiftedPairs, type PlacePair } from "./made-pairs.js";

/**
 * - `averagePrecision`, `accuracy`, `f1`, `equalErrorRate` of pairs that belong together or do not: the network's
 *   threshold decides, or in a training the best one.
 * - `spearman`, `pearson`: correlations of graded pairs' scores with the cosines.
 */
export type SiameseScores = Scores & {
  readonly averagePrecision?: number | undefined;
  readonly accuracy?: number | undefined;
  readonly f1?: number | undefined;
  readonly equalErrorRate?: number | undefined;
  readonly spearman?: number | undefined;
  readonly pearson?: number | undefined;
};

export const PAIR_METRICS: Metrics<SiameseScores> = {
  averagePrecision: SHARE,
  accuracy: SHARE,
  f1: SHARE,
  equalErrorRate: { better: "lower", as: "share" },
};

export const GRADED_METRICS: Metrics<SiameseScores> = {
  spearman: { better: "higher", as: "number" },
  pearson: { better: "higher", as: "number" },
};

/** What an evaluation tells beside the scores. */
export interface SiameseDetails {
  /** Pairs that were scored. Of inputs with labels, and of pairs that all belong together, others are made. */
  readonly pairs: number;
  /** How many of them belong together; undefined of graded pairs. */
  readonly together?: number | undefined;
  /** At the network's threshold; in a training, at the best. */
  readonly decisions?: ThresholdScores | undefined;
  /** At the threshold that would be best for either on these data. */
  readonly best?: { readonly accuracy: ThresholdScores; readonly f1: ThresholdScores } | undefined;
}

export class SiameseScorer {
  readonly #op: string;
  readonly #item: string;
  /** Undefined in a training: the best decides. */
  readonly #threshold: number | undefined;
  readonly #by: "accuracy" | "f1";
  readonly #vectors: (readonly Float32Array[])[] = [];
  readonly #targets: Target[] = [];
  #kind: ExampleKind | undefined;

  constructor(
    { op, item }: { op: string; item: string },
    threshold: number | undefined,
    by: "accuracy" | "f1",
  ) {
    this.#op = op;
    this.#item = item;
    this.#threshold = threshold;
    this.#by = by;
  }

  add(vectors: readonly Float32Array[], target: Target): void {
    this.#kind ??= kindOf(target);
    const kind = this.#kind;
    inPlace(this.#item, this.#targets.length, () => checkKind(this.#op, target, kind));
    this.#vectors.push(vectors);
    this.#targets.push(target);
  }

  get evaluation(): Evaluation<SiameseScores, SiameseDetails> {
    const targets = this.#targets;
    const own = this.#vectors;
    if (this.#kind === "graded pairs") {
      const cosines = own.map(([a, b]) => dot(a!, b!, 0));
      const wanted = targets as number[];
      const scores = { spearman: spearman(wanted, cosines), pearson: pearson(wanted, cosines) };
      return { scores: finite(scores), details: { pairs: own.length } };
    }
    const flat = own.flat();
    const pairs = this.#pairs();
    const cosines = pairs.map(({ a, b }) => dot(flat[a]!, flat[b]!, 0));
    const same = pairs.map((pair) => pair.same);
    const best = {
      accuracy: bestThreshold(cosines, same),
      f1: bestThreshold(cosines, same, { by: "f1" }),
    };
    const decisions =
      this.#threshold === undefined
        ? best[this.#by]
        : thresholdScores(cosines, same, this.#threshold);
    const scores = {
      averagePrecision: averagePrecision(cosines, same),
      accuracy: decisions.accuracy,
      f1: decisions.f1,
      equalErrorRate: equalErrorRate(cosines, same),
    };
    const together = same.reduce((count, one) => count + Number(one), 0);
    return {
      scores: finite(scores),
      details: { pairs: pairs.length, together, decisions, best },
    };
  }

  /** The pairs that decide: those given, or such as are made of them. */
  #pairs(): readonly PlacePair[] {
    const targets = this.#targets;
    if (this.#kind === "labelled inputs") return labelPairs(targets as string[]);
    const given = targets.map((same, i) => ({ a: 2 * i, b: 2 * i + 1, same: same as boolean }));
    const alike = targets.every(Boolean) && targets.length > 1;
    return alike ? [...given, ...shiftedPairs(this.#vectors)] : given;
  }
}

/** Scores that there are: of pairs that all are alike some make no sense. */
function finite(scores: Scores): SiameseScores {
  return Object.fromEntries(Object.entries(scores).filter(([, score]) => Number.isFinite(score)));
}
