// Triangles and diagonals of matrices, and the mask of what came before.
import { checkCall, checkCount } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { eye, tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { indexSelect } from "./index-select.js";
import { reshape } from "./reshape.js";
import { where } from "./where.js";

/** 1 where column - row ≤ diagonal, else 0: int32 `[rows, columns]`. */
function atOrBelow(rows: number, columns: number, diagonal: number): Tensor<"int32"> {
  const mask = new Int32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const end = Math.min(Math.max(row + diagonal + 1, 0), columns);
    mask.fill(1, row * columns, row * columns + end);
  }
  return tensor(mask, { shape: [rows, columns] });
}

function maskOf(op: string, { shape }: Tensor<DType>, diagonal: number): Tensor<"int32"> {
  if (shape.length < 2)
    throw new ShapeError({
      op,
      expected: "matrices [..., rows, columns]",
      got: formatShape(shape),
    });
  return atOrBelow(shape.at(-2)!, shape.at(-1)!, diagonal);
}

/**
 * The last two axes' lower triangle: elements above a diagonal become 0.
 *
 * @param diagonal which one: 0 (default) the main, positive above it, negative below it
 * @throws ShapeError for fewer than two axes
 */
export function tril<D extends DType>(x: Tensor<D>, diagonal = 0): Tensor<D> {
  checkCall("tril", arguments, "x:tensor diagonal?:number");
  return where(maskOf("tril", x, diagonal), x, 0);
}

/**
 * The last two axes' upper triangle: elements below a diagonal become 0.
 *
 * @param diagonal which one: 0 (default) the main, positive above it, negative below it
 * @throws ShapeError for fewer than two axes
 */
export function triu<D extends DType>(x: Tensor<D>, diagonal = 0): Tensor<D> {
  checkCall("triu", arguments, "x:tensor diagonal?:number");
  return where(maskOf("triu", x, diagonal - 1), 0, x);
}

/**
 * Which keys a query may see that looks at its own and earlier positions: int32 `[queries, keys]`, 1 where
 * allowed. With more keys than queries, the last query sees all of them.
 */
export function causalMask(queries: number, keys = queries): Tensor<"int32"> {
  checkCall("causalMask", arguments, "queries:number keys?:number");
  checkCount("causalMask", "queries", queries, 0);
  checkCount("causalMask", "keys", keys, 0);
  return atOrBelow(queries, keys, keys - queries);
}

/**
 * A matrix with a vector on its main diagonal and 0 elsewhere; of a matrix, its main diagonal.
 *
 * @throws ShapeError for other shapes
 */
export function diag<D extends DType>(x: Tensor<D>): Tensor<D> {
  checkCall("diag", arguments, "x:tensor");
  const [rows, columns] = x.shape;
  if (x.shape.length === 1) return where(eye(rows!, rows, { dtype: "int32" }), x, 0);
  if (x.shape.length !== 2)
    throw new ShapeError({
      op: "diag",
      expected: "a vector or a matrix",
      got: formatShape(x.shape),
    });
  const length = Math.min(rows!, columns!);
  const positions = tensor(Int32Array.from({ length }, (_, i) => i * (columns! + 1)));
  return indexSelect(reshape(x, [x.size]), 0, positions);
}
