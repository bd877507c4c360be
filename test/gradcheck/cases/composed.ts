// Operations that are made of others, and picks of whole slices.
import { watchGradient } from "../../../src/inspect/watch-gradient.js";
import { scatterAdd } from "../../../src/ops/gather.js";
import { flip, indexSelect, roll } from "../../../src/ops/index-select.js";
import { sort, topk } from "../../../src/ops/order.js";
import { pad } from "../../../src/ops/pad.js";
import * as similarity from "../../../src/ops/similarity.js";
import { chunk } from "../../../src/ops/slice.js";
import { min, norm, std, variance } from "../../../src/ops/statistics.js";
import { tile } from "../../../src/ops/tile.js";
import { diag } from "../../../src/ops/triangle.js";
import { dot, outer } from "../../../src/ops/vectors.js";
import type { Tensor } from "../../../src/index.js";
import { float, ints, type GradientCase } from "../check.js";
import * as twin from "../twin.js";

const int = (x: Tensor | undefined): Tensor<"int32"> => x as unknown as Tensor<"int32">;

const one = (
  shape: number[],
  run: (x: Tensor) => Tensor | readonly Tensor[],
  of: (x: twin.Twin) => twin.Twin | readonly twin.Twin[],
): GradientCase => ({
  inputs: { x: float(shape, { step: 0.0625 }) },
  run: ({ x }) => run(x!),
  twin: ({ x }) => of(x!),
});

const positive = (...[shape, ...rest]: Parameters<typeof one>): GradientCase => ({
  ...one(shape, ...rest),
  inputs: { x: float(shape, { step: 0.0625, above: 0.1 }) },
});

const two = (
  a: number[],
  b: number[],
  run: (a: Tensor, b: Tensor) => Tensor,
  of: (a: twin.Twin, b: twin.Twin) => twin.Twin,
): GradientCase => ({
  inputs: { a: float(a, { step: 0.0625 }), b: float(b, { seed: 2, step: 0.09375 }) },
  run: ({ a, b }) => run(a!, b!),
  twin: ({ a, b }) => of(a!, b!),
});

const spread = (values: number[], correction: number): number => {
  const mean = twin.sum(values) / values.length;
  return twin.sum(values.map((v) => (v - mean) ** 2)) / (values.length - correction);
};
const euclidean = (values: number[]): number => Math.sqrt(twin.sum(values.map((v) => v * v)));
const NORMS: [1 | 2 | typeof Infinity, (values: number[]) => number][] = [
  [1, (values) => twin.sum(values.map(Math.abs))],
  [2, euclidean],
  [Infinity, (values) => Math.max(...values.map(Math.abs))],
];
const unit = (x: twin.Twin): twin.Twin =>
  twin.alongAxis(x, -1, (line) => line.map((v) => v / euclidean(line)));
const shifted = (x: twin.Twin, by: readonly number[]): twin.Twin =>
  twin.build(x.shape, (index) =>
    twin.at(
      x,
      index.map((i, axis) => (i + by[axis]! + x.shape[axis]!) % x.shape[axis]!),
    ),
  );
/** All pairs of vectors of a [n, d] and b [m, d]. */
const pairs = (a: twin.Twin, b: twin.Twin, f: (differences: number[]) => number): twin.Twin =>
  twin.build([a.shape[0]!, b.shape[0]!], ([i, j]) =>
    f(Array.from({ length: a.shape[1]! }, (_, k) => twin.at(a, [i!, k]) - twin.at(b, [j!, k]))),
  );
const squares = (values: number[]): number => twin.sum(values.map((v) => v * v));
const ascending = (values: number[]): number[] => values.toSorted((a, b) => a - b);
const INDEX = [2, 0, 2, 4, 1];

