import { checkCall, checkCount } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import type { Shape } from "../core/shape.js";
import { checkEps } from "../ops/layer-norm.js";
import { FLOAT_EPS, rmsNorm } from "../ops/rms-norm.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { filledParameter } from "./init.js";
import { Module } from "./module.js";

export interface RMSNormModuleOptions {
  /** Added to the mean of the squares. Default 1.1920929e-7, the spacing of float32 at 1, as in PyTorch. */
  eps?: number | undefined;
  /** Whether to learn a weight. Default true. */
  elementwiseAffine?: boolean | undefined;
}

/**
 * Root mean square normalization over the trailing axes: {@link rmsNorm}. Parameter as PyTorch's: `weight`, ones.
 *
 * @example
 * ```ts
 * new RMSNorm(16).forward(randn([2, 5, 16])).shape; // [2, 5, 16]
 * ```
 */
export class RMSNorm extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "RMSNorm";
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly weight: Parameter | undefined;

  /** @param normalizedShape the sizes of the trailing axes; a number for the last one */
  constructor(normalizedShape: number | Shape, options: RMSNormModuleOptions = {}) {
    checkCall(
      "RMSNorm",
      arguments,
      "normalizedShape:number|list {eps:number elementwiseAffine:boolean}",
    );
    super();
    const { eps = FLOAT_EPS, elementwiseAffine = true } = options;
    const shape = typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    if (shape.length === 0)
      throw new OptionError({ op: "RMSNorm", expected: "at least one size", got: "none" });
    for (const size of shape) checkCount("RMSNorm", "normalizedShape", size);
    checkEps("RMSNorm", eps);
    this.normalizedShape = shape;
    this.eps = eps;
    this.weight = elementwiseAffine ? filledParameter(shape, 1) : undefined;
  }

  /** x `[…, ...normalizedShape]`, result of the same shape. */
  forward(x: Tensor): Tensor {
    checkCall("RMSNorm.forward", arguments, "x:tensor");
    const { weight, eps } = this;
    return rmsNorm(x, this.normalizedShape, { weight, eps });
  }
}
