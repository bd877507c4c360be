import { defineOp } from "../autograd/op.js";
import { BYTES_PER_ELEMENT, type DType } from "../core/dtype.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, normalizeAxis, splitAtAxis } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { fillZero } from "../wasm/memory.js";
import { badIndex } from "./bad-index.js";
import { requireInt } from "./check.js";
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
      if (!accumulates) fillZero(dx, x.size * BYTES_PER_ELEMENT);
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
 */
export function gather<D extends DType>(
  x: Tensor<D>,
  axis: number,
  index: Tensor<"int32">,
): Tensor<D> {
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
