// Pooling as modules, for Sequential.
import { checkCall } from "../core/check.js";
import {
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
  type AvgPoolOptions,
  type MaxPoolOptions,
} from "../ops/pool.js";
import type { PairOption } from "../ops/window.js";
import type { Tensor } from "../tensor/tensor.js";
import { Module } from "./module.js";

abstract class Pooling<Size, Options> extends Module {
  readonly kernelSize: Size;
  /** How the window moves, as the function takes it. */
  protected readonly moves: Options;

  /** @internal What a class takes, for `checkCall`. */
  static readonly signature: string;

  constructor(kernelSize: Size, options: Options = {} as Options) {
    super();
    const { name, signature } = new.target;
    checkCall(name, arguments, signature);
    this.kernelSize = kernelSize;
    this.moves = options;
  }
}

/**
 * The largest of each window: {@link maxPool1d}.
 *
 * @example
 * ```ts
 * new MaxPool1d(2).forward(randn([2, 8, 20])).shape; // [2, 8, 10]
 * ```
 */
export class MaxPool1d extends Pooling<number, MaxPoolOptions<number>> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "MaxPool1d";

  static override readonly signature: string =
    "kernelSize:number {stride:number padding:number dilation:number}";

  /** x `[batch, channels, time]` → `[batch, channels, time']` */
  forward(x: Tensor): Tensor {
    checkCall(`${this.constructor.name}.forward`, arguments, "x:tensor");
    return maxPool1d(x, this.kernelSize, this.moves);
  }
}

/**
 * The largest of each window: {@link maxPool2d}.
 *
 * @example
 * ```ts
 * new MaxPool2d(2).forward(randn([2, 4, 26, 26])).shape; // [2, 4, 13, 13]
 * ```
 */
export class MaxPool2d extends Pooling<PairOption, MaxPoolOptions> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "MaxPool2d";

  static override readonly signature: string =
    "kernelSize:number|list {stride:number|list padding:number|list dilation:number|list}";

  /** x `[batch, channels, height, width]` → `[batch, channels, height', width']` */
  forward(x: Tensor): Tensor {
    checkCall(`${this.constructor.name}.forward`, arguments, "x:tensor");
    return maxPool2d(x, this.kernelSize, this.moves);
  }
}

/**
 * The mean of each window: {@link avgPool1d}.
 *
 * @example
 * ```ts
 * new AvgPool1d(2).forward(randn([2, 8, 20])).shape; // [2, 8, 10]
 * ```
 */
export class AvgPool1d extends Pooling<number, AvgPoolOptions<number>> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "AvgPool1d";

  static override readonly signature: string =
    "kernelSize:number {stride:number padding:number countIncludePad:boolean}";

  /** x `[batch, channels, time]` → `[batch, channels, time']` */
  forward(x: Tensor): Tensor {
    checkCall(`${this.constructor.name}.forward`, arguments, "x:tensor");
    return avgPool1d(x, this.kernelSize, this.moves);
  }
}

/**
 * The mean of each window: {@link avgPool2d}.
 *
 * @example
 * ```ts
 * new AvgPool2d(2).forward(randn([2, 4, 26, 26])).shape; // [2, 4, 13, 13]
 * ```
 */
export class AvgPool2d extends Pooling<PairOption, AvgPoolOptions> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "AvgPool2d";

  static override readonly signature: string =
    "kernelSize:number|list {stride:number|list padding:number|list countIncludePad:boolean}";

  /** x `[batch, channels, height, width]` → `[batch, channels, height', width']` */
  forward(x: Tensor): Tensor {
    checkCall(`${this.constructor.name}.forward`, arguments, "x:tensor");
    return avgPool2d(x, this.kernelSize, this.moves);
  }
}
