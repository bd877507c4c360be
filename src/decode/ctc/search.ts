// Prefix beam search: Graves et al. 2006 as Hannun et al. 2014 have it with a language model.
import { NumericError } from "../../core/errors.js";
import { log } from "../../core/exp-log.js";
import type { LabelScorer } from "./label-scorer.js";
import { labelsOf, Prefix, takeOut, type Alignments, type Times } from "./prefix.js";

export interface SearchSettings {
  readonly op: string;
  readonly classes: number;
  readonly blank: number;
  readonly beams: number;
  readonly nBest: number;
  readonly cutoffTopN: number;
  readonly languageModel: LabelScorer | undefined;
  readonly alpha: number;
  readonly beta: number;
}

/** A labelling that a CTC search has found. */
export interface CtcHypothesis {
  readonly labels: Int32Array;
  /** Of each label, the step at which the most probable alignment reads it: of its run, the most probable one. */
  readonly times: Int32Array;
  /** What it is ranked by: `logProbability` + alpha · `languageModel` + beta · labels. */
  readonly score: number;
  /** The natural logarithm of the probability of the labels, summed over the alignments that stayed in the beam. */
  readonly logProbability: number;
  /** The natural logarithm of what the language model gives them; 0 without one. */
  readonly languageModel: number;
}

/** Probabilities are scaled up by this, 2^200, once the best is below its inverse. */
const SCALE = 1.6069380442589903e60;
const LOG_SCALE = 200 * 0.6931471805599453;

/** The search of one sequence, step by step. */
export class PrefixSearch {
  readonly #settings: SearchSettings;
  readonly #root: Prefix;
  /** The best first. */
  #open: Prefix[];
  /** Those that this step has reached. */
  #reached: Prefix[] = [];
  #time = 0;
  #scalings = 0;

  constructor(settings: SearchSettings) {
    this.#settings = settings;
    this.#root = new Prefix(-1, undefined);
    this.#root.now.addBlank(1, 0, undefined);
    this.#root.isOpen = true;
    this.#open = [this.#root];
    this.#askLanguageModel();
  }

  /** Steps so far. */
  get time(): number {
    return this.#time;
  }

  /** One step. @param probabilities of the classes, of which only the likeliest labels are looked at */
  step(probabilities: Float32Array): void {
    const likely = likeliest(probabilities, this.#settings);
    const labels = likely.map((label): Step => stepOf(label, probabilities, this.#time));
    const blank = stepOf(this.#settings.blank, probabilities, this.#time);
    for (const prefix of this.#open) this.#extend(prefix, blank, labels);
    this.#time++;
    this.#prune();
  }

  #extend(prefix: Prefix, blank: Step, labels: readonly Step[]): void {
    const { now } = prefix;
    const { total, times } = now;
    const best = Math.max(now.bestBlank, now.bestLabel);
    if (blank.probability > 0)
      this.#reach(prefix).addBlank(total * blank.probability, best + blank.logarithm, times);
    for (const step of labels) {
      const { label, probability, logarithm } = step;
      const isRepeat = label === prefix.label;
      if (isRepeat && now.label > 0)
        this.#reach(prefix).addLabel(now.label * probability, now.bestLabel + logarithm, () =>
          later(now.timesLabel!, step),
        );
      // The same label once more needs a blank between.
      const [sum, most] = isRepeat ? [now.blank, now.bestBlank] : [total, best];
      if (sum === 0) continue;
      const before = isRepeat ? now.timesBlank : times;
      this.#reach(prefix.with(label)).addLabel(sum * probability, most + logarithm, () => ({
        time: step.time,
        probability,
        before,
      }));
    }
  }

