// Eigenvalues and eigenvectors of a symmetric matrix in double precision: Householder's reduction to a tridiagonal matrix, then
// QL steps with implicit shifts (Bowdler, Martin, Reinsch & Wilkinson 1968: tred2 and tql2 of EISPACK). From + - * / and
// square roots alone.
import { turnOfOthers } from "../../core/yield.js";

export interface Eigen {
  /** In the order in which they were found. */
  readonly values: Float64Array;
  /** `[n, n]`: row i is the unit vector of value i. */
  readonly vectors: Float64Array;
}

/** @param matrix `[n, n]`, the lower triangle of which is read; it becomes the vectors */
export async function symmetricEigen(matrix: Float64Array, n: number): Promise<Eigen> {
  const d = new Float64Array(n);
  const e = new Float64Array(n);
  // Of a scale at which no square vanishes.
  const scale = matrix.reduce((most, value) => Math.max(most, Math.abs(value)), 0) || 1;
  for (let i = 0; i < matrix.length; i++) matrix[i]! /= scale;
  for (let j = 0; j < n; j++) d[j] = matrix[(n - 1) * n + j]!;
  for (let i = n - 1; i > 0; i--) {
    const turn = turnOfOthers();
    if (turn) await turn;
    reduce(matrix, d, e, n, i);
  }
  for (let i = 0; i < n - 1; i++) {
    const turn = turnOfOthers();
    if (turn) await turn;
    accumulate(matrix, d, n, i);
  }
  for (let j = 0; j < n; j++) {
    d[j] = matrix[j * n + n - 1]!;
    matrix[j * n + n - 1] = 0;
  }
  matrix[n * n - 1] = 1;
  e.copyWithin(0, 1);
  e[n - 1] = 0;
  const state = { shift: 0, largest: 0 };
  for (let l = 0; l < n; l++) {
    const turn = turnOfOthers();
    if (turn) await turn;
    findValue(matrix, d, e, n, l, state);
  }
  return { values: d.map((value) => value * scale), vectors: matrix };
}

/** Row and column i become those of a tridiagonal matrix; rows of `v` are what are columns in EISPACK. */
function reduce(v: Float64Array, d: Float64Array, e: Float64Array, n: number, i: number): void {
  let size = 0;
  for (let k = 0; k < i; k++) size += Math.abs(d[k]!);
  if (size === 0) {
    e[i] = d[i - 1]!;
    for (let j = 0; j < i; j++) {
      d[j] = v[j * n + i - 1]!;
      v[j * n + i] = 0;
      v[i * n + j] = 0;
    }
    d[i] = 0;
    return;
  }
  let h = 0;
  for (let k = 0; k < i; k++) {
    d[k]! /= size;
    h += d[k]! * d[k]!;
  }
  const last = d[i - 1]!;
  const g = last > 0 ? -Math.sqrt(h) : Math.sqrt(h);
  e[i] = size * g;
  h -= last * g;
  d[i - 1] = last - g;
  e.fill(0, 0, i);
  for (let j = 0; j < i; j++) {
    const row = j * n;
    const f = d[j]!;
    v[i * n + j] = f;
    let sum = e[j]! + v[row + j]! * f;
    for (let k = j + 1; k < i; k++) {
      const value = v[row + k]!;
      sum += value * d[k]!;
      e[k]! += value * f;
    }
    e[j] = sum;
  }
  let along = 0;
  for (let j = 0; j < i; j++) {
    e[j]! /= h;
    along += e[j]! * d[j]!;
  }
  const half = along / (h + h);
  for (let j = 0; j < i; j++) e[j]! -= half * d[j]!;
  for (let j = 0; j < i; j++) {
    const row = j * n;
    const [f, g] = [d[j]!, e[j]!];
    for (let k = j; k < i; k++) v[row + k]! -= f * e[k]! + g * d[k]!;
    d[j] = v[row + i - 1]!;
    v[row + i] = 0;
  }
  d[i] = h;
}

/** The transformations so far, times that of row i + 1. */
function accumulate(v: Float64Array, d: Float64Array, n: number, i: number): void {
  v[i * n + n - 1] = v[i * n + i]!;
  v[i * n + i] = 1;
  const next = (i + 1) * n;
  const h = d[i + 1]!;
  if (h !== 0) {
    for (let k = 0; k <= i; k++) d[k] = v[next + k]! / h;
    for (let j = 0; j <= i; j++) {
      const row = j * n;
      let g = 0;
      for (let k = 0; k <= i; k++) g += v[next + k]! * v[row + k]!;
      for (let k = 0; k <= i; k++) v[row + k]! -= g * d[k]!;
    }
  }
  v.fill(0, next, next + i + 1);
}

/** QL steps until value l stands alone. */
function findValue(
  v: Float64Array,
  d: Float64Array,
  e: Float64Array,
  n: number,
  l: number,
  state: { shift: number; largest: number },
): void {
  state.largest = Math.max(state.largest, Math.abs(d[l]!) + Math.abs(e[l]!));
  const small = Number.EPSILON * state.largest;
  let m = l;
  while (m < n - 1 && Math.abs(e[m]!) > small) m++;
  if (m > l)
    do {
      const g = d[l]!;
      let p = (d[l + 1]! - g) / (2 * e[l]!);
      const r = p < 0 ? -Math.sqrt(p * p + 1) : Math.sqrt(p * p + 1);
      d[l] = e[l]! / (p + r);
      d[l + 1] = e[l]! * (p + r);
      const second = d[l + 1]!;
      const h = g - d[l];
      for (let i = l + 2; i < n; i++) d[i]! -= h;
      state.shift += h;
      p = d[m]!;
      let [c, c2, c3, s, s2] = [1, 1, 1, 0, 0];
      const below = e[l + 1]!;
      for (let i = m - 1; i >= l; i--) {
        c3 = c2;
        c2 = c;
        s2 = s;
        const g = c * e[i]!;
        const h = c * p;
        const r = Math.sqrt(p * p + e[i]! * e[i]!);
        e[i + 1] = s * r;
        s = e[i]! / r;
        c = p / r;
        p = c * d[i]! - s * g;
        d[i + 1] = h + s * (c * g + s * d[i]!);
        turnRows(v, i * n, n, c, s);
      }
      p = (-s * s2 * c3 * below * e[l]!) / second;
      e[l] = s * p;
      d[l] = c * p;
    } while (Math.abs(e[l]) > small);
  d[l]! += state.shift;
  e[l] = 0;
}

/** The row at `from` and the next are turned by an angle. */
function turnRows(v: Float64Array, from: number, n: number, c: number, s: number): void {
  for (let k = from; k < from + n; k++) {
    const [low, high] = [v[k]!, v[k + n]!];
    v[k + n] = s * low + c * high;
    v[k] = c * low - s * high;
  }
}
