// Operations behind layers: linear, layer norm, embedding, dropout.
import { dropout } from "../../../src/ops/dropout.js";
import { batchMoments, batchNorm } from "../../../src/ops/batch-norm.js";
import { embedding } from "../../../src/ops/embedding.js";
import { layerNorm } from "../../../src/ops/layer-norm.js";
import { rmsNorm } from "../../../src/ops/rms-norm.js";
import { rotary, rotateHeads, type RotaryPairing } from "../../../src/ops/rotary.js";
import { linear } from "../../../src/ops/linear.js";
import { manualSeed, ones, scope, type Tensor } from "../../../src/index.js";
import { float, ints, type GradientCase } from "../check.js";
import { at, build, sizeOf, type Twin } from "../twin.js";

const linearCase = (
  leading: number[],
  inputs: number,
  outputs: number,
  bias: boolean,
): GradientCase => ({
  inputs: {
    x: float([...leading, inputs]),
    weight: float([outputs, inputs], { seed: 2 }),
    ...(bias ? { bias: float([outputs], { seed: 3 }) } : {}),
  },
  run: ({ x, weight, bias }) => linear(x!, weight!, bias),
  twin: ({ x, weight, bias }) =>
    build([...leading, outputs], (index) => {
      const row = index.at(-1)!;
      let total = bias?.data[row] ?? 0;
      for (let k = 0; k < inputs; k++) total += at(x!, index.with(-1, k)) * at(weight!, [row, k]);
      return total;
    }),
});

const embeddingCase = (
  ids: number[],
  shape: number[],
  size: number,
  paddingIdx?: number,
): GradientCase => ({
  inputs: { ids: ints(shape, ids), table: float([6, size]) },
  run: ({ ids, table }) => embedding(ids as unknown as Tensor<"int32">, table!, paddingIdx),
  twin: ({ ids, table }) => {
    // The row of padding is read but takes no gradient: to the twin it is a constant.
    const rows: Twin =
      paddingIdx === undefined ? table! : withRow(table!, paddingIdx, float([6, size]).data);
    return build([...shape, size], (index) =>
      at(rows, [at(ids!, index.slice(0, -1)), index.at(-1)!]),
    );
  },
});

function withRow(table: Twin, row: number, values: ArrayLike<number>): Twin {
  return build(table.shape, ([i, j]) =>
    i === row ? values[row * table.shape[1]! + j!]! : at(table, [i!, j!]),
  );
}

/** The mask that a seed draws, seen on ones. */
export function maskOf(shape: readonly number[], p: number): Twin {
  return scope(() => ({ shape, data: Float64Array.from(dropout(ones(shape), p).data()) }));
}

function dropoutCase(shape: number[], p: number): GradientCase {
  return {
    inputs: { x: float(shape) },
    run: ({ x }) => {
      manualSeed(5);
      return dropout(x!, p);
    },
    twin: ({ x }) => {
      manualSeed(5);
      const mask = maskOf(shape, p);
      return build(shape, (index) => at(x!, index) * at(mask, index));
    },
  };
}

function layerNormCase(
  shape: number[],
  axes: number,
  options: { weight?: boolean; bias?: boolean; eps?: number } = {},
): GradientCase {
  const normalized = shape.slice(-axes);
  const { weight, bias, eps = 1e-5 } = options;
  return {
    inputs: {
      x: float(shape),
      ...(weight ? { weight: float(normalized, { seed: 2 }) } : {}),
      ...(bias ? { bias: float(normalized, { seed: 3 }) } : {}),
    },
    run: ({ x, ...rest }) =>
      layerNorm(x!, axes === 1 ? normalized[0]! : normalized, { ...rest, eps }),
    twin: ({ x, weight, bias }) => normalizedTwin(x!, axes, eps, weight, bias),
  };
}

/** (x - mean) / √(variance + eps) · weight + bias over the last `axes` axes. */
function normalizedTwin(x: Twin, axes: number, eps: number, weight?: Twin, bias?: Twin): Twin {
  const width = sizeOf(x.shape.slice(-axes));
  const data = x.data.map((value, i) => {
    const row = x.data.subarray(i - (i % width), i - (i % width) + width);
    const mean = row.reduce((a, b) => a + b) / width;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / width;
    const normal = (value - mean) / Math.sqrt(variance + eps);
    return normal * (weight?.data[i % width] ?? 1) + (bias?.data[i % width] ?? 0);
  });
  return { shape: x.shape, data };
}

function rmsNormCase(
  shape: number[],
  axes: number,
  { weight, eps = 1e-5 }: { weight?: boolean; eps?: number } = {},
): GradientCase {
  const normalized = shape.slice(-axes);
  const width = sizeOf(normalized);
  return {
    inputs: { x: float(shape), ...(weight ? { weight: float(normalized, { seed: 2 }) } : {}) },
    run: ({ x, ...rest }) => rmsNorm(x!, normalized, { ...rest, eps }),
    twin: ({ x, weight }) => {
      const data = x!.data.map((value, i) => {
        const row = x!.data.subarray(i - (i % width), i - (i % width) + width);
        const mean = row.reduce((a, b) => a + b * b, 0) / width;
        return (value / Math.sqrt(mean + eps)) * (weight?.data[i % width] ?? 1);
      });
      return { shape: x!.shape, data };
    },
  };
}

