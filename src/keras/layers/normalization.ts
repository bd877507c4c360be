// Batch and layer normalization, and that by statistics of the data.
import { noGrad } from "../../autograd/mode.js";
import { add, div, mul, sub } from "../../ops/arithmetic.js";
import { maximum } from "../../ops/extremes.js";
import { layerNorm } from "../../ops/layer-norm.js";
import { transpose } from "../../ops/permute.js";
import { rsqrt } from "../../ops/power.js";
import { mean, sum } from "../../ops/reduce.js";
import { sqrt } from "../../ops/unary.js";
import { where } from "../../ops/where.js";
import { tensor } from "../../tensor/create.js";
import { buffer, Parameter, type Buffer } from "../../tensor/parameter.js";
import type { Tensor } from "../../tensor/tensor.js";
import { numberOf } from "../config.js";
import {
  KerasLayer,
  SizedSteps,
  unknownOption,
  type LayerParts,
  type MakeLayer,
  type Streamed,
  type Value,
} from "../layer.js";
import type { Mask } from "../mask.js";

/** Keras' smallest divisor. */
const LEAST = 1e-7;

abstract class ScaledLayer extends KerasLayer {
  readonly gamma: Parameter | undefined;
  readonly beta: Parameter | undefined;
  readonly epsilon: number;
  readonly #axis: number;

  constructor(
    parts: LayerParts,
    protected readonly size: number,
  ) {
    super(parts);
    const { config, weights } = parts;
    this.#axis = axisOf(parts, config.axis);
    this.epsilon = numberOf(config.epsilon, 1e-3);
    if (config.scale !== false)
      this.gamma = new Parameter(weights.take("gamma", [size], () => this.gamma!));
    if (config.center !== false)
      this.beta = new Parameter(weights.take("beta", [size], () => this.beta!));
  }

  /** @param training whether a batch's statistics count */
  protected abstract normalized(x: Tensor, training: boolean, mask?: Mask): Tensor;

  protected axisOf(x: Tensor): number {
    return this.#axis < 0 ? x.shape.length + this.#axis : this.#axis;
  }

  /** @internal */
  call([input]: readonly Value[]): Value[] {
    const { x, mask } = input!;
    return [{ x: this.normalized(x as Tensor, this.training, mask), mask }];
  }

  /** @internal */
  override streamed(): Streamed {
    if (this.#axis !== -1 && this.#axis !== 2) return undefined;
    return [new SizedSteps(this.size, (x) => this.normalized(x, false))];
  }
}

class BatchNormalizationLayer extends ScaledLayer {
  readonly moving_mean: Buffer;
  readonly moving_variance: Buffer;
  readonly momentum: number;
  readonly #masks: boolean;

  constructor(parts: LayerParts, size: number) {
    super(parts, size);
    const { weights, config, dialect } = parts;
    this.momentum = numberOf(config.momentum, 0.99);
    // Keras 3 alone leaves masked steps out of a batch's statistics.
    this.#masks = dialect === "keras3";
    this.moving_mean = buffer(weights.take("moving_mean", [size], () => this.moving_mean));
    this.moving_variance = buffer(
      weights.take("moving_variance", [size], () => this.moving_variance),
    );
  }

  protected override normalized(x: Tensor, training: boolean, mask?: Mask): Tensor {
    const axis = this.axisOf(x);
    const along = (part: Tensor): Tensor =>
      part.reshape(x.shape.map((_, i) => (i === axis ? this.size : 1)));
    // A frozen layer keeps its statistics in training, too.
    const [average, variance] =
      training && (this.gamma ?? this.beta)?.requiresGrad === true
        ? this.#ofBatch(x, axis, along, mask)
        : [this.moving_mean, this.moving_variance];
    const scale = rsqrt(add(variance, this.epsilon));
    const factor = this.gamma ? mul(scale, this.gamma) : scale;
    const y = mul(sub(x, along(average)), along(factor));
    return this.beta ? add(y, along(this.beta)) : y;
  }

