import { checkCall, checkCount } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { convTranspose1d, MOVES, type ConvTranspose1dOptions } from "../ops/conv-transpose.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { uniformParameter } from "./init.js";
import { Module } from "./module.js";

export interface ConvTranspose1dModuleOptions extends ConvTranspose1dOptions {
  /** Whether to add a learned bias. Default true. */
  bias?: boolean | undefined;
}

/**
 * {@link convTranspose1d} with learned `weight` `[inChannels, outChannels / groups, kernelSize]` and `bias` `[outChannels]`,
 * both from U(-b, b) with b = 1 / √(outChannels / groups · kernelSize), as PyTorch's.
 *
 * @example
 * ```ts
 * new ConvTranspose1d(8, 4, 2, { stride: 2 }).forward(randn([2, 8, 10])).shape; // [2, 4, 20]
 * ```
 */
export class ConvTranspose1d extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "ConvTranspose1d";
  readonly weight: Parameter;
  readonly bias: Parameter | undefined;
  /** How the kernel moves, as the function takes it. */
  protected readonly moves: ConvTranspose1dOptions;

  constructor(
    inChannels: number,
    outChannels: number,
    kernelSize: number,
    options: ConvTranspose1dModuleOptions = {},
  ) {
    super();
    const op = "ConvTranspose1d";
    checkCall(op, arguments, `inChannels outChannels kernelSize {${MOVES} bias:boolean}`);
    const { bias = true, ...moves } = options;
    const { groups = 1 } = moves;
    for (const [name, value] of Object.entries({ inChannels, outChannels, kernelSize, groups }))
      checkCount(op, name, value);
    if (inChannels % groups !== 0 || outChannels % groups !== 0)
      throw new OptionError({
        op,
        expected: `groups that divide ${inChannels} and ${outChannels} channels`,
        got: String(groups),
      });
    const shape = [inChannels, outChannels / groups, kernelSize];
    const bound = 1 / Math.sqrt(shape[1]! * kernelSize);
    this.weight = uniformParameter(shape, bound);
    this.bias = bias ? uniformParameter([outChannels], bound) : undefined;
    this.moves = moves;
  }

  /** x `[batch, inChannels, time]` → `[batch, outChannels, time']` */
  forward(x: Tensor): Tensor {
    checkCall("ConvTranspose1d.forward", arguments, "x:tensor");
    return convTranspose1d(x, this.weight, this.bias, this.moves);
  }
}
