// Elements and rows picked by a mask, and where a mask is not 0. Positions are found on the host; values keep their
// gradient.
import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { ShapeError } from "../core/errors.js";
import { running } from "../core/running.js";
import { broadcastShapes, formatShape, sameShape } from "../core/shape.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { requireInt } from "./check.js";
import { expand } from "./expand.js";
import { indexSelect } from "./index-select.js";
import { reshape } from "./reshape.js";

/**
 * Where x is not 0, in order: int32 `[count, axes]`, a row of indices for each such element. Of a mask over rows,
 * `nonzero(mask).select(1, 0)` is what {@link indexSelect} takes. Without gradient.
 */
export function nonzero(x: Tensor<DType>): Tensor<"int32"> {
  checkCall("nonzero", arguments, "x:tensor");
  running.op = "nonzero";
  const found = positionsOf(x);
  const rank = x.shape.length;
  const rows = new Int32Array(found.length * rank);
  found.forEach((position, row) => {
    for (let axis = rank - 1, rest = position; axis >= 0; axis--) {
      const size = x.shape[axis]!;
      rows[row * rank + axis] = rest % size;
      rest = (rest - (rest % size)) / size;
    }
  });
  return tensor(rows, { shape: [found.length, rank] });
}

/**
 * The elements of x where a mask is not 0, in order: `[count]`; the two broadcast.
 *
 * @param mask int32, as comparisons give it
 * @throws ShapeError when the shapes do not broadcast; DTypeError for a float32 mask
 */
export function maskedSelect<D extends DType>(x: Tensor<D>, mask: Tensor<"int32">): Tensor<D> {
  checkCall("maskedSelect", arguments, "x:tensor mask:tensor");
  requireInt("maskedSelect", "mask", mask);
  const shape = broadcastShapes("maskedSelect", x.shape, mask.shape);
  const [all, chosen] = [to(x, shape), to(mask, shape)];
  return indexSelect(reshape(all, [-1]), 0, tensor(positionsOf(chosen)));
}

/**
 * What stands where a mask over the first axes of x is not 0: `x[mask]` of PyTorch and NumPy. Of x
 * `[batch, time, features]` and a mask `[batch, time]`: `[count, features]`, the steps that count.
 *
 * @param mask int32 with the shape of x's first axes, as comparisons give it
 * @throws ShapeError for a mask of another shape; DTypeError for a float32 mask
 */
export function booleanMask<D extends DType>(x: Tensor<D>, mask: Tensor<"int32">): Tensor<D> {
  checkCall("booleanMask", arguments, "x:tensor mask:tensor");
  requireInt("booleanMask", "mask", mask);
  const rank = mask.shape.length;
  if (rank === 0 || !sameShape(mask.shape, x.shape.slice(0, rank)))
    throw new ShapeError({
      op: "booleanMask",
      expected: `a mask over the first axes of ${formatShape(x.shape)}`,
      got: formatShape(mask.shape),
      cure: "maskedSelect(x, mask) takes masks that broadcast.",
    });
  const rows = reshape(x, [mask.size, ...x.shape.slice(rank)]);
  return indexSelect(rows, 0, tensor(positionsOf(mask)));
}

function to<D extends DType>(x: Tensor<D>, shape: readonly number[]): Tensor<D> {
  return sameShape(x.shape, shape) ? x : expand(x, shape);
}

/** The positions of the elements that are not 0. */
function positionsOf(x: Tensor<DType>): Int32Array {
  const values = x.data();
  const found = new Int32Array(values.length);
  let count = 0;
  for (let i = 0; i < values.length; i++) if (values[i] !== 0) found[count++] = i;
  return found.slice(0, count);
}
