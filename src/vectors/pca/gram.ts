// Sums of products of what has been centered: between numbers of a vector, or between vectors.
import { turnOfOthers } from "../../core/yield.js";
import { buffer } from "../../wasm/backend.js";
import { offset, type Ptr } from "../../wasm/ptr.js";
import { vectorKernels } from "../../wasm/vectors.js";
import { allocateBlock } from "../../tensor/storage.js";
import type { Rows } from "../rows.js";

/** Products of one call of the kernel: a few milliseconds. */
const PRODUCTS = 3e7;
const MOST_ROWS = 256;

/**
 * `[m, m]`: XᵀX of the vectors X less their mean, where `columns`; else XXᵀ.
 *
 * @param m dimension, or number of vectors
 */
export async function gramMatrix(
  { values, dimension, count }: Rows,
  mean: Float64Array,
  columns: boolean,
): Promise<Float64Array> {
  const [m, along] = columns ? [dimension, count] : [count, dimension];
  const width = Math.ceil(m / 4) * 4;
  const together = Math.max(1, Math.min(MOST_ROWS, Math.floor(PRODUCTS / (width * width)), along));
  const space = allocateBlock(8 * width * (width + together));
  try {
    const out = space.ptr;
    const rows = offset(out, 8 * width * width);
    f64(out, width * (width + together)).fill(0);
    for (let first = 0; first < along; first += together) {
      const turn = turnOfOthers();
      if (turn) await turn;
      const n = Math.min(together, along - first);
      const view = f64(rows, n * width);
      for (let i = 0; i < n; i++)
        if (columns)
          for (let j = 0, from = (first + i) * dimension; j < m; j++)
            view[i * width + j] = values[from + j]! - mean[j]!;
        else
          for (let j = 0, k = first + i; j < m; j++)
            view[i * width + j] = values[j * dimension + k]! - mean[k]!;
      vectorKernels().covarianceAcc(out, rows, n, width);
    }
    const sums = f64(out, width * width);
    const matrix = new Float64Array(m * m);
    for (let i = 0; i < m; i++)
      for (let j = i; j < m; j++) matrix[i * m + j] = matrix[j * m + i] = sums[i * width + j]!;
    return matrix;
  } finally {
    space.free();
  }
}

function f64(ptr: Ptr, length: number): Float64Array {
  return new Float64Array(buffer(), ptr, length);
}
