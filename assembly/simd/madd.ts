/**
 * a · b + c in every lane: the only place that knows relaxed SIMD. The plain build rounds twice
 * and gives the same bits on every engine; the relaxed build may fuse.
 */
// @ts-ignore: decorator
@inline
export function madd(a: v128, b: v128, c: v128): v128 {
  if (ASC_FEATURE_RELAXED_SIMD) return f32x4.relaxed_madd(a, b, c);
  return mulAdd(a, b, c);
}

/**
 * a · b + c with two roundings in either build: where fusing would gain nothing. Functions without `madd` are the same bytes
 * in both modules, which therefore compress better together.
 */
// @ts-ignore: decorator
@inline
export function mulAdd(a: v128, b: v128, c: v128): v128 {
  return f32x4.add(f32x4.mul(a, b), c);
}
