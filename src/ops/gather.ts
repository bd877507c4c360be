import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, normalizeAxis, sameShape, splitAtAxis, type Shape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { copyBytes, fillZero } from "../wasm/memory.js";
import { bytesOf } from "../wasm/ptr.js";
import { badIndex } from "./bad-index.js";
import { requireFloat, requireInt } from "./check.js";
import { slice } from "./slice.js";

interface Picked {
  readonly x: Tensor<DType>;
  readonly axis: number;
  readonly index: Tensor<"int32">;
}

const pick = /* @__PURE__ */ defineOp({
  name: "gather",
  forward(x: Tensor<DType>, axis: number, index: Tensor<"int32">) {
    const y: Tensor<DType> = empty(index.shape, x.dtype);
    const { outer, length, inner } = splitAtAxis(x.shape, axis);
    const count = index.shape[axis]!;
    const ids = index.address("gather");
    const bad = kernels().gatherAxis(
      y.storage.ptr,
      x.address("gather"),
      ids,
      outer,
      count,
      length,
      inner,
    );
    if (bad >= 0) throw badIndex("gather", `indices from 0 to ${length - 1}`, index, bad);
    return { inputs: [x], output: y, saved: { x, axis, index } };
  },
  backward(pass, { x, axis, index }: Picked) {
    const { outer, length, inner } = splitAtAxis(x.shape, axis);
    const ids = index.address("gather");
    pass.accumulate(0, (dx, accumulates) => {
      if (!accumulates) fillZero(dx, bytesOf(x.size));
      kernels().scatterAddAxis(dx, pass.grad(), ids, outer, index.shape[axis]!, length, inner);
    });
  },
});

/**
 * Elements of x picked along an axis: for axis 1 of three, `y[i][j][k] = x[i][index[i][j][k]][k]`.
 * Where an index comes twice, gradients add up.
 *
 * @param index int32 with as many axes as x, on every other axis at most as long as x; the shape of the result
 * @throws IndexError for an index outside the axis, with its value and place; ShapeError for a shape that does not fit
 * @example
 * ```ts
 * const x = tensor([[1, 2], [3, 4]]);
 * gather(x, 1, tensor([[1], [0]], { dtype: "int32" })).toArray(); // [[2], [3]]
 * ```
 */
export function gather<D extends DType>(
  x: Tensor<D>,
  axis: number,
  index: Tensor<"int32">,
): Tensor<D> {
  checkCall("gather", arguments, "x:tensor axis:number index:tensor");
  requireInt("gather", "index", index);
  const normal = normalizeAxis("gather", axis, x.shape.length);
  const fits =
    index.shape.length === x.shape.length &&
    index.shape.every((size, i) => i === normal || size <= x.shape[i]!);
  if (!fits)
    throw new ShapeError({
      op: "gather",
      expected: `an index at most as long as ${formatShape(x.shape)} on every axis but ${normal}`,
      got: formatShape(index.shape),
    });
  let covered = x;
  index.shape.forEach((size, i) => {
    if (i !== normal && size < x.shape[i]!) covered = slice(covered, i, 0, size);
  });
  return pick(covered, normal, index) as Tensor<D>;
}

interface Scattered {
  readonly source: Tensor;
  readonly index: Tensor<"int32">;
  readonly shape: Shape;
  readonly axis: number;
}

const scattered = /* @__PURE__ */ defineOp({
  name: "scatterAdd",
  forward(x: Tensor, axis: number, index: Tensor<"int32">, source: Tensor) {
    const y = empty(x.shape);
    copyBytes(y.storage.ptr, x.address("scatterAdd"), bytesOf(x.size));
    const { outer, length, inner } = splitAtAxis(x.shape, axis);
    const bad = kernels().scatterAddAxis(
      y.storage.ptr,
      source.address("scatterAdd"),
      index.address("scatterAdd"),
      outer,
      index.shape[axis]!,
      length,
      inner,
    );
    if (bad >= 0) throw badIndex("scatterAdd", `indices from 0 to ${length - 1}`, index, bad);
    return { inputs: [x, source], output: y, saved: { source, index, shape: x.shape, axis } };
  },
  backward(pass, { source, index, shape, axis }: Scattered) {
    const { outer, length, inner } = splitAtAxis(shape, axis);
    const ids = index.address("scatterAdd");
    const count = index.shape[axis]!;
    pass.write(1, (to) => {
      if (source.size > 0) kernels().gatherAxis(to, pass.grad(), ids, outer, count, length, inner);
    });
    pass.passOn(0, { move: true });
  },
});

/**
 * x with numbers added at indices of an axis: for axis 1 of two, `y[i][index[i][j]] += source[i][j]`. The
 * opposite of {@link gather}.
 *
 * @param index int32 of source's shape, as long as x on every other axis
 * @throws IndexError for an index outside the axis; ShapeError for shapes that do not fit
 */
export function scatterAdd(
  x: Tensor,
  axis: number,
  index: Tensor<"int32">,
  source: Tensor,
): Tensor {
  checkCall("scatterAdd", arguments, "x:tensor axis:number index:tensor source:tensor");
  requireFloat("scatterAdd", x, source);
  requireInt("scatterAdd", "index", index);
  const normal = normalizeAxis("scatterAdd", axis, x.shape.length);
  const expected = x.shape.map((size, i) => (i === normal ? index.shape[i]! : size));
  if (!sameShape(index.shape, expected) || !sameShape(source.shape, expected))
    throw new ShapeError({
      op: "scatterAdd",
      expected: `index and source as long as ${formatShape(x.shape)} on every axis but ${normal}`,
      got: `${formatShape(index.shape)} and ${formatShape(source.shape)}`,
    });
  return scattered(x, normal, index, source);
}
