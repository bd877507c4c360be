// Several labels for one example: topics of a text, symptoms in a report.
import { checkCall } from "../core/check.js";
import { checkIterable } from "../core/check-like.js";
import { ShapeError } from "../core/errors.js";
import { classScore, type ClassScore } from "./confusion-matrix.js";

export interface LabelSetScores<Label extends string = string> {
  /** Of the labels that are said, the share that is right; 0 where none is said. */
  readonly precision: number;
  /** Of the labels that there are, the share that is said; 0 where there is none. */
  readonly recall: number;
  /** The harmonic mean of both, over all labels of all examples together: frequent ones weigh more. */
  readonly microF1: number;
  /** The mean of the F1 of the labels that occur, in the targets or the predictions; 0 where there is none. */
  readonly macroF1: number;
  /** Share of the examples whose labels are exactly right; NaN where there is none. */
  readonly sampleAccuracy: number;
  /** In the order of their names. */
  readonly byLabel: Readonly<Record<Label, ClassScore>>;
}

/**
 * How well sets of labels are predicted, as scikit-learn counts it (`average="micro"`, `"macro"`, `accuracy_score`).
 * The order of labels and repetitions mean nothing.
 *
 * @throws ShapeError when there are not as many predictions as targets
 */
export function labelSetScores<Label extends string>(
  predicted: readonly (readonly Label[])[],
  target: readonly (readonly Label[])[],
): LabelSetScores<Label> {
  checkCall("labelSetScores", arguments, "predicted:list target:list");
  if (predicted.length !== target.length)
    throw new ShapeError({
      op: "labelSetScores",
      expected: `${target.length} predictions, one for each target`,
      got: String(predicted.length),
    });
  const counter = new LabelSetCounter<Label>();
  target.forEach((labels, i) => counter.add(predicted[i]!, labels));
  return counter.scores();
}

interface Counts {
  correct: number;
  predicted: number;
  target: number;
}

/**
 * {@link labelSetScores} of examples that come one by one.
 *
 * @example
 * ```ts
 * const counter = new LabelSetCounter();
 * counter.add(["music"], ["music", "sad"]);
 * const scores = counter.scores();
 * ```
 */
export class LabelSetCounter<Label extends string = string> {
  readonly #labels = new Map<Label, Counts>();
  #examples = 0;
  #right = 0;

  add(predicted: Iterable<Label>, target: Iterable<Label>): void {
    checkCall("LabelSetCounter.add", arguments, "predicted target");
    for (const labels of [predicted, target])
      checkIterable("LabelSetCounter.add", "a list of labels", labels);
    const [said, wanted] = [new Set(predicted), new Set(target)];
    let correct = 0;
    for (const label of wanted) this.#of(label).target++;
    for (const label of said) {
      const counts = this.#of(label);
      counts.predicted++;
      if (!wanted.has(label)) continue;
      counts.correct++;
      correct++;
    }
    this.#examples++;
    if (correct === said.size && correct === wanted.size) this.#right++;
  }

  /** Of all examples so far. */
  scores(): LabelSetScores<Label> {
    const labels = [...this.#labels].sort(([a], [b]) => (a < b ? -1 : 1));
    const byLabel = labels.map(([label, counts]) => [label, classScore(counts)] as const);
    const all = { correct: 0, predicted: 0, target: 0 };
    for (const [, { correct, predicted, target }] of labels) {
      all.correct += correct;
      all.predicted += predicted;
      all.target += target;
    }
    const { precision, recall, f1 } = classScore(all);
    const sum = byLabel.reduce((sum, [, score]) => sum + score.f1, 0);
    return {
      precision,
      recall,
      microF1: f1,
      macroF1: sum / Math.max(1, byLabel.length),
      sampleAccuracy: this.#right / this.#examples,
      byLabel: Object.fromEntries(byLabel) as Record<Label, ClassScore>,
    };
  }

  #of(label: Label): Counts {
    const known = this.#labels.get(label);
    if (known) return known;
    const fresh = { correct: 0, predicted: 0, target: 0 };
    this.#labels.set(label, fresh);
    return fresh;
  }
}
