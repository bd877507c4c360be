import { checkCall, checkCount } from "../core/check.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { requireFloat } from "./check.js";
import { conv1d } from "./conv.js";
import { flip } from "./index-select.js";
import { pad } from "./pad.js";
import { permute } from "./permute.js";
import { reshape } from "./reshape.js";
import { slice } from "./slice.js";

/** Its options, for `checkCall`. */
export const MOVES =
  "stride:number padding:number outputPadding:number dilation:number groups:number";

export interface ConvTranspose1dOptions {
  /** Steps of the output from one input to the next. Default 1. */
  stride?: number | undefined;
  /** Steps cut off on both sides of the output. Default 0. */
  padding?: number | undefined;
  /** Steps more at the end of the output, below stride or dilation. Default 0. */
  outputPadding?: number | undefined;
  /** Steps of the output from one element of the kernel to the next. Default 1. */
  dilation?: number | undefined;
  /** Parts that the channels are cut into, each with weights of its own. Default 1. */
  groups?: number | undefined;
}

/**
 * The transpose of {@link conv1d}: each step of x adds a kernel to the output, `stride` steps further on. It makes sequences
 * longer again, as a decoder behind a strided convolution does.
 *
 * It is a convolution of x with `stride - 1` zeros between its steps: with a stride it multiplies those too.
 *
 * @param x `[batch, in, time]`
 * @param weight `[in, out / groups, kernel]`, as PyTorch's
 * @param bias `[out]`, optional
 * @returns `[batch, out, (time - 1) · stride - 2 · padding + dilation · (kernel - 1) + outputPadding + 1]`
 * @throws ShapeError for shapes that do not fit or an output of no steps; OptionError for options that are no
 *   counts; DTypeError for int32
 */
export function convTranspose1d(
  x: Tensor,
  weight: Tensor,
  bias?: Tensor,
  options: ConvTranspose1dOptions = {},
): Tensor {
  const op = "convTranspose1d";
  checkCall(op, arguments, `x:tensor weight:tensor bias?:tensor {${MOVES}}`);
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
  for (const [name, value] of Object.entries({ stride, dilation, groups }))
    checkCount(op, name, value);
  for (const [name, value] of Object.entries({ padding, outputPadding }))
    checkCount(op, name, value, 0);
  requireFloat(op, x, weight);
  const [inputs, outputs, kernel] = weight.shape as [number, number, number];
  const time = x.shape[2]!;
  const refuse = (expected: string, got: readonly number[]): never => {
    throw new ShapeError({ op, expected, got: formatShape(got) });
  };
  if (weight.shape.length !== 3) refuse("a weight [in, out / groups, kernel]", weight.shape);
  if (inputs % groups !== 0)
    refuse(`a weight of channels that ${groups} groups divide`, weight.shape);
  if (x.shape.length !== 3 || x.shape[1] !== inputs)
    refuse(`input [batch, ${inputs}, time]`, x.shape);
  if (outputPadding >= Math.max(stride, dilation))
    throw new OptionError({
      op,
      expected: `outputPadding below stride (${stride}) or dilation (${dilation})`,
      got: String(outputPadding),
    });
  const reach = dilation * (kernel - 1);
  const length = (time - 1) * stride - 2 * padding + reach + outputPadding + 1;
  if (time === 0 || length < 1) refuse("an input long enough for one step of output", x.shape);
  // All that the kernels reach, then what is wanted of it.
  const whole = conv1d(
    pad(spread(x, stride), [reach, reach + outputPadding]),
    mirrored(weight, groups, outputs),
    bias,
    { dilation, groups },
  );
  return padding === 0 ? whole : slice(whole, 2, padding, padding + length);
}

/** x with stride - 1 zeros between its steps. */
function spread(x: Tensor, stride: number): Tensor {
  if (stride === 1) return x;
  const [batch, channels, time] = x.shape as [number, number, number];
  const apart = pad(reshape(x, [batch, channels, time, 1]), [0, stride - 1]);
  return slice(reshape(apart, [batch, channels, time * stride]), 2, 0, (time - 1) * stride + 1);
}

/** `[in, out / groups, kernel]` → `[out, in / groups, kernel]`, the kernels from their ends. */
function mirrored(weight: Tensor, groups: number, outputs: number): Tensor {
  const [inputs, , kernel] = weight.shape as [number, number, number];
  const apart = permute(reshape(weight, [groups, inputs / groups, outputs, kernel]), [0, 2, 1, 3]);
  return flip(reshape(apart, [groups * outputs, inputs / groups, kernel]), -1);
}
