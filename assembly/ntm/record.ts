// What one head keeps of one step for its gradient, and how its parameters lie. N rows of memory, M wide. Memory stands
// transposed, [M, P]: column after column, each of P = N rounded up to whole vectors, with zeros behind the N-th. A
// weighting is [P], zeros behind the N-th too. So loops over the rows of memory run over whole vectors.

/** Below it a norm counts as this much, as in PyTorch's cosine similarity. */
export const LEAST_NORM: f64 = 1e-8;

/** Weights below it count as this much where they are raised to a power. */
export const LEAST_WEIGHT: f32 = 1e-30;

/** A weighting none of whose weights reaches this is nothing: it stays zeros, without a gradient. */
export const LEAST_FOCUS: f32 = 1e-16;

/** Gradients are kept within ± this on their way, so that none is infinite: 0 · ∞ would be NaN. */
export const MOST_GRADIENT: f32 = 1e12;

/** Bytes of a float32 row of n, rounded up to whole vectors. */
// @ts-ignore: decorator
@inline
export function rowBytes(n: i32): usize {
  return <usize>((n + 3) & ~3) << 2;
}

// The record of a head: scalars, then rows.

/** 1 / the norm of the key. */
export const KEY_INVERSE: usize = 0;
/** dβ/dx and dγ/dx of what softplus made of x. */
export const STRENGTH_SLOPE: usize = 4;
export const SHARPNESS_SLOPE: usize = 8;
/** 1 where the weighting is something, else 0. */
export const FOCUSED: usize = 12;
/** 1 where the key's norm is its own, 0 where it counts as the least. */
export const KEY_FREE: usize = 16;

/** The key divided by its norm, [M]. */
export const UNIT_KEY: usize = 64;

/** Cosines of the key and each row of memory, [P], after the unit key. */
// @ts-ignore: decorator
@inline
export function cosinesOf(record: usize, M: i32): usize {
  return record + UNIT_KEY + rowBytes(M);
}

// Behind them, each [P]: 1 / the rows' norms, the weighting by content, the shifted weighting, its logarithms; then the
// interpolated weighting with its ends wrapped round, [shiftRange + N + shiftRange], and zeros.

/** Bytes of the interpolated weighting with its ends. */
// @ts-ignore: decorator
@inline
export function wrappedBytes(N: i32, shiftRange: i32): usize {
  return rowBytes(rowLength(N) + 2 * shiftRange);
}

// @ts-ignore: decorator
@inline
function rowLength(N: i32): i32 {
  return (N + 3) & ~3;
}

/** Float32 elements of what a head keeps of a step. */
export function ntmRecordSize(N: i32, M: i32, shiftRange: i32): i32 {
  const bytes: usize = cosinesOf(0, M) + 5 * rowBytes(N) + wrappedBytes(N, shiftRange);
  return <i32>(bytes >> 2);
}

// A head's parameters: key [M], strength, gate, shift [2 · shiftRange + 1], sharpness; of a head that writes then erase [M],
// add [M].

/** How many parameters a head has. */
// @ts-ignore: decorator
@inline
export function parameterCount(M: i32, shiftRange: i32, writes: bool): i32 {
  return (writes ? 3 * M : M) + 2 * shiftRange + 4;
}

/** Whether the head of this number writes: bit by bit. */
// @ts-ignore: decorator
@inline
export function isWriter(writers: i32, head: i32): bool {
  return ((writers >> head) & 1) != 0;
}

/** Zeros, or another value, behind the N-th element of a row. */
// @ts-ignore: decorator
@inline
export function endRow(row: usize, N: i32, value: f32): void {
  for (let i = N; (i & 3) != 0; i++) store<f32>(row + (<usize>i << 2), value);
}

/** Copies the ends of a row of N, which stands behind `range` elements, to the other side: in front of it and behind it. */
// @ts-ignore: decorator
@inline
export function wrapRow(start: usize, N: i32, range: i32): void {
  const size = <usize>N << 2;
  const row = start + (<usize>range << 2);
  for (let i: usize = 0, end = <usize>range << 2; i < end; i += 4) {
    store<f32>(start + i, load<f32>(start + size + i));
    store<f32>(row + size + i, load<f32>(row + i));
  }
}
