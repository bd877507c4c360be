// Layers that treat each step by itself, shapes, masks, noise.
import { sizeOf } from "../../core/shape.js";
import { noGrad } from "../../autograd/mode.js";
import { Embedding } from "../../nn/embedding.js";
import { Linear } from "../../nn/linear.js";
import { leakyRelu, elu } from "../../ops/activations.js";
import { relu } from "../../ops/unary.js";
import { dropout } from "../../ops/dropout.js";
import { expand } from "../../ops/expand.js";
import { pad } from "../../ops/pad.js";
import { permute, transpose } from "../../ops/permute.js";
import { softmax } from "../../ops/softmax.js";
import { where } from "../../ops/where.js";
import { ones, randn } from "../../tensor/create.js";
import { Parameter } from "../../tensor/parameter.js";
import type { Tensor } from "../../tensor/tensor.js";
import { activationOf, reluOf, SELU_ALPHA, SELU_SCALE, type Activation } from "../activations.js";
import { numberOf, pairOf } from "../config.js";
import {
  FunctionLayer,
  KerasLayer,
  sizeIn,
  unknownOption,
  type CallOptions,
  type LayerParts,
  type MakeLayer,
  type Streamed,
  type Value,
} from "../layer.js";
import { Mask } from "../mask.js";

const STEP = { keepsMask: true, stepwise: true };
const NOISE = { keepsMask: true, trainingOnly: true };

class DenseLayer extends KerasLayer {
  readonly linear: Linear;
  readonly #activation: Activation;

  constructor(parts: LayerParts) {
    super(parts);
    const { config, weights } = parts;
    const units = sizeIn(parts, "units");
    const inputs = weights.peek()?.[0] ?? 0;
    const bias = config.use_bias !== false;
    this.#activation = activationOf(parts.op, parts.name, config.activation, parts.dialect);
    const kernel = weights.take("kernel", [undefined, units], () =>
      transpose(this.linear.weight, 0, 1),
    );
    const values = bias ? weights.take("bias", [units], () => this.linear.bias!) : undefined;
    this.linear = new Linear(inputs, units, { bias });
    noGrad(() => {
      this.linear.weight.set(transpose(kernel, 0, 1));
      if (values) this.linear.bias!.set(values);
    });
  }

