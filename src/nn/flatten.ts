// Modules that change no number, for Sequential.
import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import { normalizeAxis, sizeOf } from "../core/shape.js";
import { reshape } from "../ops/reshape.js";
import type { Tensor } from "../tensor/tensor.js";
import { Module } from "./module.js";

/**
 * Passes its input on.
 *
 * @example
 * ```ts
 * new Identity().forward(ones([2])).toArray(); // [1, 1]
 * ```
 */
export class Identity extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Identity";
  forward<D extends DType>(x: Tensor<D>): Tensor<D> {
    checkCall("Identity.forward", arguments, "x:tensor");
    return x;
  }
}

/**
 * Axes merged into one, sharing memory: `[batch, channels, time]` → `[batch, channels · time]`.
 *
 * @example
 * ```ts
 * new Flatten().forward(ones([2, 3, 4])).shape; // [2, 12]
 * ```
 */
export class Flatten extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Flatten";
  readonly startAxis: number;
  readonly endAxis: number;

  /**
   * @param startAxis the first axis to merge. Default 1
   * @param endAxis the last axis to merge. Default -1
   */
  constructor(startAxis = 1, endAxis = -1) {
    checkCall("Flatten", arguments, "startAxis?:number endAxis?:number");
    super();
    this.startAxis = startAxis;
    this.endAxis = endAxis;
  }

  forward<D extends DType>(x: Tensor<D>): Tensor<D> {
    checkCall("Flatten.forward", arguments, "x:tensor");
    const { shape } = x;
    const start = normalizeAxis("Flatten", this.startAxis, shape.length);
    const end = normalizeAxis("Flatten", this.endAxis, shape.length);
    if (end < start)
      throw new OptionError({
        op: "Flatten",
        expected: "an endAxis not before startAxis",
        got: `${this.startAxis} to ${this.endAxis} of ${shape.length} axes`,
      });
    const merged = sizeOf(shape.slice(start, end + 1));
    return reshape(x, [...shape.slice(0, start), merged, ...shape.slice(end + 1)]);
  }
}
