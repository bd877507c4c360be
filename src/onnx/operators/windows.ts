// Convolutions and pooling over one or two axes.
import { OptionError } from "../../core/errors.js";
import { conv1d, conv2d } from "../../ops/conv.js";
import { avgPool1d, avgPool2d, maxPool1d, maxPool2d } from "../../ops/pool.js";
import { div } from "../../ops/arithmetic.js";
import { flip } from "../../ops/index-select.js";
import { max, mean } from "../../ops/reduce.js";
import { pad } from "../../ops/pad.js";
import { permute } from "../../ops/permute.js";
import { ones } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { GraphNode } from "../node.js";
import type { Inputs, Operator } from "../operator.js";
import { asked, type Value } from "../value.js";

interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  /** Before each axis, then behind each. */
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** What the attributes say of a window over the last axes of x. */
function windowOf(node: GraphNode, x: Tensor, kernelShape?: readonly number[]): Window {
  const axes = x.shape.length - 2;
  const kernel = node.ints("kernel_shape") ?? kernelShape ?? [];
  const strides = node.ints("strides") ?? kernel.map(() => 1);
  const dilations = node.ints("dilations") ?? kernel.map(() => 1);
  const sizes = x.shape.slice(2);
  const reach = kernel.map((k, i) => dilations[i]! * (k - 1) + 1);
  const auto = node.string("auto_pad", "NOTSET");
  if (auto.startsWith("SAME")) {
    const total = sizes.map((n, i) =>
      Math.max(0, (Math.ceil(n / strides[i]!) - 1) * strides[i]! + reach[i]! - n),
    );
    const less = total.map((n) => Math.floor(n / 2));
    const more = total.map((n, i) => n - less[i]!);
    const [before, after] = auto === "SAME_UPPER" ? [less, more] : [more, less];
    return within(node, x, { kernel, strides, dilations, before, after });
  }
  const pads =
    (auto === "VALID" ? undefined : node.ints("pads")) ?? new Array<number>(2 * axes).fill(0);
  const [before, after] = [pads.slice(0, axes), pads.slice(axes)];
  if (node.int("ceil_mode", 0) === 1)
    sizes.forEach((n, i) => {
      const stride = strides[i]!;
      const span = n + before[i]! + after[i]! - reach[i]!;
      const count = Math.ceil(span / stride) + 1;
      // A window that begins behind the input is none.
      const begins = (count - 1) * stride < n + before[i]!;
      after[i] = after[i]! + Math.max(0, ((begins ? count : count - 1) - 1) * stride - span);
    });
  return within(node, x, { kernel, strides, dilations, before, after });
}

/** The window, where what it is moved over is not too large. */
function within(node: GraphNode, { shape }: Tensor, window: Window): Window {
  const { before, after } = window;
  asked(
    String(node),
    shape.map((n, axis) => (axis < 2 ? n : n + before[axis - 2]! + after[axis - 2]!)),
  );
  return window;
}

/** Zeros, or another number, round the last axes. */
function surrounded(x: Tensor, { before, after }: Window, fill = 0): Tensor {
  if ([...before, ...after].every((n) => n === 0)) return x;
  const pairs = before.map((n, i) => [n, after[i]!]).reverse();
  return pad(x, pairs.flat(), fill);
}

const even = ({ before, after }: Window): boolean => before.every((n, i) => n === after[i]);

type Pair = readonly [number, number];

function conv(inputs: Inputs, node: GraphNode): Value {
  const [x, weight, bias] = [inputs.floats(0), inputs.floats(1), inputs.optional(2)];
  const window = windowOf(node, x, weight.shape.slice(2));
  const groups = node.int("group", 1);
  const { strides, dilations, before } = window;
  const padding = even(window) ? before : before.map(() => 0);
  const from = even(window) ? x : surrounded(x, window);
  if (x.shape.length === 3)
    return conv1d(from, weight, bias, {
      stride: strides[0],
      dilation: dilations[0],
      padding: padding[0],
      groups,
    });
  return conv2d(from, weight, bias, {
    stride: strides as unknown as Pair,
    dilation: dilations as unknown as Pair,
    padding: padding as unknown as Pair,
    groups,
  });
}