  /** @internal */
  call([input]: readonly Value[]): Value[] {
    return [{ x: this.#activation(this.linear.forward(input!.x as Tensor)), mask: input!.mask }];
  }

  /** @internal */
  override streamed(): Streamed {
    return [this.linear, (x: Tensor) => this.#activation(x)];
  }
}

class EmbeddingLayer extends KerasLayer {
  readonly embedding: Embedding;
  readonly maskZero: boolean;

  constructor(parts: LayerParts) {
    super(parts);
    const size: [number, number] = [sizeIn(parts, "input_dim"), sizeIn(parts, "output_dim")];
    this.maskZero = parts.config.mask_zero === true;
    const table = parts.weights.take("embeddings", size, () => this.embedding.weight);
    this.embedding = new Embedding(...size);
    noGrad(() => this.embedding.weight.set(table));
  }

  /** @internal */
  call([input]: readonly Value[]): Value[] {
    const ids = input!.x.to("int32");
    const [batch, time = 1] = ids.shape as [number, number];
    const values = this.maskZero ? ids.data() : undefined;
    const mask = values && Mask.of(batch, time, (step) => values[step] !== 0);
    return [{ x: this.embedding.forward(ids), mask }];
  }

  /** @internal */
  override streamed(): Streamed {
    return [this.embedding];
  }
}

/** Steps whose features all have one value do not count. */
class MaskingLayer extends KerasLayer {
  readonly maskValue: number;

  constructor(parts: LayerParts) {
    super(parts);
    this.maskValue = numberOf(parts.config.mask_value, 0);
  }

  /** @internal */
  call([input]: readonly Value[]): Value[] {
    const x = this.axes(input!.x, 3);
    const [batch, time, size] = x.shape as [number, number, number];
    const values = x.data();
    const mask = Mask.of(batch, time, (step) => {
      for (let i = step * size; i < (step + 1) * size; i++)
        if (values[i] !== this.maskValue) return true;
      return false;
    });
    return [{ x: where(mask.tensor().reshape([batch, time, 1]), x, 0), mask }];
  }
}

/** A layer over each step. */
class TimeDistributedLayer extends KerasLayer {
  readonly layer: KerasLayer;

  constructor(parts: LayerParts) {
    super(parts);
    this.layer = parts.make(parts.config.layer, parts.weights.child("layer"));
  }

  /** @internal */
  call([input]: readonly Value[], options: CallOptions): Value[] {
    const { x, mask } = input!;
    const [batch, time, ...rest] = x.shape as [number, number, ...number[]];
    const flat = x.reshape([batch * time, ...rest]);
    return this.layer.call([{ x: flat, mask: undefined }], options).map((output) => ({
      x: output.x.reshape([batch, time, ...output.x.shape.slice(1)]),
      mask,
    }));
  }

  /** @internal */
  override streamed(): Streamed {
    return this.layer.streamed();
  }
}

class PReLULayer extends KerasLayer {
  readonly alpha: Parameter;

  constructor(parts: LayerParts) {
    super(parts);
    const shape = parts.weights.peek() ?? [];
    this.alpha = new Parameter(parts.weights.take("alpha", shape, () => this.alpha));
  }

  /** @internal */
  call([input]: readonly Value[]): Value[] {
    const x = input!.x as Tensor;
    const below = relu(x.mul(-1)).mul(this.alpha);
    return [{ x: relu(x).sub(below), mask: input!.mask }];
  }
}

/** What a rate or a deviation makes of its input in training; nothing where it is 0. */
const noise =
  (option: "rate" | "stddev", run: (x: Tensor, amount: number) => Tensor): MakeLayer =>
  (parts) => {
    const amount = numberOf(parts.config[option], 0);
    return new FunctionLayer(
      parts,
      (x, training) => (training && amount > 0 ? run(x, amount) : x),
      NOISE,
    );
  };

/** Dropped places get what SELU gives far below zero; mean and variance stay (Klambauer et al. 2017). */
function alphaDropout(x: Tensor, rate: number): Tensor {
  const low = -SELU_ALPHA * SELU_SCALE;
  const scale = 1 / Math.sqrt((1 - rate) * (1 + rate * low * low));
  const kept = dropout(ones(x.shape), rate).mul(1 - rate);
  const mixed = x.mul(kept).add(kept.mul(-low).add(low));
  return mixed.mul(scale).add(-scale * low * rate);
}

/** Drops whole features of a sequence or an image, as `SpatialDropout1D` and `2D` do. */
function spatialDropout(parts: LayerParts): KerasLayer {
  const rate = numberOf(parts.config.rate, 0);
  const run = (x: Tensor, training: boolean): Tensor => {
    if (!training || rate === 0) return x;
    const [batch, ...rest] = x.shape as [number, ...number[]];
    return x.mul(dropout(ones([batch, ...rest.slice(0, -1).map(() => 1), rest.at(-1)!]), rate));
  };
  return new FunctionLayer(parts, run, NOISE);
}

const activation = (parts: LayerParts, run: Activation): KerasLayer =>
  new FunctionLayer(parts, run, STEP);

/** What changes nothing, but a loss of Keras' own. */
const unchanged: MakeLayer = (parts) => new FunctionLayer(parts, (x) => x, NOISE);

function reshapeLayer(parts: LayerParts): KerasLayer {
  const given = parts.config.target_shape;
  // TensorFlow.js has null where Keras has -1.
  const shape: unknown = Array.isArray(given) ? given.map((size: unknown) => size ?? -1) : given;
  if (!Array.isArray(shape) || !shape.every((size) => Number.isInteger(size)))
    throw unknownOption(parts, "target_shape", shape);
  const known = (shape as number[]).filter((size) => size >= 0);
  return new FunctionLayer(parts, (x) => {
    const rest = sizeOf(x.shape.slice(1)) / sizeOf(known);
    return x.reshape([x.shape[0]!, ...(shape as number[]).map((size) => (size < 0 ? rest : size))]);
  });
}

function permuteLayer(parts: LayerParts): KerasLayer {
  const { dims } = parts.config;
  if (!Array.isArray(dims) || !dims.every((dim) => Number.isInteger(dim) && dim > 0))
    throw unknownOption(parts, "dims", dims);
  return new FunctionLayer(parts, (x) => permute(x, [0, ...(dims as number[])]));
}

function repeatLayer(parts: LayerParts): KerasLayer {
  const n = sizeIn(parts, "n");
  return new FunctionLayer(parts, (x) => {
    const [batch, size] = x.shape as [number, number];
    return expand(x.reshape([batch, 1, size]), [batch, n, size]);
  });
}

/** Zeros before and behind, along the time. */
function padLayer(parts: LayerParts): KerasLayer {
  const [before, after] = pairOf(parts.config.padding, 1);
  return new FunctionLayer(parts, (x) => pad(x, [0, 0, before, after]));
}

function cropLayer(parts: LayerParts): KerasLayer {
  const [before, after] = pairOf(parts.config.cropping, 1);
  return new FunctionLayer(parts, (x) => x.slice(1, before, x.shape[1]! - after));
}

function upSampleLayer(parts: LayerParts): KerasLayer {
  const size = numberOf(parts.config.size, 2);
  return new FunctionLayer(parts, (x) => {
    const [batch, time, features] = x.shape as [number, number, number];
    const each = expand(x.reshape([batch, time, 1, features]), [batch, time, size, features]);
    return each.reshape([batch, time * size, features]);
  });
}

export const coreLayers: Readonly<Record<string, MakeLayer>> = {
  Dense: (parts) => new DenseLayer(parts),
  Embedding: (parts) => new EmbeddingLayer(parts),
  Masking: (parts) => new MaskingLayer(parts),
  TimeDistributed: (parts) => new TimeDistributedLayer(parts),
  PReLU: (parts) => new PReLULayer(parts),
  Activation: (parts) =>
    activation(parts, activationOf(parts.op, parts.name, parts.config.activation, parts.dialect)),
  ReLU: (parts) => activation(parts, reluOf(parts.config)),
  LeakyReLU: (parts) => {
    const { alpha, negative_slope } = parts.config;
    const slope = numberOf(negative_slope, numberOf(alpha, 0.3));
    return activation(parts, (x) => leakyRelu(x, slope));
  },
  ELU: (parts) => {
    const alpha = numberOf(parts.config.alpha, 1);
    return activation(parts, (x) => elu(x, alpha));
  },
  Softmax: (parts) => {
    const axis = numberOf(parts.config.axis, -1);
    return activation(parts, (x) => softmax(x, axis));
  },
  Dropout: (parts) => {
    const rate = numberOf(parts.config.rate, 0);
    return new FunctionLayer(parts, (x, training) => (training ? dropout(x, rate) : x), NOISE);
  },
  ...{ SpatialDropout1D: spatialDropout, SpatialDropout2D: spatialDropout },
  GaussianNoise: noise("stddev", (x, stddev) => x.add(randn(x.shape).mul(stddev))),
  GaussianDropout: noise("rate", (x, rate) =>
    x.mul(
      randn(x.shape)
        .mul(Math.sqrt(rate / (1 - rate)))
        .add(1),
    ),
  ),
  AlphaDropout: noise("rate", alphaDropout),
  ...{ ActivityRegularization: unchanged, Identity: unchanged },
  Flatten: (parts) =>
    new FunctionLayer(parts, (x) => x.reshape([x.shape[0]!, sizeOf(x.shape.slice(1))])),
  Reshape: reshapeLayer,
  Permute: permuteLayer,
  RepeatVector: repeatLayer,
  ZeroPadding1D: padLayer,
  Cropping1D: cropLayer,
  UpSampling1D: upSampleLayer,
  Rescaling: (parts) => {
    const [scale, offset] = [numberOf(parts.config.scale, 1), numberOf(parts.config.offset, 0)];
    return activation(parts, (x) => x.mul(scale).add(offset));
  },
};
