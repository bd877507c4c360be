// Convolutional layers, channels first.
import { described } from "../core/described.js";
import { checkCall, checkCount } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { sizeOf, type Shape } from "../core/shape.js";
import { conv1d, conv2d, type Conv1dOptions, type Conv2dOptions } from "../ops/conv.js";
import type { PairOption } from "../ops/window.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { uniformParameter } from "./init.js";
import { Module } from "./module.js";

export interface Conv1dModuleOptions extends Conv1dOptions {
  /** Whether to add a learned bias. Default true. */
  bias?: boolean | undefined;
}

export interface Conv2dModuleOptions extends Conv2dOptions {
  /** Whether to add a learned bias. Default true. */
  bias?: boolean | undefined;
}

/**
 * What both have: `weight` `[out, in / groups, ...kernel]` and `bias` `[out]`, both from U(-b, b) with
 * b = 1 / √(in / groups · kernel elements), as PyTorch's.
 */
abstract class Convolution<Options extends Conv1dOptions | Conv2dOptions> extends Module {
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  /** How the kernel moves, as the function takes it. */
  protected readonly moves: Omit<Options, "bias">;

  protected constructor(
    name: string,
    inChannels: number,
    outChannels: number,
    kernel: Shape,
    { bias = true, ...moves }: Options & { bias?: boolean | undefined },
  ) {
    super();
    const groups = moves.groups ?? 1;
    checkCount(name, "inChannels", inChannels);
    checkCount(name, "outChannels", outChannels);
    checkCount(name, "groups", groups);
    for (const size of kernel) checkCount(name, "kernelSize", size);
    if (inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new OptionError({
        op: name,
        expected: `groups that divide ${inChannels} and ${outChannels} channels`,
        got: described(groups),
      });
    const shape = [outChannels, inChannels / groups, ...kernel];
    const bound = 1 / Math.sqrt(sizeOf(shape.slice(1)));
    this.weight = uniformParameter(shape, bound);
    this.bias = bias ? uniformParameter([outChannels], bound) : undefined;
    this.moves = moves;
  }
}

/**
 * Slides kernels over time: {@link conv1d} with learned `weight` and `bias`.
 *
 * @example
 * ```ts
 * new Conv1d(8, 16, 3, { padding: 1 }).forward(randn([2, 8, 20])).shape; // [2, 16, 20]
 * ```
 */
export class Conv1d extends Convolution<Conv1dOptions> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Conv1d";
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: Conv1dModuleOptions = {},
  ) {
    checkCall(
      "Conv1d",
      arguments,
      "inChannels outChannels kernelSize:number {stride:number padding:number|string dilation:number groups:number bias:boolean}",
    );
    super("Conv1d", inChannels, outChannels, [kernelSize], options);
  }

  /** x `[batch, inChannels, time]` → `[batch, outChannels, time']` */
  forward(x: Tensor): Tensor {
    checkCall("Conv1d.forward", arguments, "x:tensor");
    return conv1d(x, this.weight, this.bias, this.moves);
  }
}

/**
 * Slides kernels over images: {@link conv2d} with learned `weight` and `bias`.
 *
 * @example
 * ```ts
 * new Conv2d(1, 4, 3).forward(randn([2, 1, 28, 28])).shape; // [2, 4, 26, 26]
 * ```
 */
export class Conv2d extends Convolution<Conv2dOptions> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Conv2d";
  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: PairOption,
    options: Conv2dModuleOptions = {},
  ) {
    checkCall(
      "Conv2d",
      arguments,
      "inChannels outChannels kernelSize:number|list {stride:number|list padding:number|list|string dilation:number|list groups:number bias:boolean}",
    );
    const kernel = typeof kernelSize === "number" ? [kernelSize, kernelSize] : kernelSize;
    super("Conv2d", inChannels, outChannels, kernel, options);
  }

  /** x `[batch, inChannels, height, width]` → `[batch, outChannels, height', width']` */
  forward(x: Tensor): Tensor {
    checkCall("Conv2d.forward", arguments, "x:tensor");
    return conv2d(x, this.weight, this.bias, this.moves);
  }
}
