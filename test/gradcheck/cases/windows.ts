// Operations on windows: convolutions and pooling.
import { conv1d, conv2d, type Conv1dOptions, type Conv2dOptions } from "../../../src/ops/conv.js";
import { convTranspose1d, type ConvTranspose1dOptions } from "../../../src/ops/conv-transpose.js";
import {
  avgPool1d,
  avgPool2d,
  maxPool1d,
  maxPool2d,
  type AvgPoolOptions,
  type MaxPoolOptions,
} from "../../../src/ops/pool.js";
import { float, type GradientCase } from "../check.js";
import { at, build, sum, type Twin } from "../twin.js";

type ConvOptions = Omit<Conv2dOptions, "padding"> & {
  padding?: Conv2dOptions["padding"] | "causal";
};

type Pair = [number, number];
const pair = (value: number | readonly [number, number] | undefined, other: number): Pair =>
  value === undefined ? [other, other] : typeof value === "number" ? [value, value] : [...value];

/** An axis: how the window moves along it. */
interface Slide {
  kernel: number;
  stride: number;
  dilation: number;
  before: number;
  after: number;
}

const outputs = (size: number, { kernel, stride, dilation, before, after }: Slide): number =>
  Math.floor((size + before + after - dilation * (kernel - 1) - 1) / stride) + 1;

/** Of each output of images [batch, channels, height, width], the places of its window. */
function windows(y: number, x: number, [down, across]: [Slide, Slide]): [number, number][] {
  const along = (index: number, { kernel, stride, dilation, before }: Slide): number[] =>
    Array.from({ length: kernel }, (_, i) => index * stride + i * dilation - before);
  return along(y, down).flatMap((row) => along(x, across).map((column): Pair => [row, column]));
}

const NEUTRAL: Slide = { kernel: 1, stride: 1, dilation: 1, before: 0, after: 0 };

/** Images with one row for a sequence. */
const asImages = (x: Twin): Twin =>
  x.shape.length === 4 ? x : { shape: x.shape.toSpliced(2, 0, 1), data: x.data };

const valueAt = (x: Twin, [b, c, y, z]: number[]): number | undefined =>
  y! >= 0 && y! < x.shape[2]! && z! >= 0 && z! < x.shape[3]! ? at(x, [b!, c!, y!, z!]) : undefined;

function slidesOf(
  axes: number,
  kernel: Pair,
  { stride, dilation, padding = 0 }: ConvOptions,
): [Slide, Slide] {
  const slides = [0, 1].map((axis): Slide => {
    const step = pair(dilation, 1)[axis]!;
    const reach = step * (kernel[axis]! - 1);
    const before =
      padding === "same"
        ? Math.floor(reach / 2)
        : padding === "causal"
          ? reach
          : pair(padding, 0)[axis]!;
    const after = padding === "same" ? Math.ceil(reach / 2) : padding === "causal" ? 0 : before;
    return {
      kernel: kernel[axis]!,
      stride: pair(stride, 1)[axis]!,
      dilation: step,
      before,
      after,
    };
  });
  return axes === 1 ? [NEUTRAL, slides[1]!] : (slides as [Slide, Slide]);
}

/** Each element of x adds its kernel to the output. */
function transposeCase(
  x: number[],
  weight: number[],
  options: ConvTranspose1dOptions,
  bias = true,
): GradientCase {
  const { stride = 1, padding = 0, outputPadding = 0, dilation = 1, groups = 1 } = options;
  const [inputs, outs, kernel] = weight as [number, number, number];
  const channels = outs * groups;
  return {
    inputs: {
      x: float(x),
      weight: float(weight, { seed: 2 }),
      ...(bias ? { bias: float([channels], { seed: 3 }) } : {}),
    },
    run: ({ x, weight, bias }) => convTranspose1d(x!, weight!, bias, options),
    twin: ({ x, weight, bias }) => {
      const [batch, , time] = x!.shape as [number, number, number];
      const length =
        (time - 1) * stride - 2 * padding + dilation * (kernel - 1) + outputPadding + 1;
      return build([batch, channels, length], ([b, o, t]) => {
        let total = bias ? bias.data[o!]! : 0;
        for (let c = 0; c < inputs; c++) {
          if (Math.floor(c / (inputs / groups)) !== Math.floor(o! / outs)) continue;
          for (let s = 0; s < time; s++)
            for (let k = 0; k < kernel; k++)
              if (s * stride + k * dilation - padding === t)
                total += at(x!, [b!, c, s]) * at(weight!, [c, o! % outs, k]);
        }
        return total;
      });
    },
  };
}

function convCase(
  x: number[],
  weight: number[],
  options: ConvOptions = {},
  bias = true,
): GradientCase {
  const axes = x.length - 2;
  const op = axes === 1 ? conv1d : conv2d;
  const [kernelWidth, kernelHeight = 1] = weight.slice(2).reverse();
  const slides = slidesOf(axes, [kernelHeight, kernelWidth!], options);
  const { groups = 1 } = options;
  return {
    inputs: {
      x: float(x, { step: 1 / 64 }),
      weight: float(weight, { seed: 2 }),
      ...(bias ? { bias: float([weight[0]!], { seed: 3 }) } : {}),
    },
    run: ({ x, weight, bias }) => op(x!, weight!, bias, options as Conv1dOptions & Conv2dOptions),
    twin: ({ x, weight, bias }) => {
      const images = asImages(x!);
      const kernels = asImages(weight!);
      const out = [0, 1].map((axis) => outputs(images.shape[2 + axis]!, slides[axis]!));
      const perGroup = kernels.shape[1]!;
      const y = build([images.shape[0]!, kernels.shape[0]!, ...out], ([b, o, row, column]) => {
        const first = Math.floor(o! / (kernels.shape[0]! / groups)) * perGroup;
        let total = bias?.data[o!] ?? 0;
        windows(row!, column!, slides).forEach(([i, j], tap) => {
          const [ky, kx] = [Math.floor(tap / kernels.shape[3]!), tap % kernels.shape[3]!];
          for (let c = 0; c < perGroup; c++)
            total += (valueAt(images, [b!, first + c, i, j]) ?? 0) * at(kernels, [o!, c, ky, kx]);
        });
        return total;
      });
      return axes === 1 ? { shape: y.shape.toSpliced(2, 1), data: y.data } : y;
    },
  };
}

