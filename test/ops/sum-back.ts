import { reduce, sum, type Twin } from "../gradcheck/twin.js";

/** The twin of a broadcast's gradient: sums over the axes along which `own` was repeated. */
export function sumBack(dy: Twin, own: readonly number[]): Twin {
  const missing = dy.shape.length - own.length;
  const repeated = dy.shape
    .map((_, axis) => axis)
    .filter((axis) => axis < missing || own[axis - missing] === 1);
  const summed = repeated.length > 0 ? reduce(dy, sum, repeated, true) : dy;
  return { shape: own, data: summed.data };
}
