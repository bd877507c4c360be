// Convolutions in one and two dimensions, channels first.
import { described } from "../core/described.js";
import { defineOp } from "../autograd/op.js";
import { checkCall, checkCount } from "../core/check.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { requireFloat } from "./check.js";
import { convolve, gradientOfImages, gradientOfKernels, type Convolution } from "./columns.js";
import { sumTo } from "./sum-to.js";
import {
  convolveTiles,
  isInTiles,
  tiledGradientOfImages,
  tiledGradientOfKernels,
} from "./winograd.js";
import { windowOver, type Padding, type PairOption } from "./window.js";

export interface Conv1dOptions {
  /** Steps from one output to the next. Default 1. */
  stride?: number | undefined;
  /**
   * Zeros on both sides. `"same"`: as many as make the output as long as the input, or with a stride ⌈time / stride⌉, by
   * TensorFlow's rule; PyTorch refuses a stride there.
   * `"causal"`: all of them in front, so that no output depends on a later input. Default 0.
   */
  padding?: number | "same" | "causal" | undefined;
  /** Steps from one element of the kernel to the next. Default 1. */
  dilation?: number | undefined;
  /** Parts that the channels are cut into, each with weights of its own. Default 1. */
  groups?: number | undefined;
}

/** Numbers for both axes, or pairs: down, across. */
export interface Conv2dOptions {
  /** Steps from one output to the next. Default 1. */
  stride?: PairOption | undefined;
  /**
   * Zeros on both sides; `"same"`: as many as give the output the input's size, or with a stride ⌈size / stride⌉, by
   * TensorFlow's rule. Default 0.
   */
  padding?: Padding | undefined;
  /** Steps from one element of the kernel to the next. Default 1. */
  dilation?: PairOption | undefined;
  /** Parts that the channels are cut into, each with weights of its own. Default 1. */
  groups?: number | undefined;
}

interface Saved {
  readonly x: Tensor;
  readonly weight: Tensor;
  readonly bias: Tensor | undefined;
  readonly convolution: Convolution;
}

/** Of either. */
interface Options extends Omit<Conv2dOptions, "padding"> {
  padding?: Padding | "causal" | undefined;
}

function convolution(
  name: "conv1d" | "conv2d",
  axes: 1 | 2,
): (x: Tensor, weight: Tensor, bias: Tensor | undefined, options: Options) => Tensor {
  return defineOp({
    name,
    forward(x: Tensor, weight: Tensor, bias: Tensor | undefined, options: Options) {
      const convolution = planned(name, axes, { x, weight, bias }, options);
      const { batch, window } = convolution;
      const y = empty([batch, weight.shape[0]!, ...window.out.slice(-axes)]);
      const from = { x: x.address(name), weight: weight.address(name) };
      const compute = isInTiles(convolution) ? convolveTiles : convolve;
      compute(y.storage.ptr, { ...from, bias: bias?.address(name) ?? 0 }, convolution);
      return {
        inputs: bias ? [x, weight, bias] : [x, weight],
        unread: bias ? [bias] : [],
        output: y,
        saved: { x, weight, bias, convolution },
      };
    },
    backward(pass, { x, weight, bias, convolution }: Saved) {
      const { batch, positions } = convolution;
      const dy = pass.grad();
      const from = { dy, x: x.address(name), weight: weight.address(name) };
      const tiled = isInTiles(convolution);
      const [toImages, toKernels] = tiled
        ? [tiledGradientOfImages, tiledGradientOfKernels]
        : [gradientOfImages, gradientOfKernels];
      pass.write(0, (dx) => toImages(dx, from, convolution));
      pass.accumulate(1, (dw, adds) => toKernels(dw, from, convolution, adds));
      if (!bias) return;
      const shape = [batch, bias.size, positions];
      const all = { ptr: dy, shape, size: batch * bias.size * positions };
      pass.accumulate(2, (db, adds) => sumTo(db, [bias.size, 1], all, adds));
    },
  });
}

