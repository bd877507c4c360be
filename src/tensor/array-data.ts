// From what users write down to a flat typed array and a shape.
import type { DataOf, DType } from "../core/dtype.js";
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
  const typed = isTyped(op, values);
  const ownShape = typed ? [values.length] : nestedShape(op, values);
  const type = (dtype ?? (values instanceof Int32Array ? "int32" : "float32")) as D;
  if (shape) checkShape(op, shape);
  const target = shape ?? ownShape;
  const count = sizeOf(ownShape);
  if (sizeOf(target) !== count)
    throw new ShapeError({
      op,
      expected: `${sizeOf(target)} values for shape ${formatShape(target)}`,
      got: `${count}`,
    });
  const flat = typed ? values : flatten(values, count);
  return { data: convert(op, flat, type), shape: target, dtype: type };
}

/** Whether these are elements of a typed array; refuses views that hold no numbers. */
function isTyped(op: string, values: NestedArray | NumericArray): values is NumericArray {
  if (!ArrayBuffer.isView(values)) return false;
  const kind = Object.prototype.toString.call(values).slice(8, -1);
  if (kind === "DataView" || kind.startsWith("Big"))
    throw new DTypeError({
      op,
      expected: "numbers, in nested arrays or a typed array",
      got: kind,
      cure: "Convert to a Float32Array or an Int32Array first.",
    });
  return true;
}

function nestedShape(op: string, values: NestedArray): number[] {
  const shape: number[] = [];
  let level: NestedArray = values;
  while (Array.isArray(level)) {
    shape.push(level.length);
    level = level[0] as NestedArray;
    if (level === undefined) break;
  }
  checkNesting(op, values, shape, 0);
  return shape;
}

function checkNesting(op: string, values: NestedArray, shape: Shape, axis: number): void {
  if (axis === shape.length) {
    if (typeof values === "number") return;
    throw new DTypeError({
      op,
      expected: "numbers in nested arrays of equal lengths",
      got: Array.isArray(values)
        ? "an array where its neighbours have a number"
        : `${typeof values} ${String(values)}`,
    });
  }
  if (!Array.isArray(values) || values.length !== shape[axis])
    throw new ShapeError({
      op,
      expected: `every array at depth ${axis} to have ${shape[axis]} entries as the first one has`,
      got: Array.isArray(values) ? `one with ${values.length}` : String(values),
      cure: "Pad ragged sequences to one length.",
    });
  for (const inner of values) checkNesting(op, inner as NestedArray, shape, axis + 1);
}

function flatten(values: NestedArray, count: number): Float64Array {
  const out = new Float64Array(count);
  let at = 0;
  const visit = (level: NestedArray): void => {
    if (typeof level === "number") out[at++] = level;
    else for (const inner of level) visit(inner);
  };
  visit(values);
  return out;
}

function convert<D extends DType>(op: string, values: NumericArray, dtype: D): DataOf<D> {
  if (dtype === "float32")
    return (values instanceof Float32Array ? values : new Float32Array(values)) as DataOf<D>;
  if (dtype !== "int32")
    throw new DTypeError({ op, expected: 'dtype "float32" or "int32"', got: String(dtype) });
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