function batchNormCase(shape: number[], affine: boolean): GradientCase {
  const [batch, channels, ...rest] = shape as [number, number, ...number[]];
  const inner = sizeOf(rest);
  const own = (seed: number) => float([channels], { seed });
  return {
    inputs: { x: float(shape), ...(affine && { weight: own(2), bias: own(3) }) },
    run: ({ x, weight, bias }) => batchNorm(x!, batchMoments(x!), weight, bias, 0.1),
    twin: ({ x, weight, bias }) => {
      const channelOf = (i: number) => Math.floor(i / inner) % channels;
      const [means, variances] = [new Float64Array(channels), new Float64Array(channels)];
      const average = (to: Float64Array, of: (value: number, channel: number) => number) =>
        x!.data.forEach((value, i) => {
          const channel = channelOf(i);
          to[channel]! += of(value, channel) / (batch * inner);
        });
      average(means, (value) => value);
      average(variances, (value, channel) => (value - means[channel]!) ** 2);
      const data = x!.data.map((value, i) => {
        const channel = channelOf(i);
        const normal = (value - means[channel]!) / Math.sqrt(variances[channel]! + 0.1);
        return normal * (weight?.data[channel] ?? 1) + (bias?.data[channel] ?? 0);
      });
      return { shape: x!.shape, data };
    },
  };
}

/** `heads` heads at the beginning of each step's columns turn, of x [batch, time, columns]. */
function turnedTwin(
  x: Twin,
  [heads, size, start]: readonly [number, number, number],
  { base, pairing }: { base: number; pairing: RotaryPairing },
): Twin {
  return build(x.shape, (index) => {
    const column = index.at(-1)!;
    if (column >= heads * size) return at(x, index);
    const i = column % size;
    const halves = pairing === "halves";
    const pair = halves ? i % (size / 2) : i >> 1;
    const first = halves ? i < size / 2 : i % 2 === 0;
    const step = halves ? size / 2 : 1;
    const other = at(x, index.with(-1, first ? column + step : column - step));
    const angle = (start + index.at(-2)!) * base ** ((-2 * pair) / size);
    const turn = first ? -Math.sin(angle) : Math.sin(angle);
    return at(x, index) * Math.cos(angle) + other * turn;
  });
}

function rotaryCase(
  shape: number[],
  base: number,
  pairing: RotaryPairing,
  start = 0,
): GradientCase {
  return {
    inputs: { x: float(shape) },
    run: ({ x }) => rotary(x!, { base, pairing, start }),
    twin: ({ x }) => turnedTwin(x!, [1, shape.at(-1)!, start], { base, pairing }),
  };
}

function rotateHeadsCase(columns: number, heads: number, size: number): GradientCase {
  const [time, start] = [3, 2];
  const how = { base: 50, pairing: "interleaved" as const };
  return {
    inputs: { x: float([2, time, columns]) },
    run: ({ x }) => rotateHeads(x!, { ...how, columns, time, heads, size, start }),
    twin: ({ x }) => turnedTwin(x!, [heads, size, start], how),
  };
}

export const layers: Record<string, GradientCase[]> = {
  rmsNorm: [
    rmsNormCase([3, 5], 1, { weight: true }),
    rmsNormCase([2, 3, 9], 1),
    rmsNormCase([2, 2, 3, 4], 2, { weight: true, eps: 0.1 }),
  ],
  batchNorm: [
    batchNormCase([4, 3], true),
    batchNormCase([2, 3, 5], true),
    batchNormCase([2, 2, 3, 3], false),
  ],
  rotary: [
    rotaryCase([2, 4, 6], 10000, "halves"),
    rotaryCase([5, 8], 20, "interleaved", 3),
    rotaryCase([1, 2, 3, 2], 10000, "halves", 100),
  ],
  rotateHeads: [rotateHeadsCase(12, 2, 4), rotateHeadsCase(8, 2, 4)],
  linear: [
    linearCase([3], 5, 8, true),
    linearCase([3], 5, 8, false),
    linearCase([], 4, 3, true),
    linearCase([1], 9, 13, false),
    linearCase([2, 7], 3, 1, true),
    linearCase([2, 1, 2], 1, 9, true),
  ],
  layerNorm: [
    layerNormCase([3, 5], 1, { weight: true, bias: true }),
    layerNormCase([2, 3, 9], 1, { weight: true }),
    layerNormCase([4, 8], 1, { bias: true, eps: 0.1 }),
    layerNormCase([2, 2, 3, 4], 2, { weight: true, bias: true }),
    layerNormCase([17], 1),
  ],
  embedding: [
    embeddingCase([4, 0, 4, 2], [4], 3),
    embeddingCase([1, 5, 3, 3, 1, 0], [2, 3], 5),
    embeddingCase([2, 5, 3, 2, 2, 0], [3, 2], 9, 2),
  ],
  dropout: [dropoutCase([3, 11], 0.4), dropoutCase([5], 0.75), dropoutCase([4], 0)],
};
