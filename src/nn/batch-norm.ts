// Batch normalization, channels second.
import { noGrad } from "../autograd/mode.js";
import { checkCall, checkCount } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { cannotTrain } from "../core/inference.js";
import { formatShape } from "../core/shape.js";
import { add, mul, sub } from "../ops/arithmetic.js";
import { requireFloat } from "../ops/check.js";
import { batchMoments, batchNorm } from "../ops/batch-norm.js";
import { checkEps } from "../ops/layer-norm.js";
import { rsqrt } from "../ops/power.js";
import { reshape } from "../ops/reshape.js";
import { select } from "../ops/slice.js";
import { ones, zeros } from "../tensor/create.js";
import { buffer, type Buffer, type Parameter } from "../tensor/parameter.js";
import { scope } from "../tensor/scope.js";
import { scopeWithin } from "../tensor/scope-stack.js";
import type { Tensor } from "../tensor/tensor.js";
import { filledParameter } from "./init.js";
import { Module } from "./module.js";
import { reprOf } from "./repr.js";

export interface BatchNormOptions {
  /** Added to the variance. Default 1e-5. */
  eps?: number | undefined;
  /** What a batch counts in the running statistics. Default 0.1; null: their plain average over all batches. */
  momentum?: number | null | undefined;
  /** Whether to learn `weight` and `bias`. Default true. */
  affine?: boolean | undefined;
  /** Whether to keep running statistics for evaluation. Default true; without, a batch's own serve there too. */
  trackRunningStats?: boolean | undefined;
}

/**
 * What both have: `(x - mean) / √(variance + eps) · weight + bias` for each channel, over the batch and all axes behind the
 * channels (Ioffe & Szegedy 2015). In training the batch's own statistics, the variance biased; in evaluation the running
 * ones, the variance unbiased: PyTorch's numbers and names: `weight` (ones), `bias` (zeros), and as buffers `running_mean`,
 * `running_var` and `num_batches_tracked`.
 */
abstract class BatchNorm extends Module {
  readonly numFeatures: number;
  readonly eps: number;
  readonly momentum: number | null;
  readonly affine: boolean;
  readonly trackRunningStats: boolean;
  /** `[numFeatures]` */
  readonly weight: Parameter | undefined;
  /** `[numFeatures]` */
  readonly bias: Parameter | undefined;
  /** `[numFeatures]` */
  readonly running_mean: Buffer | undefined;
  /** `[numFeatures]` */
  readonly running_var: Buffer | undefined;
  /** A scalar: batches in training so far. */
  readonly num_batches_tracked: Buffer<"int32"> | undefined;
  readonly #name: string;
  readonly #inputs: readonly string[];

  /** @param inputs the axes of what it takes, by their names */
  protected constructor(
    name: string,
    inputs: readonly string[],
    numFeatures: number,
    options: BatchNormOptions,
  ) {
    super();
    const { eps = 1e-5, momentum = 0.1, affine = true, trackRunningStats = true } = options;
    checkCount(name, "numFeatures", numFeatures);
    checkEps(name, eps);
    if (momentum !== null && !(momentum >= 0 && momentum <= 1))
      throw new OptionError({
        op: name,
        expected: "momentum from 0 to 1, or null for a plain average",
        got: described(momentum),
      });
    this.#name = name;
    this.#inputs = inputs;
    this.numFeatures = numFeatures;
    this.eps = eps;
    this.momentum = momentum;
    this.affine = affine;
    this.trackRunningStats = trackRunningStats;
    const shape = [numFeatures];
    this.weight = affine ? filledParameter(shape, 1) : undefined;
    this.bias = affine ? filledParameter(shape, 0) : undefined;
    if (!trackRunningStats) return;
    this.running_mean = scope(() => buffer(zeros(shape)));
    this.running_var = scope(() => buffer(ones(shape)));
    this.num_batches_tracked = scope(() => buffer(zeros([], { dtype: "int32" })));
  }

