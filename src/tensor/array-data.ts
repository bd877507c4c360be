// From what users write down to a flat typed array and a shape.
import type { DataOf, DType } from "../core/dtype.js";
import { described } from "../core/described.js";
import { DTypeError, ShapeError } from "../core/errors.js";
import { checkShape, formatShape, sizeOf, type Shape } from "../core/shape.js";

/** A number, or arrays of equal lengths of it, to any depth. */
export type NestedArray = number | readonly NestedArray[];

/** Any typed array of numbers that JavaScript has. */
export type NumericArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

interface ArrayDataOptions<D extends DType> {
  /** The shape; worked out from nested arrays, or one axis for a typed array. */
  shape?: Shape | undefined;
  dtype?: D | undefined;
}

interface ArrayData<D extends DType> {
  data: DataOf<D>;
  shape: Shape;
  dtype: D;
}

/** Flattens and converts; refuses ragged arrays, wrong counts and values the dtype cannot hold. */
export function arrayData<D extends DType>(
  op: string,
  values: NestedArray | NumericArray,
  { shape, dtype }: ArrayDataOptions<D>,
): ArrayData<D> {
  const type = (dtype ?? (values instanceof Int32Array ? "int32" : "float32")) as D;
  if (shape) checkShape(op, shape);
  let own: Shape;
  let flat: NumericArray;
  if (isNumeric(values)) [own, flat] = [[values.length], values];
  else {
    own = nestedShape(values);
    flat = new Float64Array(sizeOf(own));
    fill(op, flat, values, own, 0, 0);
  }
  const target = shape ?? own;
  if (sizeOf(target) !== flat.length)
    throw new ShapeError({
      op,
      expected: `${sizeOf(target)} values for shape ${formatShape(target)}`,
      got: `${flat.length}`,
    });
  return { data: convert(op, flat, type), shape: target, dtype: type };
}

/** Whether these are elements of a typed array, not of a DataView or a big one. */
function isNumeric(values: unknown): values is NumericArray {
  return ArrayBuffer.isView(values) && !/Big|Data/.test(Object.prototype.toString.call(values));
}

/** The shape by the first element of each array. */
function nestedShape(values: NestedArray | NumericArray): number[] {
  const shape: number[] = [];
  let level: unknown = values;
  while (Array.isArray(level) || isNumeric(level)) {
    shape.push(level.length);
    level = level[0];
  }
  return shape;
}

/** Writes the numbers from `at` on, and says where they end. */
function fill(
  op: string,
  out: Float64Array,
  values: unknown,
  shape: Shape,
  axis: number,
  at: number,
): number {
  if (axis === shape.length) {
    if (typeof values !== "number")
      throw new DTypeError({
        op,
        expected: "numbers, in nested arrays of equal lengths or a typed array",
        got: described(values),
      });
    out[at] = values;
    return at + 1;
  }
  if (!(Array.isArray(values) || isNumeric(values)) || values.length !== shape[axis])
    throw new ShapeError({
      op,
      expected: `every array at depth ${axis} to have ${shape[axis]} entries as the first one has`,
      got: Array.isArray(values) ? `one with ${values.length}` : described(values),
      cure: "Pad ragged sequences to one length.",
    });
  for (let i = 0; i < values.length; i++) at = fill(op, out, values[i], shape, axis + 1, at);
  return at;
}

function convert<D extends DType>(op: string, values: NumericArray, dtype: D): DataOf<D> {
  if (dtype === "float32")
    return (values instanceof Float32Array ? values : new Float32Array(values)) as DataOf<D>;
  if (dtype !== "int32")
    throw new DTypeError({ op, expected: 'dtype "float32" or "int32"', got: described(dtype) });
  if (values instanceof Int32Array) return values as DataOf<D>;
  const out = new Int32Array(values);
  for (let i = 0; i < out.length; i++)
    if (out[i] !== values[i])
      throw new DTypeError({
        op,
        expected: "whole numbers from -2147483648 to 2147483647 for int32",
        got: `${values[i]} at position ${i}`,
      });
  return out as DataOf<D>;
}
