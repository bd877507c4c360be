import { checkCall } from "../core/check.js";
import { ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { tanh } from "../ops/unary.js";
import { attended, mix, type Attended, type NeedWeightsOption } from "../ops/attention.js";
import { checkLengths, maskOfLengths, type Lengths } from "../ops/lengths.js";
import { squeeze, unsqueeze } from "../ops/reshape.js";
import { transpose } from "../ops/permute.js";
import { where } from "../ops/where.js";
import type { Tensor } from "../tensor/tensor.js";
import { Linear } from "./linear.js";
import { Module } from "./module.js";

export interface AttentionPoolingOptions {
  /** Size of the space in which steps are weighed. Default: inputSize. */
  hiddenSize?: number | undefined;
}

export interface AttentionPoolingForwardOptions<
  NeedWeights extends boolean = false,
> extends NeedWeightsOption<NeedWeights> {
  /** Steps that count in each row: integers 0..time. Default: all. */
  lengths?: Lengths | undefined;
}

/**
 * Sequences to one vector each: a mean of their steps by learned weights, softmax(context · tanh(W x + b)) over the
 * steps (Yang et al. 2016). `poolSequence` has the poolings that learn nothing.
 *
 * @example
 * ```ts
 * new AttentionPooling(16).forward(randn([2, 5, 16]), { lengths: [5, 3] }).output.shape; // [2, 16]
 * ```
 */
export class AttentionPooling extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "AttentionPooling";
  readonly projection: Linear;
  readonly context: Linear;

  constructor(inputSize: number, options: AttentionPoolingOptions = {}) {
    checkCall("AttentionPooling", arguments, "inputSize {hiddenSize:number}");
    super();
    const { hiddenSize = inputSize } = options;
    this.projection = new Linear(inputSize, hiddenSize);
    this.context = new Linear(hiddenSize, 1, { bias: false });
  }

  /**
   * Values past a length never count, NaN included; a row of length 0 gives zeros.
   *
   * @param x `[batch, time, inputSize]`
   * @returns output `[batch, inputSize]`; with `needWeights: true` the weights too, `[batch, time]`
   * @throws ShapeError for shapes that do not fit; IndexError for lengths outside 0..time
   */
  forward<NeedWeights extends boolean = false>(
    x: Tensor,
    options: AttentionPoolingForwardOptions<NeedWeights> = {},
  ): Attended<NeedWeights> {
    checkCall(
      "AttentionPooling.forward",
      arguments,
      "x:tensor {lengths:list|tensor needWeights:boolean}",
    );
    const inputs = this.projection.weight.shape[1]!;
    const [batch, time] = x.shape as [number, number];
    if (x.shape.length !== 3 || x.shape[2] !== inputs)
      throw new ShapeError({
        op: "AttentionPooling",
        expected: `input [batch, time, ${inputs}]`,
        got: formatShape(x.shape),
      });
    const lengths = checkLengths("AttentionPooling", options.lengths, batch, time);
    const mask = lengths && maskOfLengths(lengths, time);
    const steps = mask ? where(unsqueeze(mask, 2), x, 0) : x;
    const scores = this.context.forward(tanh(this.projection.forward(steps)));
    const allowed = mask && unsqueeze(mask, 1);
    const { output, weights } = mix(transpose(scores, 1, 2), steps, allowed);
    return attended({ output: squeeze(output, 1), weights: squeeze(weights, 1) }, options);
  }
}
