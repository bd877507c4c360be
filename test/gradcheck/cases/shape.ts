// Movement of data: joins, cuts, orders, repeats, picks.
import { expand } from "../../../src/ops/expand.js";
import { gather } from "../../../src/ops/gather.js";
import { concat, stack } from "../../../src/ops/join.js";
import { booleanMask, maskedSelect } from "../../../src/ops/masked-select.js";
import { permute, transpose } from "../../../src/ops/permute.js";
import { reshape, squeeze, unsqueeze } from "../../../src/ops/reshape.js";
import { select, slice, split, unbind } from "../../../src/ops/slice.js";
import { tril, triu } from "../../../src/ops/triangle.js";
import type { Tensor } from "../../../src/index.js";
import { float, ints, type GradientCase } from "../check.js";
import { at, broadcastAt, build, sizeOf, unravel, type Twin } from "../twin.js";

const reshaped = (shape: number[], f: (x: Tensor) => Tensor, result: number[]): GradientCase => ({
  inputs: { x: float(shape) },
  run: ({ x }) => f(x!),
  twin: ({ x }) => ({ shape: result, data: x!.data }),
});

const permuted = (shape: number[], axes: number[], f: (x: Tensor) => Tensor): GradientCase => ({
  inputs: { x: float(shape) },
  run: ({ x }) => f(x!),
  twin: ({ x }) =>
    build(
      axes.map((axis) => shape[axis]!),
      (index) =>
        at(
          x!,
          shape.map((_, axis) => index[axes.indexOf(axis)]!),
        ),
    ),
});

const part = (x: Twin, axis: number, start: number, size: number): Twin =>
  build(x.shape.with(axis, size), (index) => at(x, index.with(axis, index[axis]! + start)));

const sliced = (shape: number[], axis: number, start: number, end: number | undefined, kept: [number, number]): GradientCase => ({
  inputs: { x: float(shape) },
  run: ({ x }) => slice(x!, axis, start, end),
  twin: ({ x }) => part(x!, axis < 0 ? axis + shape.length : axis, kept[0], kept[1] - kept[0]),
}); // prettier-ignore

const selected = (shape: number[], axis: number, index: number, kept: number): GradientCase => ({
  inputs: { x: float(shape) },
  run: ({ x }) => select(x!, axis, index),
  twin: ({ x }) => picked(x!, axis < 0 ? axis + shape.length : axis, kept),
});

const unbound = (shape: number[], axis: number): GradientCase => ({
  inputs: { x: float(shape) },
  run: ({ x }) => unbind(x!, axis),
  twin: ({ x }) => {
    const normal = axis < 0 ? axis + shape.length : axis;
    return Array.from({ length: shape[normal]! }, (_, i) => picked(x!, normal, i));
  },
});

const picked = (x: Twin, axis: number, position: number): Twin =>
  build(x.shape.toSpliced(axis, 1), (index) => at(x, index.toSpliced(axis, 0, position)));

/** Which elements of a mask are not 0, by their position. */
const CHOSEN = (position: number): boolean => position % 3 !== 1;

const masked = (
  op: (x: Tensor, mask: Tensor<"int32">) => Tensor,
  shape: number[],
  maskShape: number[],
  twin: (x: Twin) => Twin,
): GradientCase => ({
  inputs: {
    x: float(shape),
    mask: ints(
      maskShape,
      Array.from({ length: sizeOf(maskShape) }, (_, i) => Number(CHOSEN(i))),
    ),
  },
  run: ({ x, mask }) => op(x!, mask as unknown as Tensor<"int32">),
  twin: ({ x }) => twin(x!),
});

const flatWhere = (x: Twin, kept: (index: number[]) => boolean): Twin => {
  const data = x.data.filter((_, flat) => kept(unravel(flat, x.shape)));
  return { shape: [data.length], data };
};

