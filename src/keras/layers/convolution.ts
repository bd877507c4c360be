// Convolutions and pooling. Keras has channels last; the operations here have them second.
import { Parameter } from "../../tensor/parameter.js";
import { conv1d, conv2d } from "../../ops/conv.js";
import { avgPool1d, avgPool2d, maxPool1d, maxPool2d } from "../../ops/pool.js";
import { pad } from "../../ops/pad.js";
import { permute } from "../../ops/permute.js";
import { max, mean, sum } from "../../ops/reduce.js";
import { where } from "../../ops/where.js";
import { div } from "../../ops/arithmetic.js";
import { ones } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { activationOf, type Activation } from "../activations.js";
import { pairOf } from "../config.js";
import {
  FunctionLayer,
  KerasLayer,
  sizeIn,
  unknownOption,
  type LayerParts,
  type MakeLayer,
  type Value,
} from "../layer.js";

type Axes = 1 | 2;

/** A number that lies below every other, for places that never are the largest. */
const LOWEST = -3.4028234663852886e38;

function channelsFirst(x: Tensor, axes: Axes): Tensor {
  return permute(x, axes === 1 ? [0, 2, 1] : [0, 3, 1, 2]);
}

function channelsLast(x: Tensor, axes: Axes): Tensor {
  return permute(x, axes === 1 ? [0, 2, 1] : [0, 2, 3, 1]);
}

function isChannelsFirst(parts: LayerParts): boolean {
  const format = parts.config.data_format;
  if (format === undefined || format === null || format === "channels_last") return false;
  if (format === "channels_first") return true;
  throw unknownOption(parts, "data_format", format);
}

class ConvLayer extends KerasLayer {
  /** `[size, in, out]`, for images `[height, width, in, out]`. */
  readonly kernel: Parameter;
  readonly bias: Parameter | undefined;
  readonly #run: (x: Tensor) => Tensor;

