import { checkCall, type Given } from "../core/check.js";
import { extraKernels } from "../wasm/extra.js";
import type { Ptr } from "../wasm/ptr.js";
import {
  Optimizer,
  type OptimizerOptions,
  type Group,
  type ParametersOrGroups,
} from "./optimizer.js";

export interface RMSpropOptions extends OptimizerOptions {
  /** How much of the mean of the squares is kept each step. Default 0.99. */
  alpha: number;
  /** Added to the root of that mean. Default 1e-8. */
  eps: number;
  /** Default 0: none. */
  momentum: number;
  /** Divides by an estimate of the standard deviation instead: the mean gradient is taken off. Default false. */
  centered: boolean;
}

/**
 * RMSprop (Hinton, Coursera lecture 6e, 2012), PyTorch's form: g ← g + weightDecay·p;
 * s ← alpha·s + (1 − alpha)·g²; b ← momentum·b + g / (√s + eps); p ← p − lr·b. Centered (Graves 2013,
 * arXiv 1308.0850): √(s − a²) for √s, with a ← alpha·a + (1 − alpha)·g; where rounding makes s − a²
 * negative it counts as 0, where PyTorch's step is NaN.
 *
 * @example
 * ```ts
 * const optimizer = new RMSprop(new Linear(4, 1).parameters(), { lr: 0.01, momentum: 0.9 });
 * optimizer.groups[0]!.lr; // 0.01
 * ```
 */
export class RMSprop extends Optimizer<RMSpropOptions> {
  /** @param options `lr` (default 0.01), `alpha`, `eps`, `momentum`, `weightDecay` (0), `centered` */
  constructor(parameters: ParametersOrGroups<RMSpropOptions>, options: Given<RMSpropOptions> = {}) {
    checkCall("RMSprop", arguments, "parameters options?");
    super("RMSprop", parameters, DEFAULTS, options);
  }

  protected override validate(group: Group<RMSpropOptions>): void {
    super.validate(group);
    const { alpha, eps, momentum } = group;
    this.requireOption("alpha", alpha, alpha >= 0 && alpha <= 1, "from 0 to 1");
    this.requireOption("eps", eps, eps >= 0, "at least 0");
    this.requireOption("momentum", momentum, momentum >= 0, "at least 0");
  }

  protected slotsOf({ momentum, centered }: Group<RMSpropOptions>): string[] {
    const slots = ["square_avg"];
    if (momentum !== 0) slots.push("momentum_buffer");
    if (centered) slots.push("grad_avg");
    return slots;
  }

  protected update(table: Ptr, count: number, group: Group<RMSpropOptions>): void {
    const { lr, alpha, eps, weightDecay, momentum, centered } = group;
    extraKernels().rmsStep(
      table,
      count,
      lr,
      alpha,
      1 - alpha,
      eps,
      weightDecay,
      momentum,
      +centered,
    );
  }
}

const DEFAULTS: RMSpropOptions = {
  lr: 0.01,
  alpha: 0.99,
  eps: 1e-8,
  weightDecay: 0,
  momentum: 0,
  centered: false,
};
