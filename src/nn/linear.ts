import { checkCall, checkCount } from "../core/check.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, sameShape } from "../core/shape.js";
import { linear } from "../ops/linear.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { uniformParameter } from "./init.js";
import { Module } from "./module.js";

export interface LinearOptions {
  /** Whether to add a learned bias. Default true. */
  bias?: boolean | undefined;
  /** A weight to share instead of a new one, `[outFeatures, inFeatures]`: an embedding's, to tie them. */
  weight?: Parameter | undefined;
}

/**
 * `y = x · weightᵀ + bias` over the last axis. Parameters as PyTorch's: `weight`
 * `[outFeatures, inFeatures]`, `bias` `[outFeatures]`, both from U(-1/√inFeatures, 1/√inFeatures).
 *
 * @example
 * ```ts
 * new Linear(16, 4).forward(randn([2, 5, 16])).shape; // [2, 5, 4]
 * ```
 */
export class Linear extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Linear";
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;

  /**
   * @param inFeatures the last axis of what comes in
   * @param outFeatures the last axis of what comes out
   */
  constructor(inFeatures: number, outFeatures: number, options: LinearOptions = {}) {
    checkCall("Linear", arguments, "inFeatures outFeatures {bias:boolean weight:tensor}");
    super();
    const { bias = true, weight } = options;
    checkCount("Linear", "inFeatures", inFeatures);
    checkCount("Linear", "outFeatures", outFeatures);
    const bound = 1 / Math.sqrt(inFeatures);
    const shape = [outFeatures, inFeatures];
    if (weight && !sameShape(weight.shape, shape))
      throw new ShapeError({
        op: "Linear",
        expected: `a weight to share of shape ${formatShape(shape)}`,
        got: formatShape(weight.shape),
      });
    this.weight = weight ?? uniformParameter(shape, bound);
    this.bias = bias ? uniformParameter([outFeatures], bound) : undefined;
  }

  /** x `[…, inFeatures]` → `[…, outFeatures]` */
  forward(x: Tensor): Tensor {
    checkCall("Linear.forward", arguments, "x:tensor");
    return linear(x, this.weight, this.bias);
  }

  protected override extraRepr(): string {
    const [outFeatures, inFeatures] = this.weight.shape;
    return `${inFeatures}, ${outFeatures}${this.bias ? "" : ", bias=false"}`;
  }
}
