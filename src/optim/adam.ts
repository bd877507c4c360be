import { checkCall, type Given } from "../core/check.js";
import type { Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import {
  Optimizer,
  type OptimizerOptions,
  type Group,
  type KernelCall,
  type ParametersOrGroups,
} from "./optimizer.js";
import { Powers } from "./powers.js";

export interface AdamOptions extends OptimizerOptions {
  /** Decay of the first and the second moment. Default [0.9, 0.999]. */
  betas: readonly [number, number];
  /** Added to the denominator. Default 1e-8. */
  eps: number;
  /** Divides by the largest second moment so far (Reddi et al. 2018, arXiv 1904.09237). Default false. */
  amsgrad: boolean;
}

abstract class AdamFamily extends Optimizer<AdamOptions> {
  /** Whether weight decay acts on the parameter itself instead of the gradient. */
  protected abstract readonly decoupled: boolean;
  readonly #powers = new Powers();

  protected override validate(group: Group<AdamOptions>): void {
    super.validate(group);
    const { betas, eps } = group;
    this.requireBetas(betas);
    this.requireOption("eps", eps, eps >= 0, "at least 0");
  }

  protected slotsOf({ amsgrad }: Group<AdamOptions>): string[] {
    return amsgrad ? [...MOMENTS, "max_exp_avg_sq"] : MOMENTS;
  }

  /** @internal */
  override kernelCall_(group: Group<AdamOptions>, step: number): KernelCall {
    const { lr, betas, eps, weightDecay, amsgrad } = group;
    const [correction1, correction2] = betas.map((beta) => 1 - this.#powers.of(beta, step));
    return {
      kernel: "adamStep",
      // prettier-ignore
      numbers: [
        lr, betas[0], betas[1], eps, weightDecay, +this.decoupled, correction1!, correction2!, +amsgrad,
      ],
    };
  }

  protected update(table: Ptr, count: number, group: Group<AdamOptions>, step: number): void {
    const { kernel, numbers } = this.kernelCall_(group, step);
    trainingKernels()[kernel](table, count, ...numbers);
  }
}

const MOMENTS = ["exp_avg", "exp_avg_sq"];
const DEFAULTS: AdamOptions = {
  lr: 0.001,
  betas: [0.9, 0.999],
  eps: 1e-8,
  weightDecay: 0,
  amsgrad: false,
};

/**
 * Adam (Kingma & Ba 2015, arXiv 1412.6980) as PyTorch computes it; `weightDecay` is an L2 penalty added
 * to the gradient. {@link AdamW} decouples it.
 *
 * @example
 * ```ts
 * const model = new Linear(4, 1);
 * const optimizer = new Adam(model.parameters(), { lr: 1e-3 });
 * scope(() => {
 *   optimizer.zeroGrad();
 *   model.forward(ones([2, 4])).sum().backward();
 *   optimizer.step();
 * });
 * ```
 */
export class Adam extends AdamFamily {
  protected readonly decoupled = false;

  /** @param options `lr` (default 0.001), `betas`, `eps`, `weightDecay` (default 0), `amsgrad` */
  constructor(parameters: ParametersOrGroups<AdamOptions>, options: Given<AdamOptions> = {}) {
    checkCall("Adam", arguments, "parameters options?");
    super("Adam", parameters, DEFAULTS, options);
  }
}

/**
 * Adam with decoupled weight decay (Loshchilov & Hutter 2019, arXiv 1711.05101).
 *
 * @example
 * ```ts
 * const optimizer = new AdamW(new Linear(4, 1).parameters(), { lr: 1e-3, weightDecay: 0.01 });
 * optimizer.groups[0]!.lr; // 0.001
 * ```
 */
export class AdamW extends AdamFamily {
  protected readonly decoupled = true;

  /** @param options `lr` (default 0.001), `betas`, `eps`, `weightDecay` (default 0.01), `amsgrad` */
  constructor(parameters: ParametersOrGroups<AdamOptions>, options: Given<AdamOptions> = {}) {
    checkCall("AdamW", arguments, "parameters options?");
    super("AdamW", parameters, { ...DEFAULTS, weightDecay: 0.01 }, options);
  }
}
