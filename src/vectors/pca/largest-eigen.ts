// The largest eigenvalues of a matrix that is too large for all of them, by orthogonal iteration.
import { internal, NumericError } from "../../core/errors.js";
import { philox } from "../../core/random.js";
import { turnOfOthers } from "../../core/yield.js";
import { symmetricEigen, type Eigen } from "./symmetric-eigen.js";

/** Vectors beside those that are wanted: what lies between their values decides how fast all of them are found. */
const MORE = 10;
/** How little the values may change at last, relative to the largest: a vector's error is about the root of it. */
const TOLERANCE = 1e-13;
const MOST_ROUNDS = 1000;

/**
 * The `count` largest eigenvalues and their vectors, largest first, of a symmetric matrix without negative ones: a block of vectors is
 * multiplied by it and made orthogonal until the values stay (Rutishauser 1969).
 *
 * @param matrix `[n, n]`
 */
export async function largestEigen(matrix: Float64Array, n: number, count: number): Promise<Eigen> {
  const size = Math.min(n, count + MORE);
  let block: Float64Array<ArrayBufferLike> = startingBlock(size * n);
  orthogonalize(block, size, n);
  let before = new Float64Array(count);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const product = await multiplied(matrix, block, size, n);
    // Within the span of the block: the values of its own small matrix (Rayleigh & Ritz).
    const small = new Float64Array(size * size);
    for (let i = 0; i < size; i++)
      for (let j = 0; j <= i; j++)
        small[i * size + j] = small[j * size + i] = dot(block, i * n, product, j * n, n);
    const { values, vectors } = await symmetricEigen(small, size);
    const order = descending(values);
    const found = Float64Array.from(order.slice(0, count), (i) => values[i]!);
    const change = found.reduce(
      (most, value, i) => Math.max(most, Math.abs(value - before[i]!)),
      0,
    );
    if (change <= TOLERANCE * found[0]!)
      return { values: found, vectors: combined(block, vectors, order.slice(0, count), size, n) };
    before = found;
    block = combined(product, vectors, order, size, n);
    orthogonalize(block, size, n);
  }
  throw new NumericError({
    op: "pca",
    expected: `components that ${MOST_ROUNDS} rounds of orthogonal iteration tell apart`,
    got: "values that still change",
    cure: "Ask for fewer components.",
  });
}

/** Indices of values, the largest first. */
export function descending(values: Float64Array): number[] {
  return Array.from(values.keys()).sort((a, b) => values[b]! - values[a]! || a - b);
}

function startingBlock(length: number): Float64Array {
  const block = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const counter = { seedLo: 0, seedHi: 0, counterLo: i, counterHi: 0 };
    block[i] = philox(counter)[0] / 0x80000000 - 1;
  }
  return block;
}

/** Each row of the block times the matrix. */
async function multiplied(
  matrix: Float64Array,
  block: Float64Array,
  size: number,
  n: number,
): Promise<Float64Array> {
  const product = new Float64Array(size * n);
  for (let row = 0; row < n; row++) {
    const turn = turnOfOthers();
    if (turn) await turn;
    for (let i = 0; i < size; i++) product[i * n + row] = dot(matrix, row * n, block, i * n, n);
  }
  return product;
}

/** Rows as sums of rows, by the chosen rows of `weights`. */
function combined(
  rows: Float64Array,
  weights: Float64Array,
  chosen: readonly number[],
  size: number,
  n: number,
): Float64Array {
  const sums = new Float64Array(chosen.length * n);
  chosen.forEach((row, i) => {
    for (let j = 0; j < size; j++) add(sums, i * n, rows, j * n, n, weights[row * size + j]!);
  });
  return sums;
}

/** Gram & Schmidt, twice, as once leaves errors of rounding. */
function orthogonalize(block: Float64Array, size: number, n: number): void {
  for (let i = 0; i < size; i++) {
    for (let pass = 0; pass < 2; pass++)
      for (let j = 0; j < i; j++)
        add(block, i * n, block, j * n, n, -dot(block, i * n, block, j * n, n));
    const length = Math.sqrt(dot(block, i * n, block, i * n, n));
    if (Number.isNaN(length)) throw internal("a block that is not finite");
    // A row without a direction of its own stays zero.
    const factor = length > 0 ? 1 / length : 0;
    for (let k = i * n; k < (i + 1) * n; k++) block[k]! *= factor;
  }
}

function dot(a: Float64Array, from: number, b: Float64Array, start: number, n: number): number {
  let [even, odd] = [0, 0];
  let k = 0;
  for (; k + 1 < n; k += 2) {
    even += a[from + k]! * b[start + k]!;
    odd += a[from + k + 1]! * b[start + k + 1]!;
  }
  return k < n ? even + odd + a[from + k]! * b[start + k]! : even + odd;
}

function add(
  to: Float64Array,
  at: number,
  from: Float64Array,
  start: number,
  n: number,
  factor: number,
): void {
  for (let k = 0; k < n; k++) to[at + k]! += factor * from[start + k]!;
}