function planned(
  op: string,
  axes: 1 | 2,
  { x, weight, bias }: { x: Tensor; weight: Tensor; bias: Tensor | undefined },
  options: Options,
): Convolution {
  const { stride = 1, padding = 0, dilation = 1, groups = 1 } = options;
  requireFloat(op, x, weight);
  checkCount(op, "groups", groups);
  const [time, kernel] = axes === 1 ? ["time", "kernel"] : ["height, width", "kernel, kernel"];
  const [channels, inputs, ...kernelSize] = weight.shape as [number, number, ...number[]];
  if (weight.shape.length !== axes + 2)
    throw new ShapeError({
      op,
      expected: `a weight [out, in / groups, ${kernel}]`,
      got: formatShape(weight.shape),
    });
  if (channels % groups !== 0)
    throw new OptionError({
      op,
      expected: `groups that divide the ${channels} output channels`,
      got: described(groups),
    });
  if (x.shape.length !== axes + 2 || x.shape[1] !== inputs * groups)
    throw new ShapeError({
      op,
      expected: `input [batch, ${inputs * groups}, ${time}]`,
      got: formatShape(x.shape),
      cure: "Channels come before the spatial axes: transpose(x, 1, 2) turns [batch, time, features] to it.",
    });
  if (bias) {
    requireFloat(op, bias);
    if (bias.shape.length !== 1 || bias.size !== channels)
      throw new ShapeError({
        op,
        expected: `a bias [${channels}]`,
        got: formatShape(bias.shape),
      });
  }
  const pair = kernelSize as unknown as PairOption;
  const window = windowOver(op, x.shape, axes, { kernel: pair, stride, padding, dilation });
  return {
    window,
    batch: x.shape[0]!,
    groups,
    inputs,
    outputs: channels / groups,
    depth: inputs * window.kernel[0] * window.kernel[1],
    positions: window.out[0] * window.out[1],
  };
}

const oneDimensional = /* @__PURE__ */ convolution("conv1d", 1);
const twoDimensional = /* @__PURE__ */ convolution("conv2d", 2);

/**
 * Slides kernels over time: `y[b, o, t] = bias[o] + Σ weight[o, c, k] · x[b, c, t · stride + k · dilation]`,
 * x padded with zeros. Channels come first, as in PyTorch; `transpose(x, 1, 2)` turns a recurrent layer's
 * `[batch, time, features]` to that, and back.
 *
 * @param x `[batch, in, time]`
 * @param weight `[out, in / groups, kernel]`
 * @param bias `[out]`, optional
 * @returns `[batch, out, ⌊(time + padding on both sides - dilation · (kernel - 1) - 1) / stride⌋ + 1]`
 * @throws ShapeError for shapes that do not fit or an input shorter than the kernel; OptionError for
 *   options that are no counts; DTypeError for int32
 */
export function conv1d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: Conv1dOptions = {},
): Tensor {
  checkCall(
    "conv1d",
    arguments,
    "x:tensor weight:tensor bias?:tensor {stride:number padding:number|string dilation:number groups:number}",
  );
  return oneDimensional(x, weight, bias, options);
}

/**
 * Slides kernels over images, as {@link conv1d} over time.
 *
 * @param x `[batch, in, height, width]`
 * @param weight `[out, in / groups, kernel height, kernel width]`
 * @param bias `[out]`, optional
 * @returns `[batch, out, height', width']`
 * @throws ShapeError for shapes that do not fit or an input smaller than the kernel; OptionError for
 *   options that are no counts; DTypeError for int32
 */
export function conv2d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: Conv2dOptions = {},
): Tensor {
  checkCall(
    "conv2d",
    arguments,
    "x:tensor weight:tensor bias?:tensor {stride:number|list padding:number|list|string dilation:number|list groups:number}",
  );
  return twoDimensional(x, weight, bias, options);
}
