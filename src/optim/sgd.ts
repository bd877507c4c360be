import { checkCall, type Given } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import type { Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import {
  Optimizer,
  type OptimizerOptions,
  type Group,
  type ParametersOrGroups,
} from "./optimizer.js";

export interface SGDOptions extends OptimizerOptions {
  /** Default 0: none. */
  momentum: number;
  /** How much of the new gradient the momentum leaves out. Default 0. */
  dampening: number;
  /** Nesterov's form of the momentum. Default false. */
  nesterov: boolean;
}

/**
 * Stochastic gradient descent, PyTorch's form: g ← g + weightDecay·p; b ← momentum·b + (1 − dampening)·g
 * (first step: b ← g); p ← p − lr·b, or with Nesterov p − lr·(g + momentum·b).
 *
 * @example
 * ```ts
 * const model = new Linear(4, 1);
 * const optimizer = new SGD(model.parameters(), { lr: 0.1, momentum: 0.9 });
 * optimizer.groups[0]!.lr = 0.05; // as it trains
 * ```
 */
export class SGD extends Optimizer<SGDOptions> {
  /** @param options `lr` (default 0.001), `momentum`, `dampening`, `weightDecay` (0), `nesterov` */
  constructor(parameters: ParametersOrGroups<SGDOptions>, options: Given<SGDOptions> = {}) {
    checkCall("SGD", arguments, "parameters options?");
    super("SGD", parameters, DEFAULTS, options);
  }

  protected override validate(group: Group<SGDOptions>): void {
    super.validate(group);
    const { momentum, dampening, nesterov } = group;
    this.requireOption("momentum", momentum, momentum >= 0, "at least 0");
    if (nesterov && (momentum === 0 || dampening !== 0))
      throw new OptionError({
        op: "SGD",
        expected: "a momentum above 0 and no dampening with nesterov",
        got: `momentum ${momentum}, dampening ${dampening}`,
      });
  }

  protected slotsOf({ momentum }: Group<SGDOptions>): string[] {
    return momentum === 0 ? [] : ["momentum_buffer"];
  }

  protected update(table: Ptr, count: number, group: Group<SGDOptions>, step: number): void {
    const { lr, momentum, dampening, weightDecay, nesterov } = group;
    trainingKernels().sgdStep(
      table,
      count,
      lr,
      momentum,
      dampening,
      weightDecay,
      +nesterov,
      +(step === 1),
    );
  }
}

const DEFAULTS: SGDOptions = {
  lr: 0.001,
  momentum: 0,
  dampening: 0,
  weightDecay: 0,
  nesterov: false,
};
