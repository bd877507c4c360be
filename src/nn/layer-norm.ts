import { checkCall, checkCount } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import type { Shape } from "../core/shape.js";
import { checkEps, layerNorm } from "../ops/layer-norm.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { filledParameter } from "./init.js";
import { Module } from "./module.js";

export interface LayerNormModuleOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number | undefined;
  /** Whether to learn `weight` and `bias`. Default true. */
  elementwiseAffine?: boolean | undefined;
  /** Whether to learn `bias` beside `weight`. Default true. */
  bias?: boolean | undefined;
}

/**
 * Normalizes over the trailing axes: `(x - mean) / √(variance + eps) · weight + bias`. Parameters as
 * PyTorch's: `weight` (ones) and `bias` (zeros), of shape `normalizedShape`.
 *
 * @example
 * ```ts
 * new LayerNorm(16).forward(randn([2, 5, 16])).shape; // [2, 5, 16]
 * ```
 */
export class LayerNorm extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "LayerNorm";
  readonly normalizedShape: Shape;
  readonly eps: number;
  readonly weight: Parameter | undefined;
  readonly bias: Parameter | undefined;

  /** @param normalizedShape the sizes of the trailing axes; a number for the last one */
  constructor(normalizedShape: number | Shape, options: LayerNormModuleOptions = {}) {
    checkCall(
      "LayerNorm",
      arguments,
      "normalizedShape:number|list {eps:number elementwiseAffine:boolean bias:boolean}",
    );
    super();
    const { eps = 1e-5, elementwiseAffine = true, bias = true } = options;
    const shape = typeof normalizedShape === "number" ? [normalizedShape] : [...normalizedShape];
    if (shape.length === 0)
      throw new OptionError({ op: "LayerNorm", expected: "at least one size", got: "none" });
    for (const size of shape) checkCount("LayerNorm", "normalizedShape", size);
    checkEps("LayerNorm", eps);
    this.normalizedShape = shape;
    this.eps = eps;
    this.weight = elementwiseAffine ? filledParameter(shape, 1) : undefined;
    this.bias = elementwiseAffine && bias ? filledParameter(shape, 0) : undefined;
  }

  /** x `[…, ...normalizedShape]`, result of the same shape. */
  forward(x: Tensor): Tensor {
    checkCall("LayerNorm.forward", arguments, "x:tensor");
    const { weight, bias, eps } = this;
    return layerNorm(x, this.normalizedShape, { weight, bias, eps });
  }
}
