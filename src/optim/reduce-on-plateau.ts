import { checkAlone } from "../core/check-like.js";
import type { Settings } from "../core/options.js";
import { described } from "../core/described.js";
import { checkCall, checkCount } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import {
  isCount,
  isRates,
  misfit,
  ratesOf,
  type Schedule,
  type Scheduled,
  groupsOf,
} from "./schedule.js";

export interface ReduceLROnPlateauOptions {
  /** Whether the score should fall or rise. Default "min": fall. */
  mode?: "min" | "max" | undefined;
  /** What the rate is multiplied by, below 1. Default 0.1. */
  factor?: number | undefined;
  /** How many scores in a row may fail to improve. Default 10. */
  patience?: number | undefined;
  /** By how much a score must be better than the best to count. Default 1e-4. */
  threshold?: number | undefined;
  /** Whether the threshold is a share of the best score or a difference. Default "rel": a share. */
  thresholdMode?: "rel" | "abs" | undefined;
  /** Scores after a reduction that are not counted. Default 0. */
  cooldown?: number | undefined;
  /** No rate goes below. Default 0. */
  minLr?: number | undefined;
  /** Reductions by no more than this are left out. Default 1e-8. */
  eps?: number | undefined;
}

/** The state of a {@link ReduceLROnPlateau}. */
export interface PlateauState {
  /** The best score; null before the first. */
  readonly best: number | null;
  /** Scores since then, or since the latest reduction. */
  readonly bad: number;
  /** Scores that are still not counted. */
  readonly cooling: number;
  /** The rate of each group now. */
  readonly rates: readonly number[];
}

/**
 * Multiplies the rate by `factor` when a score, such as the loss on held-out data, has not improved for more
 * than `patience` steps. PyTorch's rule; a score that is NaN or infinite is no improvement.
 *
 * @example
 * ```ts
 * const optimizer = new SGD(new Linear(4, 1).parameters(), { lr: 0.1 });
 * const schedule = new ReduceLROnPlateau(optimizer, { patience: 0 });
 * for (const loss of [1, 1]) schedule.step(loss); // no better: the rate falls
 * optimizer.groups[0]!.lr.toFixed(2); // "0.01"
 * ```
 */
export class ReduceLROnPlateau implements Schedule {
  readonly #groups: Scheduled["groups"];
  readonly #options: Settings<ReduceLROnPlateauOptions>;
  #best: number | null = null;
  #bad = 0;
  #cooling = 0;

  constructor(optimizer: Scheduled, options: ReduceLROnPlateauOptions = {}) {
    checkCall(
      "ReduceLROnPlateau",
      arguments,
      "optimizer:object {mode:string factor:number patience:number threshold:number thresholdMode:string cooldown:number minLr:number eps:number}",
    );
    this.#groups = groupsOf("ReduceLROnPlateau", optimizer);
    this.#options = checkOptions(options);
  }

  /** @throws OptionError without a score */
  step(metric: number): void {
    checkCall("ReduceLROnPlateau.step", arguments, "metric?");
    if (typeof metric !== "number")
      throw refused("step to get a score", metric, "step(validationLoss)");
    const { factor, patience, cooldown, minLr, eps } = this.#options;
    if (this.#improves(metric)) {
      this.#best = metric;
      this.#bad = 0;
    } else this.#bad++;
    if (this.#cooling > 0) {
      this.#cooling--;
      this.#bad = 0;
    }
    if (this.#bad <= patience) return;
    this.#bad = 0;
    this.#cooling = cooldown;
    for (const group of this.#groups) {
      const reduced = Math.max(group.lr * factor, minLr);
      if (group.lr - reduced > eps) group.lr = reduced;
    }
  }

  stateDict(): PlateauState {
    const rates = ratesOf(this.#groups);
    return { best: this.#best, bad: this.#bad, cooling: this.#cooling, rates };
  }

  /**
   * Goes on from a state that {@link stateDict} gave, and sets the rates.
   *
   * @throws StateDictError for anything else, or another number of groups; nothing has changed then
   */
  loadStateDict(state: PlateauState): void {
    checkAlone("ReduceLROnPlateau.loadStateDict", arguments);
    const { best, bad, cooling, rates } = Object(state) as PlateauState;
    const isScore = best === null || typeof best === "number";
    if (!isScore || !isCount(bad) || !isCount(cooling) || !isRates(rates, this.#groups))
      throw misfit("ReduceLROnPlateau", state);
    this.#best = best;
    this.#bad = bad;
    this.#cooling = cooling;
    this.#groups.forEach((group, i) => (group.lr = rates[i]!));
  }

  #improves(score: number): boolean {
    const { mode, threshold, thresholdMode } = this.#options;
    const best = this.#best;
    if (best === null || !Number.isFinite(score)) return Number.isFinite(score);
    const sign = mode === "min" ? -1 : 1;
    const bar = thresholdMode === "rel" ? best * (1 + sign * threshold) : best + sign * threshold;
    return mode === "min" ? score < bar : score > bar;
  }
}

function checkOptions({
  mode = "min",
  factor = 0.1,
  patience = 10,
  threshold = 1e-4,
  thresholdMode = "rel",
  cooldown = 0,
  minLr = 0,
  eps = 1e-8,
}: ReduceLROnPlateauOptions): Settings<ReduceLROnPlateauOptions> {
  const op = "ReduceLROnPlateau";
  if (mode !== "min" && mode !== "max") throw refused('mode "min" or "max"', mode);
  if (thresholdMode !== "rel" && thresholdMode !== "abs")
    throw refused('thresholdMode "rel" or "abs"', thresholdMode);
  if (!(factor >= 0 && factor < 1)) throw refused("factor from 0 to below 1", factor);
  checkCount(op, "patience", patience, 0);
  checkCount(op, "cooldown", cooldown, 0);
  for (const [name, value] of Object.entries({ threshold, minLr, eps }))
    if (!(value >= 0 && value < Infinity)) throw refused(`${name} of at least 0`, value);
  return { mode, factor, patience, threshold, thresholdMode, cooldown, minLr, eps };
}

function refused(expected: string, got: unknown, cure?: string): OptionError {
  return new OptionError({
    op: "ReduceLROnPlateau",
    expected,
    got: described(got),
    cure,
  });
}
