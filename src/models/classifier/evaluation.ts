// How good a classifier is, counted example by example.
import { ConfusionMatrix } from "../../metrics/confusion-matrix.js";

/** How good a classifier is. */
export interface ClassifierEvaluation<Label extends string = string> {
  readonly accuracy: number;
  readonly macroF1: number;
  readonly loss: number;
  /** Which label is taken for which. */
  readonly confusion: ConfusionMatrix<Label>;
}

/** What a classifier gives for an input: for each label its probability, and the logarithm of that. */
export interface Output {
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
  add({ logs, best }: Output, label: number): void {
    this.#counts[label]![best]!++;
    this.#loss -= logs[label]!;
    this.#examples++;
  }

  /** Examples so far. */
  get examples(): number {
    return this.#examples;
  }

  get evaluation(): ClassifierEvaluation<Label> {
    const confusion = new ConfusionMatrix(this.#labels, this.#counts);
    const { accuracy, macroF1 } = confusion;
    return { accuracy, macroF1, loss: this.#loss / this.#examples, confusion };
  }
}
