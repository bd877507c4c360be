// Sums, means, maxima, softmax: one axis, several, all.
import { logSumExp, max, mean, sum } from "../../../src/ops/reduce.js";
import { logSoftmax, softmax } from "../../../src/ops/softmax.js";
import type { Tensor } from "../../../src/index.js";
import { float, type GradientCase } from "../check.js";
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

const logProbabilities = (values: number[]): number[] => {
  const total = twin.logSumExp(values);
  return values.map((value) => value - total);
};

export const reductions: Record<string, GradientCase[]> = {
  sum: reduction(sum, twin.sum),
  mean: reduction(mean, (values) => twin.sum(values) / values.length),
  max: reduction(max, (values) => Math.max(...values)),
  logSumExp: reduction(logSumExp, twin.logSumExp),
  softmax: rowwise(softmax, (values) => logProbabilities(values).map(Math.exp)),
  logSoftmax: rowwise(logSoftmax, logProbabilities),
};
