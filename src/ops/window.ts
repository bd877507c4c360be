// Windows that slide over the spatial axes: of convolutions and pooling.
import { described } from "../core/described.js";
import { checkCount } from "../core/check.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape, type Shape } from "../core/shape.js";

/** Down and across. Of one spatial axis, down is 1 (or 0). */
export type Pair = readonly [down: number, across: number];

/** How a window slides over images. */
export interface Window {
  /** Of the input, without padding. */
  readonly size: Pair;
  readonly kernel: Pair;
  readonly stride: Pair;
  readonly dilation: Pair;
  /** Padding before the first row and column. */
  readonly before: Pair;
  /** Of the input, with padding. */
  readonly padded: Pair;
  /** Of the output. */
  readonly out: Pair;
}

/** A number for both axes, or one for each: down, across. */
export type PairOption = number | readonly [number, number];

/**
 * Zeros on each side of the input; `"same"`: as many as make the output as long as the input, or, with a stride, as long as
 * the input divided by it, rounded up.
 */
export type Padding = PairOption | "same";

interface WindowOptions {
  readonly kernel: PairOption;
  readonly stride: PairOption;
  readonly dilation: PairOption;
  readonly padding: Padding | "causal";
}

/** An option as a pair, checked; of one spatial axis `neutral` is the other. */
function pairOf(
  op: string,
  name: string,
  value: PairOption,
  { axes, neutral, least }: { axes: 1 | 2; neutral: number; least: number },
): Pair {
  const given = typeof value === "number" ? Array<number>(axes).fill(value) : value;
  if (!Array.isArray(given) || given.length !== axes)
    throw new OptionError({
      op,
      expected: `${name} to be a number${axes === 2 ? " or two" : ""}`,
      got: described(value),
    });
  for (const size of given) checkCount(op, name, size, least);
  return axes === 1 ? [neutral, given[0] as number] : (given as unknown as Pair);
}

/**
 * Works out a window over the last `axes` axes of a shape.
 *
 * @throws OptionError for options that are no counts; ShapeError for an input shorter than the window
 */
export function windowOver(op: string, shape: Shape, axes: 1 | 2, options: WindowOptions): Window {
  const counts = { axes, neutral: 1, least: 1 };
  const kernel = pairOf(op, "kernelSize", options.kernel, counts);
  const stride = pairOf(op, "stride", options.stride, counts);
  const dilation = pairOf(op, "dilation", options.dilation, counts);
  const size: Pair = axes === 1 ? [1, shape.at(-1)!] : [shape.at(-2)!, shape.at(-1)!];
  const reach = each((i) => dilation[i] * (kernel[i] - 1));
  const { before, total } = paddingOf(op, axes, options.padding, { size, stride, reach });
  const padded = each((i) => size[i] + total[i]);
  const out = each((i) => Math.floor((padded[i] - reach[i] - 1) / stride[i]) + 1);
  if (out[0] < 1 || out[1] < 1)
    throw new ShapeError({
      op,
      expected: `at least ${formatShape(reach.slice(-axes).map((n) => n + 1))} with the padding`,
      got: formatShape(padded.slice(-axes)),
      cure: "Pad the input, or take a smaller kernel.",
    });
  return { size, kernel, stride, dilation, before, padded, out };
}

function paddingOf(
  op: string,
  axes: 1 | 2,
  padding: Padding | "causal",
  { size, stride, reach }: { size: Pair; stride: Pair; reach: Pair },
): { before: Pair; total: Pair } {
  if (padding === "causal" && axes === 1) return { before: reach, total: reach };
  if (padding !== "same") {
    const before = pairOf(op, "padding", padding as PairOption, { axes, neutral: 0, least: 0 });
    return { before, total: each((i) => 2 * before[i]) };
  }
  // TensorFlow's rule, with a stride too, where PyTorch has none; of an odd number the larger part goes behind, as in both.
  const total = each((i) => {
    const out = Math.ceil(size[i] / stride[i]);
    return Math.max((out - 1) * stride[i] + reach[i] + 1 - size[i], 0);
  });
  return { before: each((i) => Math.floor(total[i] / 2)), total };
}

function each(f: (axis: 0 | 1) => number): Pair {
  return [f(0), f(1)];
}
