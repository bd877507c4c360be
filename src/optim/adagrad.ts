import { checkCall, type Given } from "../core/check.js";
import { extraKernels } from "../wasm/extra.js";
import type { Ptr } from "../wasm/ptr.js";
import {
  Optimizer,
  type OptimizerOptions,
  type Group,
  type ParametersOrGroups,
} from "./optimizer.js";

export interface AdagradOptions extends OptimizerOptions {
  /** The rate of step n is lr / (1 + (n − 1)·lrDecay). Default 0. */
  lrDecay: number;
  /** What the sum of the squares begins with. Default 0. */
  initialAccumulatorValue: number;
  /** Added to the root of that sum. Default 1e-10. */
  eps: number;
}

/**
 * Adagrad (Duchi, Hazan & Singer 2011), PyTorch's form: g ← g + weightDecay·p; s ← s + g²;
 * p ← p − lr / (1 + (n − 1)·lrDecay) · g / (√s + eps).
 *
 * @example
 * ```ts
 * const optimizer = new Adagrad(new Linear(4, 1).parameters(), { lr: 0.05 });
 * optimizer.groups[0]!.lr; // 0.05
 * ```
 */
export class Adagrad extends Optimizer<AdagradOptions> {
  /** @param options `lr` (default 0.01), `lrDecay`, `weightDecay` (0), `initialAccumulatorValue`, `eps` */
  constructor(parameters: ParametersOrGroups<AdagradOptions>, options: Given<AdagradOptions> = {}) {
    checkCall("Adagrad", arguments, "parameters options?");
    super("Adagrad", parameters, DEFAULTS, options);
  }

  protected override validate(group: Group<AdagradOptions>): void {
    super.validate(group);
    const { lrDecay, initialAccumulatorValue: start, eps } = group;
    this.requireOption("lrDecay", lrDecay, lrDecay >= 0, "at least 0");
    this.requireOption("initialAccumulatorValue", start, start >= 0, "at least 0");
    this.requireOption("eps", eps, eps >= 0, "at least 0");
  }

  protected slotsOf(): string[] {
    return SLOTS;
  }

  protected override startOf({ initialAccumulatorValue }: Group<AdagradOptions>): number {
    return initialAccumulatorValue;
  }

  protected update(table: Ptr, count: number, group: Group<AdagradOptions>, step: number): void {
    const { lr, lrDecay, eps, weightDecay } = group;
    const rate = lr / (1 + (step - 1) * lrDecay);
    extraKernels().rmsStep(table, count, rate, 1, 1, eps, weightDecay, 0, 0);
  }
}

const SLOTS = ["sum"];
const DEFAULTS: AdagradOptions = {
  lr: 0.01,
  lrDecay: 0,
  weightDecay: 0,
  initialAccumulatorValue: 0,
  eps: 1e-10,
};
