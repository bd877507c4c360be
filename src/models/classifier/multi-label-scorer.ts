// How good a classifier of several labels is, at one threshold or at the best of many.
import { byCodePoint } from "../../core/code-points.js";
import { exp, log } from "../../core/exp-log.js";
import type { ClassScore } from "../../metrics/confusion-matrix.js";
import { LOSS, SHARE, type Metrics } from "../../metrics/metric.js";
import type { Vocabulary } from "../../text/vocabulary.js";
import type { Evaluation } from "../kit/ready-model.js";
import type { Encoded } from "../parts/input.js";
import type { MultiLabelScores } from "./example.js";
import type { UnknownWords } from "./unknown-words.js";
import { type WordsDetails } from "./unknown-words.js";

export const MULTI_LABEL_METRICS: Metrics<MultiLabelScores> = {
  microF1: SHARE,
  macroF1: SHARE,
  sampleAccuracy: SHARE,
  loss: LOSS,
};

/** What an evaluation tells beside the scores. */
export interface MultiLabelDetails<Label extends string = string> extends WordsDetails {
  readonly byLabel: Readonly<Record<Label, ClassScore>>;
  /** The probability from which a label was given. */
  readonly threshold: number;
}

/** What is found in an input, by label id. */
export interface LabelProbabilities {
  readonly logits: Float32Array;
  readonly probabilities: Float32Array;
}

/** Thresholds that a training chooses among. */
export const THRESHOLDS: readonly number[] = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

/** Decisions about one label, by how many of the thresholds the probability reaches. */
interface Tally {
  readonly present: number[];
  readonly absent: number[];
}

export class MultiLabelScorer<Label extends string> {
  readonly #labels: Vocabulary<Label>;
  readonly #words: UnknownWords;
  /** Rising. */
  readonly #thresholds: readonly number[];
  readonly #tallies = new Map<Label, Tally>();
  /** Inputs that are wholly right at each threshold. */
  readonly #right: number[];
  #inputs = 0;
  #loss = 0;

  /** @param thresholds from 0 to 1, rising: the scores are those of the best */
  constructor(labels: Vocabulary<Label>, words: UnknownWords, thresholds: readonly number[]) {
    this.#labels = labels;
    this.#words = words;
    this.#thresholds = thresholds;
    this.#right = thresholds.map(() => 0);
    for (const label of labels.tokens) this.#tally(label);
  }

  add({ probabilities, logits }: LabelProbabilities, own: readonly Label[], read: Encoded): void {
    const has = new Set<string>(own);
    let [least, most] = [this.#thresholds.length, 0];
    this.#labels.tokens.forEach((label, id) => {
      const reached = this.#reachedBy(probabilities[id]!);
      const present = has.delete(label);
      this.#tally(label)[present ? "present" : "absent"][reached]!++;
      if (present) least = Math.min(least, reached);
      else most = Math.max(most, reached);
      this.#loss += softplus(present ? -logits[id]! : logits[id]!);
    });
    // Labels that the model has not learnt are missed at every threshold.
    for (const label of has) this.#tally(label as Label).present[0]!++;
    // Right where all that it has reach the threshold, and nothing else does.
    if (has.size === 0) for (let i = most; i < least; i++) this.#right[i]!++;
    this.#inputs++;
    this.#words.add(read);
  }

  /** The place of the threshold with the best F1 of all decisions; of equal ones the one nearest to the middle. */
  get #best(): number {
    const middle = (this.#thresholds.length - 1) / 2;
    const order = [...this.#thresholds.keys()].sort(
      (a, b) => Math.abs(a - middle) - Math.abs(b - middle),
    );
    const scores = order.map((at) => this.#score([...this.#tallies.values()], at).f1);
    return order[scores.indexOf(scores.reduce((a, b) => Math.max(a, b)))]!;
  }

  get evaluation(): Evaluation<MultiLabelScores, MultiLabelDetails<Label>> {
    const at = this.#best;
    const strangers = [...this.#tallies.keys()].filter((label) => !this.#labels.has(label));
    const labels = [...this.#labels.tokens, ...strangers.sort(byCodePoint)];
    const each = labels.map((label) => this.#score([this.#tally(label)], at));
    const occurring = each.filter(({ support, predicted }) => support + predicted > 0);
    const scores = {
      microF1: this.#score([...this.#tallies.values()], at).f1,
      macroF1:
        occurring.length === 0
          ? 0
          : occurring.reduce((sum, { f1 }) => sum + f1, 0) / occurring.length,
      sampleAccuracy: this.#right[at]! / this.#inputs,
      loss: this.#loss / (this.#inputs * this.#labels.size),
    };
    const byLabel = labels.map((label, i) => {
      const { predicted: _, ...score } = each[i]!;
      return [label, score];
    });
    const threshold = this.#thresholds[at]!;
    const details = { byLabel: Object.fromEntries(byLabel), threshold, ...this.#words.details };
    return { scores, details: details };
  }

  #score(tallies: readonly Tally[], at: number): ClassScore & { readonly predicted: number } {
    const reaching = (counts: readonly number[]) =>
      counts.reduce((sum, count, reached) => sum + (reached > at ? count : 0), 0);
    const sum = (of: (tally: Tally) => number) => tallies.reduce((all, one) => all + of(one), 0);
    const right = sum(({ present }) => reaching(present));
    const predicted = right + sum(({ absent }) => reaching(absent));
    const support = sum(({ present }) => present.reduce((all, count) => all + count, 0));
    return {
      precision: predicted === 0 ? 0 : right / predicted,
      recall: support === 0 ? 0 : right / support,
      f1: support + predicted === 0 ? 0 : (2 * right) / (support + predicted),
      support,
      predicted,
    };
  }

  #reachedBy(probability: number): number {
    const { length } = this.#thresholds;
    let reached = Math.min(length, Math.floor(probability * (length + 1)));
    while (reached < length && probability >= this.#thresholds[reached]!) reached++;
    while (reached > 0 && probability < this.#thresholds[reached - 1]!) reached--;
    return reached;
  }

  #tally(label: Label): Tally {
    const empty = () => new Array<number>(this.#thresholds.length + 1).fill(0);
    const tally = this.#tallies.get(label) ?? { present: empty(), absent: empty() };
    this.#tallies.set(label, tally);
    return tally;
  }
}

/** log(1 + e^x), the binary cross-entropy of a logit, for any x. */
function softplus(x: number): number {
  return Math.max(x, 0) + log(1 + exp(-Math.abs(x)));
}