/** A convolution of x with zeros between its elements, by the kernels from their ends. */
function convTranspose(inputs: Inputs, node: GraphNode): Value {
  const [x, weight, bias] = [inputs.floats(0), inputs.floats(1), inputs.optional(2)];
  const groups = node.int("group", 1);
  const kernel = weight.shape.slice(2);
  const strides = node.ints("strides") ?? kernel.map(() => 1);
  const dilations = node.ints("dilations") ?? kernel.map(() => 1);
  const extra = node.ints("output_padding") ?? kernel.map(() => 0);
  const sizes = x.shape.slice(2);
  const reach = kernel.map((k, i) => dilations[i]! * (k - 1));
  const [before, after] = transposedPads(node, sizes, { kernel, strides, reach, extra });
  let spread = x;
  strides.forEach((stride, i) => (spread = apart(spread, i + 2, stride, node)));
  // What is cut off at an end is never computed, where it is no more than the kernel's reach.
  const [left, right] = [before, after].map((side, which) =>
    side.map((n, i) => reach[i]! - n + (which === 1 ? extra[i]! : 0)),
  ) as [number[], number[]];
  const whole = (n: number): number => Math.max(0, n);
  const round = { kernel, strides, dilations, before: left.map(whole), after: right.map(whole) };
  const padded = surrounded(spread, within(node, spread, round));
  const mirror = mirrored(weight, groups);
  let made =
    x.shape.length === 3
      ? conv1d(padded, mirror, bias, { dilation: dilations[0], groups })
      : conv2d(padded, mirror, bias, { dilation: dilations as unknown as Pair, groups });
  left.forEach((n, i) => {
    const end = made.shape[i + 2]! + Math.min(0, right[i]!);
    if (n < 0 || right[i]! < 0) made = made.slice(i + 2, whole(-n), end);
  });
  return made;
}

function transposedPads(
  node: GraphNode,
  sizes: readonly number[],
  { strides, reach, extra }: Record<"kernel" | "strides" | "reach" | "extra", readonly number[]>,
): [number[], number[]] {
  const shape = node.ints("output_shape")?.slice(-sizes.length);
  const auto = node.string("auto_pad", "NOTSET");
  if (!shape && !auto.startsWith("SAME")) {
    const pads = (auto === "VALID" ? undefined : node.ints("pads")) ?? [];
    return [sizes.map((_, i) => pads[i] ?? 0), sizes.map((_, i) => pads[i + sizes.length] ?? 0)];
  }
  const total = sizes.map((n, i) => {
    const out = shape?.[i] ?? n * strides[i]!;
    return strides[i]! * (n - 1) + extra[i]! + reach[i]! + 1 - out;
  });
  const less = total.map((n) => Math.floor(n / 2));
  const more = total.map((n, i) => n - less[i]!);
  return auto === "SAME_UPPER" ? [less, more] : [more, less];
}

/** x with stride - 1 zeros between the elements of an axis. */
function apart(x: Tensor, axis: number, stride: number, node: GraphNode): Tensor {
  if (stride === 1) return x;
  const shape = x.shape;
  asked(
    String(node),
    shape.map((n, i) => (i === axis ? n * stride : n)),
  );
  const [outer, inner] = [shape.slice(0, axis + 1), shape.slice(axis + 1)];
  const lifted = x.reshape([...outer, 1, ...inner]);
  const pairs = inner.flatMap(() => [0, 0]);
  const padded = pad(lifted, [...pairs, 0, stride - 1]);
  const length = shape[axis]! * stride;
  const flat = padded.reshape([...shape.slice(0, axis), length, ...inner]);
  return flat.slice(axis, 0, length - stride + 1);
}

/** `[in, out / groups, …]` → `[out, in / groups, …]`, the kernels from their ends. */
function mirrored(weight: Tensor, groups: number): Tensor {
  const [inputs, outputs, ...kernel] = weight.shape as [number, number, ...number[]];
  const grouped = weight.reshape([groups, inputs / groups, outputs, ...kernel]);
  const turned = permute(grouped, [0, 2, 1, ...kernel.map((_, i) => i + 3)]);
  const flat = turned.reshape([groups * outputs, inputs / groups, ...kernel]);
  return flip(
    flat,
    kernel.map((_, i) => i + 2),
  );
}

