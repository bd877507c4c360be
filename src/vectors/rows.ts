// Vectors as users have them, for what looks at all of them together.
import { described } from "../core/described.js";
import { NumericError, OptionError, ShapeError } from "../core/errors.js";

/**
 * Vectors of one size: rows, or their numbers one behind the other with the size of a vector, as `WordVectors` and the results of
 * `pca` have them.
 */
export type VectorRows =
  | readonly ArrayLike<number>[]
  | { readonly values: Float32Array | Float64Array; readonly dimension: number };

export interface Rows {
  readonly values: Float32Array | Float64Array;
  readonly dimension: number;
  readonly count: number;
}

/**
 * The numbers of vectors; rows are copied.
 *
 * @throws ShapeError where they are of several sizes or none, NumericError for a number that is not finite
 */
export function readRows(op: string, given: VectorRows): Rows {
  const rows = Array.isArray(given) ? joined(op, given as readonly ArrayLike<number>[]) : given;
  const { values, dimension } = Object(rows) as Rows;
  const flat = values instanceof Float32Array || values instanceof Float64Array;
  if (!flat || !Number.isSafeInteger(dimension))
    throw new OptionError({
      op,
      expected: "vectors: rows of numbers, or { values, dimension }",
      got: described(given),
      cure: "Those of a tensor x are { values: x.data(), dimension: x.shape[1] }.",
    });
  const count = values.length / dimension;
  if (!Number.isInteger(count) || count < 1)
    throw new ShapeError({
      op,
      expected: `vectors of ${dimension} numbers, one behind the other`,
      got: `${values.length} numbers`,
    });
  const at = values.findIndex((value: number) => !Number.isFinite(value));
  if (at >= 0)
    throw new NumericError({
      op,
      expected: "finite numbers",
      got: `${values[at]} in vector ${Math.floor(at / dimension)}, number ${at % dimension}`,
    });
  return { values, dimension, count };
}

function joined(op: string, rows: readonly ArrayLike<number>[]): Omit<Rows, "count"> {
  const dimension = Number(Object(rows[0]).length) || 0;
  const values = new Float64Array(rows.length * dimension);
  rows.forEach((row, i) => {
    const isRow = Array.isArray(row) || ArrayBuffer.isView(row);
    if (!isRow || row.length !== dimension || dimension === 0)
      throw new ShapeError({
        op,
        expected:
          dimension > 0 ? `vectors of ${dimension} numbers, as the first` : "vectors of numbers",
        got: isRow ? `${row.length} numbers in vector ${i}` : `${described(row)} as vector ${i}`,
      });
    values.set(row, i * dimension);
  });
  return { values, dimension };
}

/** The mean of each number. */
export function meanOf({ values, dimension, count }: Rows): Float64Array {
  const mean = new Float64Array(dimension);
  for (let from = 0; from < values.length; from += dimension)
    for (let j = 0; j < dimension; j++) mean[j]! += values[from + j]!;
  return mean.map((sum) => sum / count);
}