  /** A batch's mean and variance, which move those that are kept. */
  #ofBatch(
    x: Tensor,
    axis: number,
    along: (part: Tensor) => Tensor,
    mask: Mask | undefined,
  ): [Tensor, Tensor] {
    const axes = x.shape.map((_, i) => i).filter((i) => i !== axis);
    const counted =
      this.#masks && mask?.isFull === false && x.shape.length === 3 ? mask : undefined;
    const steps = counted?.tensor().reshape([counted.batch, counted.time, 1]);
    const meanOf = (values: Tensor): Tensor =>
      steps
        ? div(sum(where(steps, values, 0), axes), sum(steps.to("float32")))
        : mean(values, axes);
    const average = meanOf(x);
    const centred = sub(x, along(average));
    const variance = meanOf(mul(centred, centred));
    noGrad(() => {
      for (const [kept, now] of [
        [this.moving_mean, average],
        [this.moving_variance, variance],
      ] as const)
        kept.set(add(mul(kept, this.momentum), mul(now, 1 - this.momentum)));
    });
    return [average, variance];
  }
}

class LayerNormalizationLayer extends ScaledLayer {
  protected override normalized(x: Tensor): Tensor {
    const [axis, last] = [this.axisOf(x), x.shape.length - 1];
    const own = { weight: this.gamma, bias: this.beta, eps: this.epsilon };
    if (axis === last) return layerNorm(x, this.size, own);
    return transpose(layerNorm(transpose(x, axis, last), this.size, own), axis, last);
  }
}

/** `Normalization`: by the mean and the variance of the data that it was adapted to. */
class DataNormalizationLayer extends KerasLayer {
  readonly mean: Buffer;
  readonly variance: Buffer;
  readonly count: Buffer | undefined;
  readonly #inverts: boolean;

  constructor(parts: LayerParts) {
    super(parts);
    const { config, weights } = parts;
    if (config.axis !== null) axisOf(parts, config.axis, true);
    this.#inverts = config.invert === true;
    if (config.mean !== undefined && config.mean !== null) {
      [this.mean, this.variance] = [config.mean, config.variance].map((value) => {
        const values = [value].flat(8);
        if (!values.every((each) => typeof each === "number"))
          throw unknownOption(parts, "mean and variance", value);
        return buffer(tensor(Float32Array.from(values)));
      }) as [Buffer, Buffer];
      return;
    }
    const shape = weights.peek() ?? [];
    this.mean = buffer(weights.take("mean", shape, () => this.mean));
    this.variance = buffer(weights.take("variance", shape, () => this.variance));
    this.count = buffer(weights.take("count", [], () => this.count!));
  }

  #run(x: Tensor): Tensor {
    const scale = maximum(sqrt(this.variance), tensor([LEAST]));
    return this.#inverts ? add(mul(x, scale), this.mean) : div(sub(x, this.mean), scale);
  }

  /** @internal */
  call([input]: readonly Value[]): Value[] {
    return [{ x: this.#run(input!.x.to("float32")), mask: input!.mask }];
  }

  /** @internal */
  override streamed(): Streamed {
    const { size } = this.mean;
    return [size > 1 ? new SizedSteps(size, (x) => this.#run(x)) : (x: Tensor) => this.#run(x)];
  }
}

function axisOf(parts: LayerParts, value: unknown, lastOnly = false): number {
  const axis: unknown = Array.isArray(value) && value.length === 1 ? value[0] : (value ?? -1);
  if (typeof axis === "number" && (axis === -1 || !lastOnly)) return axis;
  throw unknownOption(parts, "axis", value);
}

const sizeOf = (parts: LayerParts): number => {
  const size = parts.weights.peek()?.[0];
  if (size === undefined) throw unknownOption(parts, "scale and center, not both of them", false);
  return size;
};

export const normalizationLayers: Readonly<Record<string, MakeLayer>> = {
  BatchNormalization: (parts) => new BatchNormalizationLayer(parts, sizeOf(parts)),
  LayerNormalization: (parts) => new LayerNormalizationLayer(parts, sizeOf(parts)),
  Normalization: (parts) => new DataNormalizationLayer(parts),
};
