// Pooling as modules, for Sequential.
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

  constructor(kernelSize: Size, options: Options = {} as Options) {
    super();
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
  /** x `[batch, channels, time]` → `[batch, channels, time']` */
  forward(x: Tensor): Tensor {
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
  /** x `[batch, channels, height, width]` → `[batch, channels, height', width']` */
  forward(x: Tensor): Tensor {
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
  /** x `[batch, channels, time]` → `[batch, channels, time']` */
  forward(x: Tensor): Tensor {
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
  /** x `[batch, channels, height, width]` → `[batch, channels, height', width']` */
  forward(x: Tensor): Tensor {
    return avgPool2d(x, this.kernelSize, this.moves);
  }
}