const rowsWhere = (x: Twin, rank: number): Twin => {
  const inner = x.shape.slice(rank);
  const data = x.data.filter((_, flat) => CHOSEN(Math.floor(flat / sizeOf(inner))));
  return { shape: [data.length / sizeOf(inner), ...inner], data };
};

const cut = (shape: number[], sizes: number | number[], axis: number, pieces: number[]): GradientCase => ({
  inputs: { x: float(shape) },
  run: ({ x }) => split(x!, sizes, axis),
  twin: ({ x }) => pieces.map((size, i) => part(x!, axis, pieces.slice(0, i).reduce((a, b) => a + b, 0), size)),
}); // prettier-ignore

const joined = (shapes: number[][], axis: number): GradientCase => ({
  inputs: Object.fromEntries(shapes.map((shape, i) => [`x${i}`, float(shape, { seed: i + 1 })])),
  run: (inputs) => concat(Object.values(inputs), axis),
  twin: (inputs) => {
    const twins = Object.values(inputs);
    const length = twins.reduce((total, { shape }) => total + shape[axis]!, 0);
    return build(twins[0]!.shape.with(axis, length), (index) => {
      let position = index[axis]!;
      let i = 0;
      for (; position >= twins[i]!.shape[axis]!; i++) position -= twins[i]!.shape[axis]!;
      return at(twins[i]!, index.with(axis, position));
    });
  },
});

const stacked = (shape: number[], count: number, axis: number): GradientCase => ({
  inputs: Object.fromEntries(Array.from({ length: count }, (_, i) => [`x${i}`, float(shape, { seed: i + 1 })])),
  run: (inputs) => stack(Object.values(inputs), axis),
  twin: (inputs) =>
    build(shape.toSpliced(axis, 0, count), (index) =>
      at(Object.values(inputs)[index[axis]!]!, index.toSpliced(axis, 1)),
    ),
}); // prettier-ignore

const expanded = (shape: number[], to: number[], result = to): GradientCase => ({
  inputs: { x: float(shape) },
  run: ({ x }) => expand(x!, to),
  twin: ({ x }) => build(result, (index) => broadcastAt(x!, index)),
});

const gathered = (shape: number[], axis: number, indexShape: number[]): GradientCase => ({
  inputs: {
    x: float(shape),
    // Indices come twice, and not in order.
    index: ints(
      indexShape,
      Array.from(
        { length: indexShape.reduce((a, b) => a * b, 1) },
        (_, i) => (i * 5 + (i >> 1)) % shape[axis]!,
      ),
    ),
  },
  run: ({ x, index }) => gather(x!, axis, index as unknown as Tensor<"int32">),
  twin: ({ x, index }) => build(indexShape, (i) => at(x!, i.with(axis, at(index!, i)))),
});

const triangle = (
  op: typeof tril,
  shape: number[],
  diagonal: number,
  keeps: (below: number) => boolean,
): GradientCase => ({
  inputs: { x: float(shape) },
  run: ({ x }) => op(x!, diagonal),
  twin: ({ x }) => build(shape, (i) => (keeps(i.at(-2)! - i.at(-1)! + diagonal) ? at(x!, i) : 0)),
});

