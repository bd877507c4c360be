import { OptionError } from "../../core/errors.js";
import { rocAuc } from "../../metrics/roc-auc.js";
import { thresholdScores, type ThresholdScores } from "../../metrics/thresholds.js";
import type { Evaluation } from "../kit/ready-model.js";
import type { AutoencoderScores } from "./options.js";

/** What an evaluation tells beside the scores. */
export interface AutoencoderDetails {
  readonly normal: number;
  readonly anomalies: number;
  /** The model's threshold. */
  readonly threshold: number;
  /** Normal series whose error is above it. */
  readonly falseAlarms: number;
  /** How good its decisions are; undefined where there are no anomalies. */
  readonly decisions?: ThresholdScores | undefined;
}

/** Counts how well series come back, and how well that tells anomalies. */
export class AutoencoderScorer {
  readonly #op: string;
  readonly #threshold: number;
  readonly #errors: number[] = [];
  readonly #anomalies: boolean[] = [];
  #squares = 0;
  #steps = 0;

  constructor(op: string, threshold: number) {
    this.#op = op;
    this.#threshold = threshold;
  }

  add(
    { score, steps }: { readonly score: number; readonly steps: number },
    anomaly: boolean,
  ): void {
    this.#errors.push(score);
    this.#anomalies.push(anomaly);
    if (anomaly) return;
    this.#squares += score * steps;
    this.#steps += steps;
  }

  /** The quantile of the errors of normal series, between two of them by their distance. */
  quantile(share: number): number {
    const normal = this.#errors.filter((_, i) => !this.#anomalies[i]).sort((a, b) => a - b);
    const place = share * (normal.length - 1);
    const below = Math.floor(place);
    const [low, high] = [normal[below]!, normal[Math.ceil(place)]!];
    return low + (place - below) * (high - low);
  }

  get evaluation(): Evaluation<AutoencoderScores, AutoencoderDetails> {
    const [errors, anomalies, threshold] = [this.#errors, this.#anomalies, this.#threshold];
    const found = errors.map((error) => error > threshold);
    const count = anomalies.filter(Boolean).length;
    const normal = errors.length - count;
    if (normal === 0)
      throw new OptionError({
        op: this.#op,
        expected: "at least one normal series",
        got: `${count} anomalies`,
      });
    const error = this.#squares / this.#steps;
    const falseAlarms = found.filter((alarm, i) => alarm && !anomalies[i]).length;
    const details = { normal, anomalies: count, threshold, falseAlarms };
    if (count === 0) return { scores: { error }, details };
    // A score at the threshold is normal still.
    const { accuracy, f1, precision, recall } = thresholdScores(found.map(Number), anomalies, 1);
    return {
      scores: { error, auc: rocAuc(errors, anomalies) },
      details: { ...details, decisions: { threshold, accuracy, f1, precision, recall } },
    };
  }
}
