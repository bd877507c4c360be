import { checkCall, checkProbability } from "../core/check.js";
import { dropout } from "../ops/dropout.js";
import type { Tensor } from "../tensor/tensor.js";
import { Module } from "./module.js";

/**
 * In training, zeroes each element with probability `p` and scales the others by 1 / (1 - p); in
 * evaluation, passes its input on.
 *
 * @example
 * ```ts
 * const dropout = new Dropout(0.5);
 * dropout.eval().forward(ones([3])).toArray(); // [1, 1, 1]
 * ```
 */
export class Dropout extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Dropout";
  readonly p: number;

  /** @param p probability of zeroing, 0 ≤ p < 1. Default 0.5 */
  constructor(p = 0.5) {
    checkCall("Dropout", arguments, "p?:number");
    super();
    checkProbability("Dropout", p);
    this.p = p;
  }

  forward(x: Tensor): Tensor {
    checkCall("Dropout.forward", arguments, "x:tensor");
    return dropout(x, this.p, { training: this.training });
  }
}
