// Whole slices of an axis, picked by position.
import { described } from "../core/described.js";
import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape, normalizeAxis, splitAtAxis } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { fillZero, i32 } from "../wasm/memory.js";
import { withScratch } from "../wasm/scratch.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { normalizeAxes } from "./axes.js";
import { badIndex } from "./bad-index.js";
import { requireInt } from "./check.js";

interface Taken {
  readonly x: Tensor<DType>;
  readonly axis: number;
  readonly positions: Int32Array;
}

/** Lends the positions for every block before the axis, as rows of `[outer · length, inner]`. */
function withRows(
  positions: Int32Array,
  outer: number,
  length: number,
  run: (rows: Ptr, count: number) => void,
): void {
  const count = outer * positions.length;
  withScratch(bytesOf(count), (space) => {
    const rows = i32(space, count);
    for (let block = 0, row = 0; block < outer; block++)
      for (const position of positions) rows[row++] = block * length + position;
    run(space, count);
  });
}

const take = /* @__PURE__ */ defineOp({
  name: "indexSelect",
  forward(x: Tensor<DType>, axis: number, positions: Int32Array) {
    const { outer, length, inner } = splitAtAxis(x.shape, axis);
    const y: Tensor<DType> = empty(
      x.shape.map((size, i) => (i === axis ? positions.length : size)),
      x.dtype,
    );
    const [to, from] = [y.storage.ptr, x.address("indexSelect")];
    withRows(positions, outer, length, (rows, count) =>
      kernels().gatherRows(to, from, rows, count, outer * length, inner),
    );
    return { inputs: [x], output: y, saved: { x, axis, positions } };
  },
  backward(pass, { x, axis, positions }: Taken) {
    const { outer, length, inner } = splitAtAxis(x.shape, axis);
    pass.accumulate(0, (dx, adds) => {
      if (!adds) fillZero(dx, bytesOf(x.size));
      withRows(positions, outer, length, (rows, count) =>
        trainingKernels().scatterAddRows(dx, pass.grad(), rows, count, outer * length, inner, -1),
      );
    });
  },
});

/**
 * Slices of an axis in the order of an index, copied; where a position comes twice, gradients add up.
 *
 * @param index int32 `[n]`
 * @throws IndexError for a position outside the axis; ShapeError for an index that is no vector
 */
export function indexSelect<D extends DType>(
  x: Tensor<D>,
  axis: number,
  index: Tensor<"int32">,
): Tensor<D> {
  checkCall("indexSelect", arguments, "x:tensor axis:number index:tensor");
  const normal = normalizeAxis("indexSelect", axis, x.shape.length);
  requireInt("indexSelect", "index", index);
  if (index.shape.length !== 1)
    throw new ShapeError({
      op: "indexSelect",
      expected: "an index [n]",
      got: formatShape(index.shape),
    });
  const positions = index.data();
  const length = x.shape[normal]!;
  const bad = positions.findIndex((position) => position < 0 || position >= length);
  if (bad >= 0) throw badIndex("indexSelect", `positions from 0 to ${length - 1}`, index, bad);
  return take(x, normal, positions) as Tensor<D>;
}

/**
 * The given axes (by default all) from their end to their start, copied.
 *
 * @throws OptionError for an axis out of range
 */
export function flip<D extends DType>(x: Tensor<D>, axes?: number | readonly number[]): Tensor<D> {
  checkCall("flip", arguments, "x:tensor axes?:number|list");
  let y: Tensor<DType> = x;
  for (const axis of normalizeAxes("flip", axes, x.shape.length)) {
    const length = x.shape[axis]!;
    y = take(
      y,
      axis,
      Int32Array.from({ length }, (_, i) => length - 1 - i),
    );
  }
  return y as Tensor<D>;
}

/**
 * An axis moved on by a number of places, what falls off its end coming in at its start; copied.
 *
 * @param shift whole; negative: towards the start
 * @param axis default 0
 * @throws OptionError for a shift that is no whole number or an axis out of range
 */
export function roll<D extends DType>(x: Tensor<D>, shift: number, axis = 0): Tensor<D> {
  checkCall("roll", arguments, "x:tensor shift:number axis?:number");
  const normal = normalizeAxis("roll", axis, x.shape.length);
  if (!Number.isSafeInteger(shift))
    throw new OptionError({ op: "roll", expected: "a whole shift", got: described(shift) });
  const length = x.shape[normal]!;
  const first = length - (shift % length);
  return take(
    x,
    normal,
    Int32Array.from({ length }, (_, i) => (first + i) % length),
  ) as Tensor<D>;
}