  constructor(parts: LayerParts, axes: Axes) {
    super(parts);
    const { config, weights, op, name, dialect } = parts;
    const filters = sizeIn(parts, "filters");
    const size = pairOf(config.kernel_size, 0).slice(0, axes);
    this.kernel = new Parameter(
      weights.take("kernel", [...size, undefined, filters], () => this.kernel),
    );
    if (config.use_bias !== false)
      this.bias = new Parameter(weights.take("bias", [filters], () => this.bias!));
    const activation = activationOf(op, name, config.activation, dialect);
    const groups = typeof config.groups === "number" ? config.groups : 1;
    const padding = config.padding ?? "valid";
    if (padding !== "valid" && padding !== "same" && !(padding === "causal" && axes === 1))
      throw unknownOption(parts, "padding", padding);
    const first = isChannelsFirst(parts);
    const [stride, dilation] = [pairOf(config.strides, 1), pairOf(config.dilation_rate, 1)];
    const sides = padding === "valid" ? 0 : padding;
    this.#run = (given) => {
      const x = this.axes(given, axes + 2);
      const images = first ? x : channelsFirst(x, axes);
      const options = { padding: sides, groups } as const;
      const y =
        axes === 1
          ? conv1d(images, permute(this.kernel, [2, 1, 0]), this.bias, {
              ...options,
              stride: stride[0],
              dilation: dilation[0],
            })
          : conv2d(images, permute(this.kernel, [3, 2, 0, 1]), this.bias, {
              ...options,
              padding: sides as 0 | "same",
              stride,
              dilation,
            });
      return activation(first ? y : channelsLast(y, axes));
    };
  }

  /** @internal */
  call([input]: readonly Value[]): Value[] {
    return [{ x: this.#run(input!.x as Tensor), mask: undefined }];
  }
}

/** Windows of the largest number or the mean; with `"same"`, places outside do not count. */
function poolLayer(parts: LayerParts, axes: Axes, kind: "max" | "avg"): KerasLayer {
  const { config } = parts;
  const size = pairOf(config.pool_size, 2);
  const strides =
    config.strides === undefined || config.strides === null ? size : pairOf(config.strides, 1);
  const padding = config.padding ?? "valid";
  if (padding !== "valid" && padding !== "same") throw unknownOption(parts, "padding", padding);
  const first = isChannelsFirst(parts);
  const pool = (x: Tensor): Tensor => {
    if (kind === "max")
      return axes === 1
        ? maxPool1d(x, size[0], { stride: strides[0] })
        : maxPool2d(x, size, { stride: strides });
    return axes === 1
      ? avgPool1d(x, size[0], { stride: strides[0] })
      : avgPool2d(x, size, { stride: strides });
  };
  const run: Activation = (given) => {
    const x = first ? given : channelsFirst(given, axes);
    const sides = padding === "same" ? sidesOf(x.shape.slice(2), size, strides) : [];
    const y = sides.every((side) => side === 0)
      ? pool(x)
      : kind === "max"
        ? pool(pad(x, sides, LOWEST))
        : div(pool(pad(x, sides)), pool(pad(ones([1, 1, ...x.shape.slice(2)]), sides)));
    return first ? y : channelsLast(y, axes);
  };
  return new FunctionLayer(parts, run);
}

/** TensorFlow's rule, in the order of `pad`: from the last axis on, before and after. */
function sidesOf(
  lengths: readonly number[],
  size: readonly number[],
  strides: readonly number[],
): number[] {
  return lengths
    .map((length, axis) => {
      const windows = Math.ceil(length / strides[axis]!);
      const missing = Math.max(0, (windows - 1) * strides[axis]! + size[axis]! - length);
      const before = Math.floor(missing / 2);
      return [before, missing - before];
    })
    .reverse()
    .flat();
}

class GlobalPoolLayer extends KerasLayer {
  readonly #run: (input: Value) => Tensor;

  constructor(parts: LayerParts, axes: Axes, kind: "max" | "avg") {
    super(parts);
    const over = (isChannelsFirst(parts) ? [2, 3] : [1, 2]).slice(0, axes);
    const keepdim = parts.config.keepdims === true;
    // Keras alone leaves masked steps out, of the mean alone.
    const masks = kind === "avg" && axes === 1 && parts.dialect !== "tfjs" && over[0] === 1;
    this.#run = ({ x: given, mask }) => {
      const x = this.axes(given, axes + 2);
      if (masks && mask && !mask.isFull) {
        const [batch, time] = x.shape as [number, number];
        const counts = mask.tensor().reshape([batch, time, 1]);
        return div(sum(where(counts, x, 0), 1, keepdim), sum(counts.to("float32"), 1, keepdim));
      }
      return kind === "avg"
        ? mean(x, over, keepdim)
        : [...over].reverse().reduce((y, axis) => max(y, axis, keepdim), x);
    };
  }

  /** @internal */
  call([input]: readonly Value[]): Value[] {
    return [{ x: this.#run(input!), mask: undefined }];
  }
}

const pooling =
  (axes: Axes, kind: "max" | "avg"): MakeLayer =>
  (parts) =>
    poolLayer(parts, axes, kind);
const whole =
  (axes: Axes, kind: "max" | "avg"): MakeLayer =>
  (parts) =>
    new GlobalPoolLayer(parts, axes, kind);

export const convolutionLayers: Readonly<Record<string, MakeLayer>> = {
  ...{ Conv1D: (parts) => new ConvLayer(parts, 1), Conv2D: (parts) => new ConvLayer(parts, 2) },
  ...{ MaxPooling1D: pooling(1, "max"), MaxPooling2D: pooling(2, "max") },
  ...{ AveragePooling1D: pooling(1, "avg"), AveragePooling2D: pooling(2, "avg") },
  ...{ GlobalMaxPooling1D: whole(1, "max"), GlobalMaxPooling2D: whole(2, "max") },
  ...{ GlobalAveragePooling1D: whole(1, "avg"), GlobalAveragePooling2D: whole(2, "avg") },
};