function poolCase(
  kind: "max" | "avg",
  x: number[],
  kernel: number | Pair,
  options: MaxPoolOptions & AvgPoolOptions = {},
): GradientCase {
  const axes = x.length - 2;
  const [a, b] = pair(kernel, 1);
  const slides = slidesOf(axes, [a, b], { stride: kernel, ...options });
  const { countIncludePad = true } = options;
  const run = (input: Parameters<typeof maxPool2d>[0]) => {
    if (kind === "max")
      return axes === 1
        ? maxPool1d(input, kernel as number, options as MaxPoolOptions<number>)
        : maxPool2d(input, kernel, options);
    return axes === 1
      ? avgPool1d(input, kernel as number, options as AvgPoolOptions<number>)
      : avgPool2d(input, kernel, options);
  };
  return {
    inputs: { x: float(x) },
    run: ({ x }) => run(x!),
    twin: ({ x }) => {
      const images = asImages(x!);
      const out = [0, 1].map((axis) => outputs(images.shape[2 + axis]!, slides[axis]!));
      const y = build([...images.shape.slice(0, 2), ...out], ([b, c, row, column]) => {
        const places = windows(row!, column!, slides);
        const values = places.flatMap(([i, j]) => valueAt(images, [b!, c!, i, j]) ?? []);
        return kind === "max"
          ? Math.max(...values)
          : sum(values) / (countIncludePad ? places.length : values.length);
      });
      return axes === 1 ? { shape: y.shape.toSpliced(2, 1), data: y.data } : y;
    },
  };
}

export const windowed: Record<string, GradientCase[]> = {
  convTranspose1d: [
    transposeCase([2, 3, 4], [3, 2, 3], {}),
    transposeCase([1, 2, 5], [2, 3, 4], { stride: 3, padding: 2, outputPadding: 1 }),
    transposeCase([2, 4, 3], [4, 1, 2], { groups: 2, dilation: 2, stride: 2 }),
    transposeCase([1, 1, 1], [1, 1, 1], {}, false),
  ],
  conv1d: [
    convCase([2, 3, 7], [4, 3, 3]),
    convCase([1, 1, 5], [1, 1, 1], {}, false),
    convCase([2, 2, 19], [5, 2, 2], { padding: 1 }),
    convCase([1, 3, 9], [2, 3, 4], { padding: "same" }),
    convCase([2, 2, 6], [3, 2, 3], { padding: "causal", dilation: 2 }),
    convCase([2, 3, 11], [3, 3, 3], { stride: 2, padding: 2 }, false),
    convCase([1, 4, 8], [6, 2, 3], { groups: 2, padding: 1 }),
    convCase([2, 3, 8], [3, 1, 3], { groups: 3, dilation: 3 }),
    convCase([1, 2, 7], [2, 2, 3], { stride: 3, padding: "causal" }),
  ],
  conv2d: [
    convCase([2, 2, 5, 6], [3, 2, 3, 3]),
    convCase([1, 3, 4, 4], [2, 3, 1, 1], {}, false),
    convCase([1, 2, 5, 4], [3, 2, 2, 3], { padding: "same" }),
    convCase([2, 1, 6, 7], [2, 1, 3, 2], { stride: [2, 3], padding: [1, 0] }),
    convCase([1, 4, 5, 5], [4, 2, 2, 2], { groups: 2, dilation: [1, 2], padding: [0, 1] }, false),
  ],
  maxPool1d: [
    poolCase("max", [2, 3, 8], 2),
    poolCase("max", [1, 2, 9], 3, { stride: 2, padding: 1 }),
    poolCase("max", [2, 1, 10], 3, { stride: 1, dilation: 2 }),
    poolCase("max", [1, 2, 5], 5),
  ],
  maxPool2d: [
    poolCase("max", [2, 2, 4, 6], 2),
    poolCase("max", [1, 2, 5, 7], [3, 2], { stride: [2, 1], padding: [1, 1] }),
    poolCase("max", [1, 1, 6, 6], 2, { stride: 1, dilation: [2, 3] }),
  ],
  avgPool1d: [
    poolCase("avg", [2, 3, 8], 2),
    poolCase("avg", [1, 2, 9], 3, { stride: 2, padding: 1 }),
    poolCase("avg", [1, 2, 9], 3, { stride: 2, padding: 1, countIncludePad: false }),
  ],
  avgPool2d: [
    poolCase("avg", [2, 2, 4, 6], 2),
    poolCase("avg", [1, 2, 5, 7], [3, 2], { stride: [2, 1], padding: [1, 1] }),
    poolCase("avg", [1, 2, 5, 7], [3, 2], { stride: [2, 1], padding: 1, countIncludePad: false }),
  ],
};