export const composed: Record<string, GradientCase[]> = {
  watchGradient: [
    one(
      [2, 3],
      (x) => watchGradient(x, () => {}),
      (x) => x,
    ),
  ],
  min: [
    one(
      [3, 4, 5],
      (x) => min(x, 1),
      (x) => twin.reduce(x, (v) => Math.min(...v), [1]),
    ),
    one(
      [3, 4],
      (x) => min(x),
      (x) => twin.reduce(x, (v) => Math.min(...v)),
    ),
  ],
  variance: [
    one(
      [3, 4, 5],
      (x) => variance(x, 1),
      (x) => twin.reduce(x, (v) => spread(v, 1), [1]),
    ),
    one(
      [3, 4, 5],
      (x) => variance(x, [0, -1], { correction: 0, keepdim: true }),
      (x) => twin.reduce(x, (v) => spread(v, 0), [0, 2], true),
    ),
  ],
  std: [
    one(
      [3, 7],
      (x) => std(x, -1),
      (x) => twin.reduce(x, (v) => Math.sqrt(spread(v, 1)), [1]),
    ),
    one(
      [11],
      (x) => std(x, undefined, { correction: 0 }),
      (x) => twin.reduce(x, (v) => Math.sqrt(spread(v, 0))),
    ),
  ],
  // Distinct sizes: where two are the largest, the norm of Infinity has a kink.
  norm: NORMS.flatMap(([p, f]) => [
    positive(
      [3, 7],
      (x) => norm(x, { p, axis: 1 }),
      (x) => twin.reduce(x, f, [1]),
    ),
    positive(
      [2, 3, 2],
      (x) => norm(x, { p, axis: [0, 2], keepdim: true }),
      (x) => twin.reduce(x, f, [0, 2], true),
    ),
    positive(
      [5],
      (x) => norm(x, { p }),
      (x) => twin.reduce(x, f),
    ),
  ]),
  normalize: NORMS.map(([p, f]) =>
    positive(
      [3, 4],
      (x) => similarity.normalize(x, { p, axis: 0 }),
      (x) => twin.alongAxis(x, 0, (line) => line.map((v) => v / f(line))),
    ),
  ),
  cosineSimilarity: [
    two([3, 5], [3, 5], similarity.cosineSimilarity, (a, b) =>
      twin.reduce(
        twin.zip(unit(a), unit(b), (x, y) => x * y),
        twin.sum,
        [1],
      ),
    ),
    two([2, 3, 5], [5], similarity.cosineSimilarity, (a, b) =>
      twin.reduce(
        twin.zip(unit(a), unit(b), (x, y) => x * y),
        twin.sum,
        [2],
      ),
    ),
  ],
  cosineSimilarities: [
    two([3, 5], [4, 5], similarity.cosineSimilarities, (a, b) =>
      twin.matmul(unit(a), twin.transposed(unit(b))),
    ),
  ],
  pairwiseDistance: [
    two([3, 5], [3, 5], similarity.pairwiseDistance, (a, b) =>
      twin.reduce(
        twin.zip(a, b, (x, y) => x - y + 1e-6),
        euclidean,
        [1],
      ),
    ),
  ],
  squaredDistances: [
    two([3, 5], [4, 5], similarity.squaredDistances, (a, b) => pairs(a, b, squares)),
  ],
  cdist: [two([3, 5], [4, 5], similarity.cdist, (a, b) => pairs(a, b, euclidean))],
  dot: [
    two([7], [7], dot, (a, b) =>
      twin.reduce(
        twin.zip(a, b, (x, y) => x * y),
        twin.sum,
      ),
    ),
  ],
  outer: [
    two([3], [5], outer, (a, b) => twin.build([3, 5], ([i, j]) => a.data[i!]! * b.data[j!]!)),
  ],
  indexSelect: [0, 1, 2].map((axis): GradientCase => {
    const shape = [2, 2, 3].with(axis, 5);
    return {
      inputs: { x: float(shape), index: ints([5], INDEX) },
      run: ({ x, index }) => indexSelect(x!, axis, int(index)),
      twin: ({ x }) => twin.build(shape, (i) => twin.at(x!, i.with(axis, INDEX[i[axis]!]!))),
    };
  }),
  flip: [
    one(
      [3, 4],
      (x) => flip(x),
      (x) => twin.build([3, 4], ([i, j]) => twin.at(x, [2 - i!, 3 - j!])),
    ),
    one(
      [2, 3, 5],
      (x) => flip(x, -2),
      (x) => twin.build([2, 3, 5], ([h, i, j]) => twin.at(x, [h!, 2 - i!, j!])),
    ),
  ],
  roll: [
    one(
      [5, 3],
      (x) => roll(x, 2),
      (x) => shifted(x, [-2, 0]),
    ),
    one(
      [2, 4, 3],
      (x) => roll(x, -1, 1),
      (x) => shifted(x, [0, 1, 0]),
    ),
  ],
  pad: [
    one(
      [3, 4],
      (x) => pad(x, [1, 2]),
      (x) => twin.build([3, 7], ([i, j]) => (j! < 1 || j! > 4 ? 0 : twin.at(x, [i!, j! - 1]))),
    ),
    one(
      [2, 3, 2],
      (x) => pad(x, [0, 1, 2, 0], -1.5),
      (x) =>
        twin.build([2, 5, 3], ([h, i, j]) =>
          i! < 2 || j! > 1 ? -1.5 : twin.at(x, [h!, i! - 2, j!]),
        ),
    ),
  ],
  tile: [
    one(
      [2, 3],
      (x) => tile(x, [2, 3]),
      (x) => twin.build([4, 9], ([i, j]) => twin.at(x, [i! % 2, j! % 3])),
    ),
    one(
      [3],
      (x) => tile(x, [2, 1]),
      (x) => twin.build([2, 3], ([, j]) => twin.at(x, [j!])),
    ),
    one(
      [2, 3],
      (x) => tile(x, [2]),
      (x) => twin.build([2, 6], ([i, j]) => twin.at(x, [i!, j! % 3])),
    ),
  ],
  topk: [
    one(
      [3, 17],
      (x) => topk(x, 2).values,
      (x) => twin.alongAxis(x, 1, (line) => ascending(line).reverse().slice(0, 2)),
    ),
    one(
      [5, 3],
      (x) => topk(x, 3, 0, { largest: false }).values,
      (x) => twin.alongAxis(x, 0, (line) => ascending(line).slice(0, 3)),
    ),
  ],
  sort: [
    one(
      [3, 7],
      (x) => sort(x).values,
      (x) => twin.alongAxis(x, 1, ascending),
    ),
    one(
      [4, 3],
      (x) => sort(x, 0, { descending: true }).values,
      (x) => twin.alongAxis(x, 0, (line) => ascending(line).reverse()),
    ),
  ],
  chunk: [
    one(
      [5, 2],
      (x) => chunk(x, 2),
      (x) => [
        twin.build([3, 2], (index) => twin.at(x, index)),
        twin.build([2, 2], ([i, j]) => twin.at(x, [i! + 3, j!])),
      ],
    ),
  ],
  diag: [
    one([4], diag, (x) => twin.build([4, 4], ([i, j]) => (i === j ? x.data[i!]! : 0))),
    one([3, 5], diag, (x) => twin.build([3], ([i]) => twin.at(x, [i!, i!]))),
  ],
  scatterAdd: [0, 1].map((axis): GradientCase => {
    const shape = [3, 3];
    const given = shape.with(axis, 5);
    const ids = Array.from({ length: 15 }, (_, i) => (i * 7 + (i >> 2)) % 3);
    return {
      inputs: { x: float(shape), index: ints(given, ids), source: float(given, { seed: 2 }) },
      run: ({ x, index, source }) => scatterAdd(x!, axis, int(index), source!),
      twin: ({ x, index, source }) => {
        const data = Float64Array.from(x!.data);
        source!.data.forEach((value, flat) => {
          const [i, j] = twin.unravel(flat, given).with(axis, index!.data[flat]!) as [
            number,
            number,
          ];
          data[i * 3 + j]! += value;
        });
        return { shape, data };
      },
    };
  }),
};
