// Schedules in closed form, with PyTorch's names and numbers.
import { described } from "../core/described.js";
import { checkCall, checkCount } from "../core/check.js";
import { cosineOfHalfTurns } from "../core/cosine.js";
import { OptionError } from "../core/errors.js";
import { LRSchedule, type Scheduled } from "./schedule.js";

export interface StepLROptions {
  /** Steps between two reductions. */
  stepSize: number;
  /** What the rate is multiplied by. Default 0.1. */
  gamma?: number | undefined;
}

/**
 * The rate times gamma after every `stepSize` steps.
 *
 * @example
 * ```ts
 * const optimizer = new SGD(new Linear(4, 1).parameters(), { lr: 0.1 });
 * const schedule = new StepLR(optimizer, { stepSize: 2, gamma: 0.5 });
 * for (let epoch = 0; epoch < 4; epoch++) schedule.step(); // after each epoch
 * optimizer.groups[0]!.lr.toFixed(3); // "0.025"
 * ```
 */
export class StepLR extends LRSchedule {
  constructor(optimizer: Scheduled, options: StepLROptions) {
    checkCall("StepLR", arguments, "optimizer:object {stepSize!:number gamma:number}");
    const { stepSize, gamma = 0.1 } = options;
    checkCount("StepLR", "stepSize", stepSize);
    checkFactor("StepLR", "gamma", gamma);
    super("StepLR", optimizer, (base, steps) => base * power(gamma, Math.floor(steps / stepSize)));
  }
}

export interface MultiStepLROptions {
  /** After how many steps the rate is reduced; in any order, twice for a double reduction. */
  milestones: readonly number[];
  /** What the rate is multiplied by. Default 0.1. */
  gamma?: number | undefined;
}

/**
 * The rate times gamma at each milestone.
 *
 * @example
 * ```ts
 * const optimizer = new SGD(new Linear(4, 1).parameters(), { lr: 0.1 });
 * const schedule = new MultiStepLR(optimizer, { milestones: [3, 5], gamma: 0.1 });
 * for (let epoch = 0; epoch < 3; epoch++) schedule.step();
 * optimizer.groups[0]!.lr.toFixed(2); // "0.01"
 * ```
 */
export class MultiStepLR extends LRSchedule {
  constructor(optimizer: Scheduled, options: MultiStepLROptions) {
    checkCall("MultiStepLR", arguments, "optimizer:object {milestones!:list gamma:number}");
    const { milestones, gamma = 0.1 } = options;
    milestones.forEach((each, i) => checkCount("MultiStepLR", `milestones[${i}]`, each, 0));
    checkFactor("MultiStepLR", "gamma", gamma);
    const passed = (steps: number): number => milestones.filter((each) => each <= steps).length;
    super("MultiStepLR", optimizer, (base, steps) => base * power(gamma, passed(steps)));
  }
}

export interface ExponentialLROptions {
  /** What the rate is multiplied by. */
  gamma: number;
}

/**
 * The rate times gamma after every step.
 *
 * @example
 * ```ts
 * const optimizer = new SGD(new Linear(4, 1).parameters(), { lr: 0.1 });
 * new ExponentialLR(optimizer, { gamma: 0.9 }).step();
 * optimizer.groups[0]!.lr.toFixed(2); // "0.09"
 * ```
 */
export class ExponentialLR extends LRSchedule {
  constructor(optimizer: Scheduled, options: ExponentialLROptions) {
    checkCall("ExponentialLR", arguments, "optimizer:object {gamma!:number}");
    const { gamma } = options;
    checkFactor("ExponentialLR", "gamma", gamma);
    super("ExponentialLR", optimizer, (base, steps) => base * power(gamma, steps));
  }
}

export interface CosineAnnealingLROptions {
  /** Steps from the base to `etaMin`. */
  tMax: number;
  /** The lowest rate. Default 0. */
  etaMin?: number | undefined;
}

/**
 * Falls from the base to `etaMin` along half a cosine: etaMin + (base − etaMin)·(1 + cos(π·steps / tMax)) / 2
 * (Loshchilov & Hutter 2017, arXiv 1608.03983). After `tMax` steps it rises again, as in PyTorch.
 *
 * @example
 * ```ts
 * const optimizer = new SGD(new Linear(4, 1).parameters(), { lr: 0.1 });
 * const schedule = new CosineAnnealingLR(optimizer, { tMax: 10 });
 * for (let step = 0; step < 10; step++) schedule.step();
 * optimizer.groups[0]!.lr.toFixed(4); // "0.0000"
 * ```
 */
export class CosineAnnealingLR extends LRSchedule {
  constructor(optimizer: Scheduled, options: CosineAnnealingLROptions) {
    checkCall("CosineAnnealingLR", arguments, "optimizer:object {tMax!:number etaMin:number}");
    const { tMax, etaMin = 0 } = options;
    checkCount("CosineAnnealingLR", "tMax", tMax);
    checkFactor("CosineAnnealingLR", "etaMin", etaMin);
    super("CosineAnnealingLR", optimizer, (base, steps) => {
      const share = (1 + cosineOfHalfTurns((steps % (2 * tMax)) / tMax)) / 2;
      return etaMin + (base - etaMin) * share;
    });
  }
}

export interface LinearLROptions {
  /** The share of the base at first, 0 to 1. Default 1/3. */
  startFactor?: number | undefined;
  /** The share of the base in the end, 0 to 1. Default 1. */
  endFactor?: number | undefined;
  /** Steps from the one to the other. Default 5. */
  totalIters?: number | undefined;
}

/**
 * Goes from one share of the base to another along a straight line, and stays there.
 *
 * @example
 * ```ts
 * const optimizer = new SGD(new Linear(4, 1).parameters(), { lr: 0.1 });
 * new LinearLR(optimizer, { startFactor: 0.5, totalIters: 10 });
 * optimizer.groups[0]!.lr.toFixed(2); // "0.05"
 * ```
 */
export class LinearLR extends LRSchedule {
  constructor(optimizer: Scheduled, options: LinearLROptions = {}) {
    checkCall(
      "LinearLR",
      arguments,
      "optimizer:object {startFactor:number endFactor:number totalIters:number}",
    );
    const { startFactor = 1 / 3, endFactor = 1, totalIters = 5 } = options;
    checkFactor("LinearLR", "startFactor", startFactor, 1);
    checkFactor("LinearLR", "endFactor", endFactor, 1);
    checkCount("LinearLR", "totalIters", totalIters);
    super("LinearLR", optimizer, (base, steps) => {
      const way = Math.min(steps, totalIters) / totalIters;
      return base * (startFactor + (endFactor - startFactor) * way);
    });
  }
}

/** x^n by repeated squaring: `**` differs between engines in the last bit. */
function power(x: number, n: number): number {
  let result = 1;
  for (; n > 0; n = Math.floor(n / 2), x *= x) if (n % 2 === 1) result *= x;
  return result;
}

function checkFactor(op: string, name: string, value: number, most = Infinity): void {
  if (!(value >= 0 && value <= most && value < Infinity))
    throw new OptionError({
      op,
      expected: `${name} ${most === Infinity ? "of at least 0" : `from 0 to ${most}`}`,
      got: described(value),
    });
}