  /**
   * Result of x's shape.
   *
   * @throws ShapeError for other axes, or in training for one value a channel, which has no variance
   */
  forward(x: Tensor): Tensor {
    checkCall(`${this.#name}.forward`, arguments, "x:tensor");
    const { running_mean, running_var } = this;
    this.#check(x);
    if (!this.training && running_mean && running_var)
      return this.#byRunning(x, running_mean, running_var);
    if (!TRAINING && this.training)
      throw cannotTrain(
        `${this.#name} in training mode; after eval() it takes its running statistics`,
      );
    return this.#byBatch(x);
  }

  protected override extraRepr(): string {
    return reprOf([this.numFeatures], this, {
      ...{ eps: 1e-5, momentum: 0.1, affine: true, trackRunningStats: true },
    });
  }

  #check(x: Tensor): void {
    requireFloat(this.#name, x);
    const { shape } = x;
    const ranks = this.#inputs.map((axes) => axes.split(",").length);
    if (ranks.includes(shape.length) && shape[1] === this.numFeatures) return;
    throw new ShapeError({
      op: this.#name,
      expected: `input ${this.#inputs.map((axes) => `[${axes}]`).join(" or ")} of ${this.numFeatures} channels`,
      got: formatShape(shape),
      cure: "Channels come second: transpose(x, 1, 2) turns [batch, time, features] to that.",
    });
  }

  #byRunning(x: Tensor, center: Tensor, spread: Tensor): Tensor {
    const inverse = rsqrt(add(spread, this.eps));
    const scale = this.weight ? mul(this.weight, inverse) : inverse;
    const moved = mul(center, scale);
    const shift = this.bias ? sub(this.bias, moved) : moved.neg();
    const channels = [this.numFeatures, ...x.shape.slice(2).map(() => 1)];
    return add(mul(x, reshape(scale, channels)), reshape(shift, channels));
  }

  #byBatch(x: Tensor): Tensor {
    const count = x.size / this.numFeatures;
    if (this.training && count === 1)
      throw new ShapeError({
        op: this.#name,
        expected: "more than one value a channel in training",
        got: formatShape(x.shape),
      });
    const stats = batchMoments(x);
    if (TRAINING && this.training) scopeWithin(() => noGrad(() => this.#track(stats, count)));
    return batchNorm(x, stats, this.weight, this.bias, this.eps);
  }

  /** Counts a batch in the running statistics. */
  #track(stats: Tensor, count: number): void {
    const { running_mean, running_var, num_batches_tracked } = this;
    if (!running_mean || !running_var || !num_batches_tracked) return;
    num_batches_tracked.set(add(num_batches_tracked, 1));
    const share = this.momentum ?? 1 / num_batches_tracked.item();
    const toward = (running: Buffer, now: Tensor): void => {
      running.set(add(mul(running, 1 - share), mul(now, share)));
    };
    toward(running_mean, select(stats, 0, 0));
    toward(running_var, mul(select(stats, 0, 1), count / (count - 1)));
  }
}

const KNOWN =
  "numFeatures:number {eps:number momentum:number|null affine:boolean trackRunningStats:boolean}";

/**
 * Batch normalization of `[batch, numFeatures]` or `[batch, numFeatures, time]`.
 *
 * @example
 * ```ts
 * const norm = new BatchNorm1d(8);
 * norm.forward(randn([4, 8])).shape; // [4, 8]
 * ```
 */
export class BatchNorm1d extends BatchNorm {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "BatchNorm1d";
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    checkCall("BatchNorm1d", arguments, KNOWN);
    super("BatchNorm1d", ["batch, channels", "batch, channels, time"], numFeatures, options);
  }
}

/**
 * Batch normalization of `[batch, numFeatures, height, width]`.
 *
 * @example
 * ```ts
 * new BatchNorm2d(3).forward(randn([2, 3, 8, 8])).shape; // [2, 3, 8, 8]
 * ```
 */
export class BatchNorm2d extends BatchNorm {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "BatchNorm2d";
  constructor(numFeatures: number, options: BatchNormOptions = {}) {
    checkCall("BatchNorm2d", arguments, KNOWN);
    super("BatchNorm2d", ["batch, channels, height, width"], numFeatures, options);
  }
}
