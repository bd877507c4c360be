// How packed matrices are cut. B [k, n] becomes panels of whole columns, each [k][width] contiguous, so
// that a tile reads it in one forward sweep. Widths, in columns:
//   products of several rows: PANEL, then, in the plain build, one narrower panel, rounded up to whole vectors;
//   products of one row: 48 as long as they last, then 16, then 4.
// What lies beyond column n in a panel is undefined: no kernel stores it.

/** Rows and columns of the register tile: measured best in each build (docs/findings.md). */
export const TILE_ROWS: i32 = ASC_FEATURE_RELAXED_SIMD ? 6 : 2;
export const PANEL: i32 = ASC_FEATURE_RELAXED_SIMD ? 8 : 16;

/** The width of the panel of a one-row product that starts with `rest` columns left. */
// @ts-ignore: decorator
@inline
export function rowPanel(rest: i32): i32 {
  return rest >= 48 ? 48 : rest >= 16 ? 16 : 4;
}

/** The width of the panel of a several-row product that starts with `rest` columns left. */
// @ts-ignore: decorator
@inline
export function tilePanel(rest: i32): i32 {
  return ASC_FEATURE_RELAXED_SIMD || rest >= PANEL ? PANEL : (rest + 3) & -4;
}

/** Bytes of a packed [k, n] matrix of either kind. */
export function packedBytes(k: i32, n: i32): usize {
  const whole: i32 = ASC_FEATURE_RELAXED_SIMD ? PANEL : 4;
  return (<usize>k * ((n + whole - 1) & -whole)) << 2;
}