export const shape: Record<string, GradientCase[]> = {
  reshape: [
    reshaped([2, 6], (x) => reshape(x, [3, -1]), [3, 4]),
    reshaped([1], (x) => reshape(x, []), []),
  ],
  squeeze: [
    reshaped([1, 3, 1], (x) => squeeze(x), [3]),
    reshaped([1, 3, 1], (x) => squeeze(x, 0), [3, 1]),
  ],
  unsqueeze: [
    reshaped([2, 3], (x) => unsqueeze(x, 1), [2, 1, 3]),
    reshaped([2, 3], (x) => unsqueeze(x, -1), [2, 3, 1]),
  ],
  permute: [
    permuted([3, 5], [1, 0], (x) => permute(x, [1, 0])),
    permuted([2, 3, 4], [2, 0, 1], (x) => permute(x, [2, 0, 1])),
    permuted([2, 3, 4], [0, 2, 1], (x) => permute(x, [0, -1, 1])),
    permuted([2, 1, 3, 5], [3, 1, 0, 2], (x) => permute(x, [3, 1, 0, 2])),
  ],
  transpose: [
    permuted([3, 5], [1, 0], (x) => transpose(x, 0, 1)),
    permuted([2, 3, 4], [2, 1, 0], (x) => transpose(x, 0, -1)),
  ],
  slice: [
    sliced([7], 0, 2, 5, [2, 5]),
    sliced([3, 13], 1, 4, undefined, [4, 13]),
    sliced([2, 5, 3], -2, -4, -1, [1, 4]),
  ],
  select: [
    selected([7], 0, 3, 3),
    selected([3, 5], -1, -2, 3),
    selected([2, 5, 3], 1, 4, 4),
    selected([2, 5, 3], 0, -1, 1),
  ],
  unbind: [unbound([3, 5], 0), unbound([2, 4, 3], 1), unbound([4], -1)],
  maskedSelect: [
    masked(maskedSelect, [3, 5], [3, 5], (x) => flatWhere(x, (i) => CHOSEN(i[0]! * 5 + i[1]!))),
    // The mask is that of each column, for every row.
    masked(maskedSelect, [2, 3, 4], [4], (x) => flatWhere(x, (i) => CHOSEN(i[2]!))),
  ],
  booleanMask: [
    masked(booleanMask, [5, 3], [5], (x) => rowsWhere(x, 1)),
    masked(booleanMask, [2, 4, 3], [2, 4], (x) => rowsWhere(x, 2)),
    masked(booleanMask, [7], [7], (x) => rowsWhere(x, 1)),
  ],
  split: [
    cut([7, 3], [2, 5], 0, [2, 5]),
    cut([2, 7], 3, 1, [3, 3, 1]),
    cut([2, 6, 3], [1, 2, 3], 1, [1, 2, 3]),
    {
      // A part that nobody uses gives its elements gradient zero.
      inputs: { x: float([2, 5]) },
      run: ({ x }) => split(x!, [2, 3], 1)[1]!,
      twin: ({ x }) => part(x!, 1, 2, 3),
    },
  ],
  concat: [
    joined([[2, 3], [4, 3]], 0),
    joined([[2, 3], [2, 5], [2, 1]], 1),
    joined([[2, 1, 5], [2, 7, 5]], 1),
    joined([[3]], 0),
    {
      inputs: { x: float([2, 3]) },
      run: ({ x }) => concat([x!, x!], 1),
      twin: ({ x }) => build([2, 6], ([i, j]) => at(x!, [i!, j! % 3])),
    },
  ], // prettier-ignore
  stack: [stacked([5], 3, 0), stacked([2, 3], 2, 1), stacked([2, 3], 3, 2), stacked([], 4, 0)],
  expand: [
    expanded([3, 1], [2, 3, 4]),
    expanded([1, 5], [3, -1], [3, 5]),
    expanded([], [2, 2]),
    expanded([3, 1, 2, 1], [3, 2, 2, 3]),
    expanded([2, 3], [2, 3]),
  ],
  tril: [
    triangle(tril, [4, 5], 0, (below) => below >= 0),
    triangle(tril, [2, 5, 3], -1, (below) => below >= 0),
  ],
  triu: [
    triangle(triu, [4, 5], 0, (below) => below <= 0),
    triangle(triu, [2, 5, 3], 2, (below) => below <= 0),
  ],
  gather: [
    gathered([5], 0, [3]),
    gathered([3, 7], 1, [3, 4]),
    gathered([5, 3], 0, [7, 3]),
    gathered([2, 5, 3], 1, [2, 2, 3]),
    gathered([3, 5], 0, [1, 2]),
  ],
};
