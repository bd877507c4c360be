import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, normalizeAxis } from "../core/shape.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { gather } from "./gather.js";
import { argsort } from "./order.js";
import { reshape, squeeze } from "./reshape.js";
import { select } from "./slice.js";

/**
 * The element in the middle of an axis, or (by default) of all; of an even number the lower of two, and NaN where one is
 * NaN, as in PyTorch. The gradient goes to that element.
 *
 * @param keepdim keep the axis with size 1. Default false.
 * @throws ShapeError where there is no element; OptionError for an axis out of range
 */
export function median<D extends DType>(x: Tensor<D>, axis?: number, keepdim = false): Tensor<D> {
  checkCall("median", arguments, "x:tensor axis?:number keepdim?:boolean");
  if (axis === undefined) {
    const all = median(reshape(x, [-1]), 0);
    return keepdim
      ? reshape(
          all,
          x.shape.map(() => 1),
        )
      : all;
  }
  const normal = normalizeAxis("median", axis, x.shape.length);
  const length = x.shape[normal]!;
  if (length === 0)
    throw new ShapeError({
      op: "median",
      expected: "at least one element to choose from",
      got: formatShape(x.shape),
    });
  const order = argsort(x.detach(), normal);
  const middle = select(order, normal, (length - 1) >> 1).data();
  // NaN is sorted to the end.
  const last = select(order, normal, -1).data();
  const greatest = gather(x.detach(), normal, tensor(last, { shape: kept(x, normal) })).data();
  greatest.forEach((value, i) => {
    if (Number.isNaN(value)) middle[i] = last[i]!;
  });
  const y = gather(x, normal, tensor(middle, { shape: kept(x, normal) }));
  return keepdim ? y : squeeze(y, normal);
}

function kept(x: Tensor<DType>, axis: number): number[] {
  return x.shape.map((size, i) => (i === axis ? 1 : size));
}
