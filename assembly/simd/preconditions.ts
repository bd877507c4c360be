// What callers owe a kernel, checked in the debug build. Elsewhere these are nothing.

/** Packed matrices, records and scratch begin at 64 bytes. */
// @ts-ignore: decorator
@inline
export function assertAligned(block: usize): void {
  if (!ASC_NO_ASSERT) assert((block & 63) == 0, "not aligned to 64 bytes");
}

/** Two blocks without a byte in common. */
// @ts-ignore: decorator
@inline
export function assertApart(a: usize, aBytes: usize, b: usize, bBytes: usize): void {
  if (!ASC_NO_ASSERT) assert(aBytes == 0 || bBytes == 0 || a + aBytes <= b || b + bBytes <= a, "blocks overlap");
}

/** Bytes of a matrix whose rows begin `stride` ≥ `columns` elements apart; checks that they do. */
// @ts-ignore: decorator
@inline
export function matrixBytes(rows: i32, columns: i32, stride: i32): usize {
  if (!ASC_NO_ASSERT) assert(rows >= 0 && columns >= 0 && (stride >= columns || rows <= 1), "rows overlap");
  return rows > 0 ? (<usize>(rows - 1) * stride + columns) << 2 : 0;
}
