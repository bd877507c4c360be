// Matrix products in float64 with the bound that float32 owes them, and matrices with rows apart.
import { noise } from "./harness.js";

/** A row-major matrix whose rows are `ld` apart; what lies between them is NaN. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly ld: number;
  readonly values: Float32Array;
}

export function matrix(rows: number, columns: number, seed: number, ld = columns): Matrix {
  const values = new Float32Array(Math.max(0, (rows - 1) * ld + columns)).fill(NaN);
  const source = noise(rows * columns, seed);
  for (let row = 0; row < rows; row++)
    values.set(source.subarray(row * columns, (row + 1) * columns), row * ld);
  return { rows, columns, ld, values };
}

export const transposed = (x: Matrix): Matrix => {
  const values = new Float32Array(x.rows * x.columns);
  for (let i = 0; i < x.rows; i++)
    for (let j = 0; j < x.columns; j++) values[j * x.rows + i] = x.values[i * x.ld + j]!;
  return { rows: x.columns, columns: x.rows, ld: x.rows, values };
};

/** A product in float64, and how far float32 may be from it when each product and each sum rounds once. */
export interface ExactProduct {
  readonly exact: Float64Array;
  readonly bound: Float64Array;
}

const boundOf = (depth: number, size: number): number => (depth + 1) * 2 ** -24 * 1.01 * size;

/** init + a·b. */
export function exactProduct(
  a: Matrix,
  b: Matrix,
  init?: (row: number, column: number) => number,
): ExactProduct {
  const exact = new Float64Array(a.rows * b.columns);
  const bound = new Float64Array(a.rows * b.columns);
  for (let i = 0; i < a.rows; i++)
    for (let j = 0; j < b.columns; j++) {
      let sum = 0;
      let size = 0;
      for (let p = 0; p < a.columns; p++) {
        const term = a.values[i * a.ld + p]! * b.values[p * b.ld + j]!;
        sum += term;
        size += Math.abs(term);
      }
      exact[i * b.columns + j] = sum;
      bound[i * b.columns + j] = boundOf(a.columns, size);
    }
  const product = { exact, bound };
  return init ? plus(product, b.columns, a.columns, init) : product;
}

/** init + a product of such a depth. */
export function plus(
  { exact, bound }: ExactProduct,
  columns: number,
  depth: number,
  init: (row: number, column: number) => number,
): ExactProduct {
  const of = (at: number) => init(Math.floor(at / columns), at % columns);
  return {
    exact: exact.map((value, at) => value + of(at)),
    bound: bound.map((value, at) => value + boundOf(depth, Math.abs(of(at)))),
  };
}

/**
 * How far `actual` exceeds its bound, at the worst element: at most 1 is right, NaN is wrong. What lies
 * between the rows must be as it was: anything but NaN there is reported as Infinity.
 */
export function excess(
  actual: Float32Array,
  ld: number,
  { exact, bound }: ExactProduct,
  columns: number,
): number {
  let worst = 0;
  for (let at = 0; at < actual.length; at++) {
    const row = Math.floor(at / ld);
    const column = at % ld;
    const value = actual[at]!;
    if (column >= columns) {
      if (!Number.isNaN(value)) return Infinity;
      continue;
    }
    const i = row * columns + column;
    const error = Math.abs(value - exact[i]!);
    if (Number.isNaN(error)) return NaN;
    if (error > 0) worst = Math.max(worst, error / bound[i]!);
  }
  return worst;
}
