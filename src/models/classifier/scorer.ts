// How good a classifier of one label is, counted example by example.
import { byCodePoint } from "../../core/code-points.js";
import { ConfusionMatrix } from "../../metrics/confusion-matrix.js";
import { LOSS, SHARE, type Metrics } from "../../metrics/metric.js";
import type { Vocabulary } from "../../text/vocabulary.js";
import type { Evaluation } from "../kit/ready-model.js";
import type { Encoded } from "../parts/input.js";
import type { ClassifierScores } from "./example.js";
import type { UnknownWords } from "./unknown-words.js";
import { type WordsDetails } from "./unknown-words.js";

export const CLASSIFIER_METRICS: Metrics<ClassifierScores> = {
  accuracy: SHARE,
  macroF1: SHARE,
  loss: LOSS,
};

/** What an evaluation tells beside the scores. */
export interface ClassifierDetails<Label extends string = string> extends WordsDetails {
  /** Which label is taken for which. A label that the model has not learnt has a row too: all of it are mistakes. */
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
  readonly #labels: Vocabulary<Label>;
  readonly #words: UnknownWords;
  /** By the right label: how often each label was given. */
  readonly #counts = new Map<Label, number[]>();
  #loss = 0;
  #known = 0;

  constructor(labels: Vocabulary<Label>, words: UnknownWords) {
    this.#labels = labels;
    this.#words = words;
    for (const label of labels.tokens) this.#row(label);
  }

  add({ logs, best }: Distribution, label: Label, encoded: Encoded): void {
    this.#row(label)[best]!++;
    this.#words.add(encoded);
    if (!this.#labels.has(label)) return;
    this.#loss -= logs[this.#labels.id(label)]!;
    this.#known++;
  }

  get evaluation(): Evaluation<ClassifierScores, ClassifierDetails<Label>> {
    const own = this.#labels.tokens;
    const strangers = [...this.#counts.keys()].filter((label) => !this.#labels.has(label));
    const labels = [...own, ...strangers.sort(byCodePoint)];
    const columns = strangers.map(() => 0);
    const counts = labels.map((label) => [...this.#row(label), ...columns]);
    const confusion = new ConfusionMatrix(labels, counts);
    const scores = {
      accuracy: confusion.accuracy,
      macroF1: macroF1(confusion),
      loss: this.#known === 0 ? 0 : this.#loss / this.#known,
    };
    return { scores, details: { confusion, ...this.#words.details } };
  }

  #row(label: Label): number[] {
    const row = this.#counts.get(label) ?? new Array<number>(this.#labels.size).fill(0);
    this.#counts.set(label, row);
    return row;
  }
}

/** Of the labels that occur: what nobody has, and nobody is given, is neither found nor missed. */
function macroF1<Label extends string>(confusion: ConfusionMatrix<Label>): number {
  const occurring = confusion.labels.filter(
    (_, i) => confusion.counts[i]!.some(Boolean) || confusion.counts.some((row) => row[i]! > 0),
  );
  const f1 = occurring.map((label) => confusion.score(label).f1);
  return f1.reduce((sum, one) => sum + one, 0) / f1.length;
}
