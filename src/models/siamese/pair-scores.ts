// How well similarities tell what belongs together, whatever they are made by.
import { averagePrecision } from "../../metrics/average-precision.js";
import { pearson, spearman } from "../../metrics/correlation.js";
import { equalErrorRate } from "../../metrics/equal-error-rate.js";
import type { Metrics, Scores } from "../../metrics/metric.js";
import { SHARE } from "../../metrics/metric.js";
import { bestThreshold, thresholdScores, type ThresholdScores } from "../../metrics/thresholds.js";
import type { Evaluation } from "../kit/ready-model.js";
import { kindOf, type Target } from "./example.js";
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

export const SIAMESE_METRICS: Metrics<SiameseScores> = {
  averagePrecision: SHARE,
  accuracy: SHARE,
  f1: SHARE,
  equalErrorRate: { better: "lower", as: "share" },
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

/** Examples of one kind, their inputs in one list: of pairs each a before its b. */
export interface Compared {
  readonly targets: readonly Target[];
  /** How alike the inputs at two places are. */
  similarity(a: number, b: number): number;
  /** Whether they are the same. */
  equal(a: number, b: number): boolean;
}

/** @param threshold undefined: the best of these data decides, for accuracy or F1 */
export function pairScores(
  compared: Compared,
  threshold: number | undefined,
  by: "accuracy" | "f1",
): Evaluation<SiameseScores, SiameseDetails> {
  const { targets, similarity } = compared;
  if (kindOf(targets[0]!) === "graded pairs") {
    const found = targets.map((_, i) => similarity(2 * i, 2 * i + 1));
    const wanted = targets as readonly number[];
    const scores = { spearman: spearman(wanted, found), pearson: pearson(wanted, found) };
    return { scores: finite(scores), details: { pairs: targets.length } };
  }
  const pairs = pairsOf(compared);
  const found = pairs.map(({ a, b }) => similarity(a, b));
  const same = pairs.map((pair) => pair.same);
  const best = {
    accuracy: bestThreshold(found, same),
    f1: bestThreshold(found, same, { by: "f1" }),
  };
  const decisions = threshold === undefined ? best[by] : thresholdScores(found, same, threshold);
  const scores = {
    averagePrecision: averagePrecision(found, same),
    accuracy: decisions.accuracy,
    f1: decisions.f1,
    equalErrorRate: equalErrorRate(found, same),
  };
  const together = same.reduce((count, one) => count + Number(one), 0);
  return { scores: finite(scores), details: { pairs: pairs.length, together, decisions, best } };
}

/** The pairs that decide: those given, or such as are made of them. */
function pairsOf({ targets, equal }: Compared): readonly PlacePair[] {
  if (typeof targets[0] === "string") return labelPairs(targets as readonly string[]);
  const given = targets.map((same, i) => ({ a: 2 * i, b: 2 * i + 1, same: same as boolean }));
  return targets.every(Boolean) ? [...given, ...shiftedPairs(targets.length, equal)] : given;
}

/** Scores that there are: of pairs that all are alike some make no sense. */
function finite(scores: Scores): SiameseScores {
  return Object.fromEntries(Object.entries(scores).filter(([, score]) => Number.isFinite(score)));
}
