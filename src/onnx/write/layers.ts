// Layers with one input as nodes.
import { OptionError } from "../../core/errors.js";
import { normalizeAxis } from "../../core/shape.js";
import { LogSoftmax, ReLU, Sigmoid, Softmax, Tanh } from "../../nn/activation.js";
import { BatchNorm1d, BatchNorm2d } from "../../nn/batch-norm.js";
import { Conv1d, Conv2d } from "../../nn/conv.js";
import { ConvTranspose1d } from "../../nn/conv-transpose.js";
import { Dropout } from "../../nn/dropout.js";
import { Embedding } from "../../nn/embedding.js";
import { Flatten, Identity } from "../../nn/flatten.js";
import { LayerNorm } from "../../nn/layer-norm.js";
import { Linear } from "../../nn/linear.js";
import type { Module } from "../../nn/module.js";
import { AvgPool1d, AvgPool2d, MaxPool1d, MaxPool2d } from "../../nn/pooling.js";
import { LearnedPositions, SinusoidalPositions } from "../../nn/positions.js";
import { ELU, GELU, Hardtanh, LeakyReLU, SiLU, Softplus } from "../../nn/rectifiers.js";
import { RMSNorm } from "../../nn/rms-norm.js";
import { Sequential } from "../../nn/sequential.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { AttributeValue, Axis, GraphBuilder, Ref } from "./builder.js";
import { isRecurrent, writeRecurrent } from "./recurrent.js";

type WriteLayer<M> = (b: GraphBuilder, module: M, path: string, x: Ref) => Ref;

/** A class of layers, and how one is written. */
interface Entry {
  readonly of: abstract new (...args: never[]) => Module;
  readonly write: WriteLayer<never>;
}

const entry = <M extends Module>(
  of: abstract new (...args: never[]) => M,
  write: WriteLayer<M>,
): Entry => ({ of, write: write });

/** A layer that is one node without anything of its own. */
const plain = <M extends Module>(
  of: abstract new (...args: never[]) => M,
  opType: string,
  attributes: (module: M, x: Ref) => Readonly<Record<string, AttributeValue>> = () => ({}),
): Entry => entry(of, (b, module, _, x) => b.node(opType, [x], x.axes, attributes(module, x)));