  #reach(prefix: Prefix): Alignments {
    if (!prefix.isReached) this.#reached.push(prefix);
    prefix.isReached = true;
    return prefix.then;
  }

  /** Keeps the best; of equal ones the one that was reached first. */
  #prune(): void {
    const reached = this.#reached;
    for (const prefix of this.#open) prefix.isOpen = false;
    for (const prefix of reached) {
      prefix.isReached = false;
      prefix.score = this.#scoreOf(prefix, prefix.then.total);
    }
    reached.sort((a, b) => b.score - a.score);
    const left = this.#open;
    this.#open = reached.filter(({ score }) => score > -Infinity).slice(0, this.#settings.beams);
    if (this.#open.length === 0)
      throw new NumericError({
        op: this.#settings.op,
        expected: "a labelling that both the logits and the language model allow",
        got: `none from step ${this.#time - 1} on`,
      });
    const most = this.#open.reduce((max, { then }) => Math.max(max, then.total), 0);
    const isSmall = most < 1 / SCALE;
    if (isSmall) this.#scalings++;
    for (const prefix of this.#open) {
      prefix.isOpen = true;
      if (isSmall) prefix.then.scale(SCALE);
    }
    for (const prefix of [...left, ...reached]) {
      if (!prefix.isOpen) {
        prefix.now.clear();
        prefix.then.clear();
        takeOut(prefix);
      }
    }
    for (const prefix of this.#open) {
      prefix.now.clear();
      [prefix.now, prefix.then] = [prefix.then, prefix.now];
    }
    this.#reached = [];
    this.#askLanguageModel();
  }

  /** Without a language model and a bonus, the order of probabilities is that of their logarithms, which take time. */
  #scoreOf(prefix: Prefix, total: number): number {
    const { languageModel, alpha, beta } = this.#settings;
    if (!languageModel && beta === 0) return total === 0 ? -Infinity : total;
    return log(total) + alpha * prefix.languageModel + beta * prefix.length;
  }

  #askLanguageModel(): void {
    const { languageModel, classes, blank } = this.#settings;
    if (!languageModel) return;
    const asking = this.#open.filter(({ following }) => following === undefined);
    if (asking.length === 0) return;
    const all = new Float32Array(asking.length * classes);
    languageModel.score(asking.map(labelsOf), blank, all);
    if (all.some(Number.isNaN))
      throw new NumericError({
        op: this.#settings.op,
        expected: "numbers of the language model",
        got: "NaN",
      });
    asking.forEach((prefix, i) => (prefix.following = all.slice(i * classes, (i + 1) * classes)));
  }

  /** The best labelling so far, and how many of its labels all in the beam begin with. */
  partial(): { labels: Int32Array; times: Int32Array; final: number } {
    const [best, ...others] = this.#open as [Prefix, ...Prefix[]];
    let common = best;
    for (const other of others) common = commonOf(common, other);
    return { labels: labelsOf(best), times: timesOf(best), final: common.length };
  }

  /** The best labellings, with the end of the text counted. */
  hypotheses(): CtcHypothesis[] {
    const { blank, alpha, beta, nBest } = this.#settings;
    const found = this.#open.map((prefix) => {
      const logProbability = log(prefix.now.total) - this.#scalings * LOG_SCALE;
      const languageModel = prefix.languageModel + (prefix.following?.[blank] ?? 0);
      const score = logProbability + alpha * languageModel + beta * prefix.length;
      const labels = labelsOf(prefix);
      return { labels, times: timesOf(prefix), score, logProbability, languageModel };
    });
    return found.sort((a, b) => b.score - a.score).slice(0, nBest);
  }
}

/** A class at a step. */
interface Step {
  readonly label: number;
  readonly time: number;
  readonly probability: number;
  readonly logarithm: number;
}

function stepOf(label: number, probabilities: Float32Array, time: number): Step {
  const probability = probabilities[label]!;
  return { label, time, probability, logarithm: log(probability) };
}

function later(last: Times, { time, probability }: Step): Times {
  return probability > last.probability ? { time, probability, before: last.before } : last;
}

function timesOf(prefix: Prefix): Int32Array {
  const times = new Int32Array(prefix.length);
  let at = prefix.now.times;
  for (let i = prefix.length - 1; i >= 0; i--, at = at!.before) times[i] = at!.time;
  return times;
}

function commonOf(a: Prefix, b: Prefix): Prefix {
  while (a !== b) {
    if (a.length >= b.length) a = a.before!;
    else b = b.before!;
  }
  return a;
}

/** The labels that are looked at: the likeliest, of equal ones the lower; none that is impossible. */
function likeliest(
  probabilities: Float32Array,
  { blank, cutoffTopN }: SearchSettings,
): readonly number[] {
  const labels: number[] = [];
  for (let label = 0; label < probabilities.length; label++)
    if (label !== blank && probabilities[label]! > 0) labels.push(label);
  if (labels.length <= cutoffTopN) return labels;
  return labels.sort((a, b) => probabilities[b]! - probabilities[a]! || a - b).slice(0, cutoffTopN);
}