function maxPool(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.floats(0);
  const window = windowOf(node, x);
  // What stands behind the edges never is the greatest.
  const from = surrounded(x, window, -Infinity);
  const { kernel, strides, dilations } = window;
  if (x.shape.length === 3)
    return maxPool1d(from, kernel[0]!, { stride: strides[0], dilation: dilations[0] });
  return maxPool2d(from, kernel as unknown as Pair, {
    stride: strides as unknown as Pair,
    dilation: dilations as unknown as Pair,
  });
}

function averagePool(inputs: Inputs, node: GraphNode): Value {
  const x = inputs.floats(0);
  const window = windowOf(node, x);
  const { kernel, strides, dilations } = window;
  if (dilations.some((n) => n !== 1))
    throw new OptionError({ op: String(node), expected: "dilations of 1", got: `${dilations}` });
  const pool = (from: Tensor): Tensor =>
    x.shape.length === 3
      ? avgPool1d(from, kernel[0]!, { stride: strides[0] })
      : avgPool2d(from, kernel as unknown as Pair, { stride: strides as unknown as Pair });
  const sums = pool(surrounded(x, window));
  const plain = [...window.before, ...window.after].every((n) => n === 0);
  if (plain) return sums;
  // The share of each window that counts: the input, with the asked for padding where it is to count too.
  const counts = node.int("count_include_pad", 0) === 1;
  const pads = node.ints("pads") ?? [];
  const given = x.shape.slice(2).map((_, i) => [pads[i] ?? 0, pads[i + x.shape.length - 2] ?? 0]);
  const sizes = x.shape.slice(2).map((n, i) => (counts ? n + given[i]![0]! + given[i]![1]! : n));
  const cover = surrounded(ones([1, 1, ...sizes]), {
    ...window,
    before: window.before.map((n, i) => (counts ? n - given[i]![0]! : n)),
    after: window.after.map((n, i) => (counts ? n - given[i]![1]! : n)),
  });
  return div(sums, pool(cover));
}

const spatial = (x: Tensor): number[] => x.shape.slice(2).map((_, i) => i + 2);

const WINDOW = "auto_pad dilations kernel_shape pads strides";

const AUTO = ["NOTSET", "SAME_UPPER", "SAME_LOWER", "VALID"];

/** Only one and two axes have kernels. */
function refusesWindow(node: GraphNode): string | undefined {
  const axes = (node.ints("kernel_shape") ?? node.ints("strides"))?.length ?? 1;
  if (axes > 2) return `${axes} axes, of at most 2`;
  const auto = node.string("auto_pad", "NOTSET");
  return AUTO.includes(auto) ? undefined : `auto_pad "${auto}"`;
}

export const windows: Readonly<Record<string, Operator>> = {
  Conv: { inputs: [2, 3], attributes: `${WINDOW} group`, refuses: refusesWindow, run: conv },
  ConvTranspose: {
    inputs: [2, 3],
    attributes: `${WINDOW} group output_padding output_shape`,
    refuses: refusesWindow,
    run: convTranspose,
  },
  MaxPool: {
    inputs: [1, 1],
    attributes: `${WINDOW} ceil_mode storage_order`,
    refuses: (node) =>
      node.outputs.length > 1 ? "its second output, the positions" : refusesWindow(node),
    run: maxPool,
  },
  AveragePool: {
    inputs: [1, 1],
    attributes: `${WINDOW} ceil_mode count_include_pad`,
    refuses: refusesWindow,
    run: averagePool,
  },
  GlobalAveragePool: {
    inputs: [1, 1],
    run: (inputs) => mean(inputs.floats(0), spatial(inputs.floats(0)), true),
  },
  GlobalMaxPool: {
    inputs: [1, 1],
    run: (inputs) => max(inputs.floats(0), spatial(inputs.floats(0)), true),
  },
};