/** The name of a part. */
export function partOf(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

/** x · Wᵀ + b. */
export function writeLinear(
  b: GraphBuilder,
  { weight, bias }: { readonly weight: Tensor; readonly bias?: Tensor | undefined },
  path: string,
  x: Ref,
): Ref {
  const axes = [...x.axes.slice(0, -1), weight.shape[0]!];
  const W = b.parameter(partOf(path, "weight"), weight);
  const B = bias && b.parameter(partOf(path, "bias"), bias);
  if (x.axes.length === 2) return b.node("Gemm", [x, W, ...(B ? [B] : [])], axes, { transB: 1 });
  const turned = b.node("Transpose", [W], [weight.shape[1]!, weight.shape[0]!], { perm: [1, 0] });
  const product = b.node("MatMul", [x, turned], axes);
  return B ? b.node("Add", [product, B], axes) : product;
}

interface Moves {
  readonly stride?: number | readonly number[] | undefined;
  readonly padding?: number | string | readonly number[] | undefined;
  readonly dilation?: number | readonly number[] | undefined;
  readonly groups?: number | undefined;
  readonly outputPadding?: number | undefined;
  readonly countIncludePad?: boolean | undefined;
}

const listed = (value: number | readonly number[], axes: number): number[] =>
  typeof value === "number" ? Array<number>(axes).fill(value) : [...value];

/** A window's attributes. */
function windowOf(
  path: string,
  kernel: readonly number[],
  { stride, padding = 0, dilation = 1 }: Moves,
  usualStride: readonly number[],
): Record<string, AttributeValue> {
  const axes = kernel.length;
  const strides = stride === undefined ? usualStride : listed(stride, axes);
  const dilations = listed(dilation, axes);
  const moves = { kernel_shape: kernel, strides, dilations };
  if (padding === "same") {
    if (dilations.every((n) => n === 1)) return { ...moves, auto_pad: "SAME_UPPER" };
    const total = kernel.map((k, i) => dilations[i]! * (k - 1));
    if (strides.every((n) => n === 1))
      return {
        ...moves,
        pads: [...total.map((n) => Math.floor(n / 2)), ...total.map((n) => Math.ceil(n / 2))],
      };
    throw unwritable(path, 'padding "same" with strides and dilations');
  }
  if (padding === "causal") return { ...moves, pads: [dilations[0]! * (kernel[0]! - 1), 0] };
  const pads = listed(padding as number, axes);
  return { ...moves, pads: [...pads, ...pads] };
}

/** The names of sizes that a window changes. */
function windowAxes(x: Ref, channels: Axis): Axis[] {
  return [x.axes[0]!, channels, ...x.axes.slice(2).map((_, i) => `windows${i}`)];
}

function writeConv(b: GraphBuilder, module: Conv1d | Conv2d, path: string, x: Ref): Ref {
  const { weight, bias } = module;
  const moves = module["moves"] as Moves;
  const kernel = weight.shape.slice(2);
  const inputs = [x, b.parameter(partOf(path, "weight"), weight)];
  if (bias) inputs.push(b.parameter(partOf(path, "bias"), bias));
  const attributes = windowOf(
    path,
    kernel,
    moves,
    kernel.map(() => 1),
  );
  return b.node("Conv", inputs, windowAxes(x, weight.shape[0]!), {
    ...attributes,
    group: moves.groups ?? 1,
  });
}

function writeConvTranspose(b: GraphBuilder, module: ConvTranspose1d, path: string, x: Ref): Ref {
  const { weight, bias } = module;
  const moves = module["moves"] as Moves;
  const inputs = [x, b.parameter(partOf(path, "weight"), weight)];
  if (bias) inputs.push(b.parameter(partOf(path, "bias"), bias));
  const groups = moves.groups ?? 1;
  return b.node("ConvTranspose", inputs, windowAxes(x, weight.shape[1]! * groups), {
    ...windowOf(path, weight.shape.slice(2), moves, [1]),
    group: groups,
    output_padding: [moves.outputPadding ?? 0],
  });
}

type Pool = MaxPool1d | MaxPool2d | AvgPool1d | AvgPool2d;

function writePool(b: GraphBuilder, module: Pool, path: string, x: Ref): Ref {
  const largest = module instanceof MaxPool1d || module instanceof MaxPool2d;
  const moves = module["moves"] as Moves;
  const kernel = listed(module.kernelSize, x.axes.length - 2);
  const { dilations, ...window } = windowOf(path, kernel, moves, kernel);
  return b.node(largest ? "MaxPool" : "AveragePool", [x], windowAxes(x, x.axes[1]!), {
    ...window,
    ...(largest
      ? { dilations: dilations! }
      : { count_include_pad: moves.countIncludePad === false ? 0 : 1 }),
  });
}

function writeBatchNorm(
  b: GraphBuilder,
  module: BatchNorm1d | BatchNorm2d,
  path: string,
  x: Ref,
): Ref {
  const { running_mean: mean, running_var: spread, weight, bias, numFeatures, eps } = module;
  if (!mean || !spread) throw unwritable(path, "BatchNorm without running statistics");
  const filled = (value: number): Ref =>
    b.floats(partOf(path, "affine"), new Float32Array(numFeatures).fill(value), [numFeatures]);
  const inputs = [
    x,
    weight ? b.parameter(partOf(path, "weight"), weight) : filled(1),
    bias ? b.parameter(partOf(path, "bias"), bias) : filled(0),
    b.parameter(partOf(path, "running_mean"), mean),
    b.parameter(partOf(path, "running_var"), spread),
  ];
  return b.node("BatchNormalization", inputs, x.axes, { epsilon: { float: eps } });
}

function writeLayerNorm(
  b: GraphBuilder,
  { weight, bias, eps, normalizedShape }: LayerNorm,
  path: string,
  x: Ref,
): Ref {
  const size = normalizedShape.reduce((all, n) => all * n, 1);
  const scale = weight
    ? b.parameter(partOf(path, "weight"), weight)
    : b.floats(partOf(path, "affine"), new Float32Array(size).fill(1), normalizedShape);
  const inputs = [x, scale, ...(bias ? [b.parameter(partOf(path, "bias"), bias)] : [])];
  return b.node("LayerNormalization", inputs, x.axes, {
    axis: -normalizedShape.length,
    epsilon: { float: eps },
  });
}

function writeRMSNorm(b: GraphBuilder, module: RMSNorm, path: string, x: Ref): Ref {
  const { weight, eps, normalizedShape } = module;
  const axes = x.axes;
  const squares = b.node("Mul", [x, x], axes);
  const kept = axes.map((n, i) => (i >= axes.length - normalizedShape.length ? 1 : n));
  const mean = b.node("ReduceMean", [squares], kept, {
    axes: normalizedShape.map((_, i) => -1 - i),
    keepdims: 1,
  });
  const moved = b.node("Add", [mean, b.scalar(eps ?? 1.1920928955078125e-7)], kept);
  const made = b.node("Div", [x, b.node("Sqrt", [moved], kept)], axes);
  return weight ? b.node("Mul", [made, b.parameter(partOf(path, "weight"), weight)], axes) : made;
}

/** GELU, an operator from version 20 on: of the error function, or of tanh. */
export function writeGelu(b: GraphBuilder, approximate: "none" | "tanh", x: Ref): Ref {
  const { axes } = x;
  const half = b.node("Mul", [x, b.scalar(0.5)], axes);
  const shaped =
    approximate === "none"
      ? b.node("Erf", [b.node("Mul", [x, b.scalar(Math.SQRT1_2)], axes)], axes)
      : b.node("Tanh", [polynomial(b, x)], axes);
  return b.node("Mul", [half, b.node("Add", [shaped, b.scalar(1)], axes)], axes);
}

/** √(2 / π) · (x + 0.044715 · x³) */
function polynomial(b: GraphBuilder, x: Ref): Ref {
  const cubed = b.node("Mul", [b.node("Mul", [x, x], x.axes), x], x.axes);
  const bent = b.node("Mul", [cubed, b.scalar(0.044715)], x.axes);
  const sum = b.node("Add", [x, bent], x.axes);
  return b.node("Mul", [sum, b.scalar(0.7978845608028654)], x.axes);
}

function writeSoftplus(b: GraphBuilder, { beta, threshold }: Softplus, path: string, x: Ref): Ref {
  if (threshold < 20) throw unwritable(path, "Softplus with a threshold below 20");
  if (beta === 1) return b.node("Softplus", [x], x.axes);
  const scaled = b.node("Mul", [x, b.scalar(beta)], x.axes);
  return b.node("Div", [b.node("Softplus", [scaled], x.axes), b.scalar(beta)], x.axes);
}

function writeFlatten(b: GraphBuilder, { startAxis, endAxis }: Flatten, _: string, x: Ref): Ref {
  const rank = x.axes.length;
  const start = normalizeAxis("Flatten", startAxis, rank);
  const end = normalizeAxis("Flatten", endAxis, rank);
  const merged = x.axes.slice(start, end + 1);
  const size = merged.every((n) => typeof n === "number")
    ? merged.reduce((all, n) => all * n, 1)
    : merged.join("*");
  const axes = [...x.axes.slice(0, start), size, ...x.axes.slice(end + 1)];
  // 0: as it is; -1: what remains. Behind the merged axes sizes have other places.
  const behind = x.axes.slice(end + 1);
  if (behind.every((n) => typeof n === "number"))
    return b.node("Reshape", [x, b.ints([...Array<number>(start).fill(0), -1, ...behind])], axes);
  const shape = b.node("Shape", [x], [rank]);
  const part = (from: number, to: number): Ref =>
    b.node("Slice", [shape, b.ints([from]), b.ints([to])], [to - from]);
  const asked = b.node(
    "Concat",
    [part(0, start), b.ints([-1]), part(end + 1, rank)],
    [axes.length],
    {
      axis: 0,
    },
  );
  return b.node("Reshape", [x, asked], axes);
}

/** The first rows of a table, added. */
function writePositions(b: GraphBuilder, table: Tensor, path: string, name: string, x: Ref): Ref {
  const rows = b.parameter(partOf(path, name), table);
  const time = b.node("Slice", [b.node("Shape", [x], [3]), b.ints([1]), b.ints([2])], [1]);
  const read = b.node(
    "Slice",
    [rows, b.ints([0]), time, b.ints([0])],
    [x.axes[1]!, table.shape[1]!],
  );
  return b.node("Add", [x, read], x.axes);
}

function writeEmbedding(b: GraphBuilder, { weight }: Embedding, path: string, x: Ref): Ref {
  const table = b.parameter(partOf(path, "weight"), weight);
  return b.node("Gather", [table, x], [...x.axes, weight.shape[1]!], { axis: 0 });
}

const LAYERS: readonly Entry[] = [
  plain(Identity, "Identity"),
  plain(Dropout, "Identity"),
  plain(ReLU, "Relu"),
  plain(Tanh, "Tanh"),
  plain(Sigmoid, "Sigmoid"),
  plain(Softmax, "Softmax", ({ axis }) => ({ axis })),
  plain(LogSoftmax, "LogSoftmax", ({ axis }) => ({ axis })),
  plain(ELU, "Elu", ({ alpha }) => ({ alpha: { float: alpha } })),
  plain(LeakyReLU, "LeakyRelu", ({ negativeSlope }) => ({ alpha: { float: negativeSlope } })),
  entry(Hardtanh, (b, { minVal, maxVal }, _, x) =>
    b.node("Clip", [x, b.scalar(minVal), b.scalar(maxVal)], x.axes),
  ),
  entry(GELU, (b, { approximate }, _, x) => writeGelu(b, approximate, x)),
  entry(SiLU, (b, _, __, x) => b.node("Mul", [x, b.node("Sigmoid", [x], x.axes)], x.axes)),
  entry(Softplus, writeSoftplus),
  entry(Linear, writeLinear),
  entry(Embedding, writeEmbedding),
  entry(Flatten, writeFlatten),
  entry(LayerNorm, writeLayerNorm),
  entry(RMSNorm, writeRMSNorm),
  entry(BatchNorm1d, writeBatchNorm),
  entry(BatchNorm2d, writeBatchNorm),
  entry(Conv1d, writeConv),
  entry(Conv2d, writeConv),
  entry(ConvTranspose1d, writeConvTranspose),
  ...[MaxPool1d, MaxPool2d, AvgPool1d, AvgPool2d].map((of) =>
    entry(of as typeof MaxPool1d, writePool),
  ),
  entry(LearnedPositions, (b, { weight }, path, x) => writePositions(b, weight, path, "weight", x)),
  entry(SinusoidalPositions, (b, { pe }, path, x) => writePositions(b, pe, path, "pe", x)),
  entry(Sequential, (b, { layers }, path, x) =>
    layers.reduce<Ref>((read, layer, i) => {
      if (typeof layer === "function") throw unwritable(partOf(path, String(i)), "a function");
      return writeLayer(b, layer, partOf(path, String(i)), read);
    }, x),
  ),
];

/** Writes a layer, or a chain of them. */
export function writeLayer(b: GraphBuilder, module: Module, path: string, x: Ref): Ref {
  if (isRecurrent(module)) return writeRecurrent(b, module, path, x).output;
  const found = LAYERS.find(({ of }) => module instanceof of);
  if (!found) throw unwritable(path, module.constructor.name);
  return found.write(b, module as never, path, x);
}

export function unwritable(path: string, what: string): OptionError {
  return new OptionError({
    op: "toOnnx",
    expected: "layers that can be written",
    got: path === "" ? what : `${what} as ${path}`,
    cure: "docs/onnx.md lists them.",
  });
}
