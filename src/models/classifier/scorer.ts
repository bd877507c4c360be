// How good a classifier is, counted example by example.
import { ConfusionMatrix } from "../../metrics/confusion-matrix.js";
import { LOSS, SHARE, type Metrics } from "../../metrics/metric.js";
import type { Evaluation } from "../kit/ready-model.js";
import type { ClassifierScores } from "./example.js";

export const CLASSIFIER_METRICS: Metrics<ClassifierScores> = {
  accuracy: SHARE,
  macroF1: SHARE,
  loss: LOSS,
};

/** What an evaluation tells beside the scores. */
export interface ClassifierDetails<Label extends string = string> {
  /** Which label is taken for which. */
  readonly confusion: ConfusionMatrix<Label>;
}

/** For each label its probability, and the logarithm of that. */
export interface Distribution {
  readonly logs: Float32Array;
  readonly probabilities: Float32Array;
  /** The most probable label's id. */
  readonly best: number;
}

export class ClassifierScorer<Label extends string> {
  readonly #labels: readonly Label[];
  readonly #counts: number[][];
  #loss = 0;
  #examples = 0;

  constructor(labels: readonly Label[]) {
    this.#labels = labels;
    this.#counts = labels.map(() => new Array<number>(labels.length).fill(0));
  }

  /** @param label the right one's id */
  add({ logs, best }: Distribution, label: number): void {
    this.#counts[label]![best]!++;
    this.#loss -= logs[label]!;
    this.#examples++;
  }

  get evaluation(): Evaluation<ClassifierScores, ClassifierDetails<Label>> {
    const confusion = new ConfusionMatrix(this.#labels, this.#counts);
    const { accuracy, macroF1 } = confusion;
    const scores = { accuracy, macroF1, loss: this.#loss / this.#examples };
    return { scores, details: { confusion } };
  }
}
