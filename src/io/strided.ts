// Numbers that do not lie row by row in a file: PyTorch's views, NumPy's Fortran order.
import type { Shape } from "../core/shape.js";
import type { ReadableArray } from "./safetensors-dtypes.js";

/** Whether elements lie row by row, one behind the other. */
export function isRowMajor(shape: Shape, strides: readonly number[]): boolean {
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    if (shape[axis] !== 1 && strides[axis] !== step) return false;
    step *= shape[axis]!;
  }
  return true;
}

/** Strides of the order in which the first axis runs fastest. */
export function columnMajorStrides(shape: Shape): number[] {
  let step = 1;
  return shape.map((length) => {
    const stride = step;
    step *= length;
    return stride;
  });
}

/**
 * How many elements lie between the first and the last, both counted: what a view needs of its storage.
 */
export function reachOf(shape: Shape, strides: readonly number[]): number {
  if (shape.includes(0)) return 0;
  return shape.reduce((reach, length, axis) => reach + (length - 1) * strides[axis]!, 1);
}

/** The elements row by row: those of `values` at the strides. */
export function inRows<T extends ReadableArray>(
  values: T,
  shape: Shape,
  strides: readonly number[],
): T {
  if (isRowMajor(shape, strides)) return values;
  const size = shape.reduce((product, length) => product * length, 1);
  const out = new (values.constructor as new (length: number) => T)(size);
  const index = shape.map(() => 0);
  for (let i = 0, at = 0; i < size; i++) {
    out[i] = values[at]!;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      at += strides[axis]!;
      if (++index[axis]! < shape[axis]!) break;
      at -= strides[axis]! * shape[axis]!;
      index[axis] = 0;
    }
  }
  return out;
}
