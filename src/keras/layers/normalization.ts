// Batch and layer normalization. A batch's own statistics are not computed: a model that is taught further keeps those of its file.
import { add, mul, sub } from "../../ops/arithmetic.js";
import { layerNorm } from "../../ops/layer-norm.js";
import { rsqrt } from "../../ops/power.js";
import { buffer, Parameter, type Buffer } from "../../tensor/parameter.js";
import type { Tensor } from "../../tensor/tensor.js";
import { numberOf } from "../config.js";
import {
  KerasLayer,
  unknownOption,
  type LayerParts,
  type MakeLayer,
  type Streamed,
  type Value,
} from "../layer.js";

class NormalizationLayer extends KerasLayer {
  readonly gamma: Parameter | undefined;
  readonly beta: Parameter | undefined;
  readonly epsilon: number;

  constructor(
    parts: LayerParts,
    protected readonly size: number,
  ) {
    super(parts);
    const { config, weights } = parts;
    this.epsilon = numberOf(config.epsilon, 1e-3);
    if (config.scale !== false)
      this.gamma = new Parameter(weights.take("gamma", [size], () => this.gamma!));
    if (config.center !== false)
      this.beta = new Parameter(weights.take("beta", [size], () => this.beta!));
  }

  protected normalized(_x: Tensor): Tensor {
    throw new Error("internal: a kind of normalization");
  }

  /** @internal */
  call([input]: readonly Value[]): Value[] {
    return [{ x: this.normalized(input!.x as Tensor), mask: input!.mask }];
  }

  /** @internal */
  override streamed(): Streamed {
    return [(x: Tensor) => this.normalized(x)];
  }
}

class BatchNormalizationLayer extends NormalizationLayer {
  readonly moving_mean: Buffer;
  readonly moving_variance: Buffer;
  readonly #axis: number;

  constructor(parts: LayerParts, size: number) {
    super(parts, size);
    const { weights, config } = parts;
    this.moving_mean = buffer(weights.take("moving_mean", [size], () => this.moving_mean));
    this.moving_variance = buffer(
      weights.take("moving_variance", [size], () => this.moving_variance),
    );
    this.#axis = axisOf(parts, config.axis);
  }

  protected override normalized(x: Tensor): Tensor {
    const axis = this.#axis < 0 ? x.shape.length + this.#axis : this.#axis;
    const along = (part: Tensor): Tensor =>
      part.reshape(x.shape.map((_, i) => (i === axis ? this.size : 1)));
    const scale = rsqrt(add(this.moving_variance, this.epsilon));
    const factor = this.gamma ? mul(scale, this.gamma) : scale;
    const y = mul(sub(x, along(this.moving_mean)), along(factor));
    return this.beta ? add(y, along(this.beta)) : y;
  }
}

class LayerNormalizationLayer extends NormalizationLayer {
  protected override normalized(x: Tensor): Tensor {
    return layerNorm(x, this.size, { weight: this.gamma, bias: this.beta, eps: this.epsilon });
  }
}

function axisOf(parts: LayerParts, value: unknown): number {
  const axis: unknown = Array.isArray(value) && value.length === 1 ? value[0] : (value ?? -1);
  if (typeof axis === "number") return axis;
  throw unknownOption(parts, "axis", value);
}

const sizeOf = (parts: LayerParts): number => {
  const size = parts.weights.peek()?.[0];
  if (size === undefined) throw unknownOption(parts, "scale and center, not both of them", false);
  return size;
};

export const normalizationLayers: Readonly<Record<string, MakeLayer>> = {
  BatchNormalization: (parts) => new BatchNormalizationLayer(parts, sizeOf(parts)),
  LayerNormalization: (parts) => {
    axisOf(parts, parts.config.axis);
    return new LayerNormalizationLayer(parts, sizeOf(parts));
  },
};
