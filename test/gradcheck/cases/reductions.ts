// Sums, means, maxima, softmax: one axis, several, all.
import { cumprod, prod } from "../../../src/ops/cumprod.js";
import { cumsum } from "../../../src/ops/cumsum.js";
import { median } from "../../../src/ops/median.js";
import { logSumExp, max, mean, sum } from "../../../src/ops/reduce.js";
import { logSoftmax, maskedLogSoftmax, maskedSoftmax, softmax } from "../../../src/ops/softmax.js";
import { where } from "../../../src/ops/where.js";
import type { Tensor } from "../../../src/index.js";
import { float, ints, type GradientCase } from "../check.js";
import * as twin from "../twin.js";

type Axes = number | number[] | undefined;

function reduction(
  op: (x: Tensor, axis?: Axes, keepdim?: boolean) => Tensor,
  f: (values: number[]) => number,
): GradientCase[] {
  const choices: [number[], Axes][] = [
    [[3, 4, 5], 0],
    [[3, 4, 5], 1],
    [[3, 4, 5], -1],
    [
      [3, 4, 5],
      [0, 2],
    ],
    [
      [2, 3, 2, 3],
      [1, -1],
    ],
    [[2, 17], 1],
    [[3, 4], undefined],
    [[], undefined],
  ];
  return choices.flatMap(([shape, axis]) =>
    [false, true].map((keepdim): GradientCase => ({
      inputs: { x: float(shape) },
      run: ({ x }) => op(x!, axis, keepdim),
      twin: ({ x }) => twin.reduce(x!, f, typeof axis === "number" ? [axis] : axis, keepdim),
    })),
  );
}

function rowwise(
  op: (x: Tensor, axis?: number) => Tensor,
  f: (values: number[]) => number[],
): GradientCase[] {
  const choices: [number[], number | undefined][] = [
    [[7], 0],
    [[3, 5], undefined],
    [[2, 3, 4], 1],
    [[5, 3], 0],
    [[2, 17], -1],
    [[4, 1], 1],
  ];
  return choices.map(([shape, axis]) => ({
    inputs: { x: float(shape, { step: 0.125 }) },
    run: ({ x }) => op(x!, axis),
    twin: ({ x }) => twin.alongAxis(x!, axis ?? -1, f),
  }));
}

/** Over the elements that a mask allows. */
function maskedRowwise(
  op: (x: Tensor, mask: Tensor<"int32">, axis?: number) => Tensor,
  f: (value: number, total: number) => number,
): GradientCase[] {
  const choices: [number[], number[], number][] = [
    [[3, 5], [3, 5], -1],
    [[2, 3, 7], [2, 1, 7], -1],
    [[2, 4, 3], [4, 1], 1],
    [[5], [5], 0],
  ];
  return choices.map(([shape, maskShape, axis]) => {
    const allowed = Array.from({ length: twin.sizeOf(maskShape) }, (_, i) => Number(i % 3 !== 1));
    return {
      inputs: { x: float(shape, { step: 0.125 }), mask: ints(maskShape, allowed) },
      run: ({ x, mask }) => {
        const condition = mask as unknown as Tensor<"int32">;
        // What stands in place of the others has no gradient: kept out of the comparison.
        return where(condition, op(x!, condition, axis), 0);
      },
      twin: ({ x, mask }) => {
        const kept = twin.zip(x!, mask!, (value, is) => (is ? value : -Infinity));
        const totals = twin.reduce(kept, twin.logSumExp, [axis], true);
        const values = twin.zip(kept, totals, f);
        return twin.zip(values, mask!, (value, is) => (is ? value : 0));
      },
    };
  });
}

const logProbabilities = (values: number[]): number[] => {
  const total = twin.logSumExp(values);
  return values.map((value) => value - total);
};

const product = (values: number[]): number => values.reduce((a, b) => a * b, 1);

const middle = (values: number[]): number =>
  values.toSorted((a, b) => a - b)[(values.length - 1) >> 1]!;

export const reductions: Record<string, GradientCase[]> = {
  sum: reduction(sum, twin.sum),
  mean: reduction(mean, (values) => twin.sum(values) / values.length),
  max: reduction(max, (values) => Math.max(...values)),
  logSumExp: reduction(logSumExp, twin.logSumExp),
  cumsum: rowwise(
    (x, axis = -1) => cumsum(x, axis),
    (values) => values.map((_, i) => twin.sum(values.slice(0, i + 1))),
  ),
  cumprod: rowwise(
    (x, axis = -1) => cumprod(x, axis),
    (values) => values.map((_, i) => product(values.slice(0, i + 1))),
  ),
  prod: [
    ...rowwise(
      (x, axis = -1) => prod(x, axis, true),
      (values) => [product(values)],
    ),
    {
      inputs: { x: float([2, 3], { step: 0.25 }) },
      run: ({ x }) => prod(x!),
      twin: ({ x }) => twin.reduce(x!, product),
    },
  ],
  median: [0, 1, undefined].map((axis): GradientCase => ({
    inputs: { x: float([4, 5]) },
    run: ({ x }) => median(x!, axis),
    twin: ({ x }) => twin.reduce(x!, middle, axis === undefined ? undefined : [axis]),
  })),
  softmax: rowwise(softmax, (values) => logProbabilities(values).map(Math.exp)),
  logSoftmax: rowwise(logSoftmax, logProbabilities),
  maskedSoftmax: maskedRowwise(maskedSoftmax, (value, total) => Math.exp(value - total)),
  maskedLogSoftmax: maskedRowwise(maskedLogSoftmax, (value, total) => value - total),
};
