// Powers of two, for softmax in base 2. The bound stated here is enforced by test/kernels/simd.test.ts.
import { constant } from "./lanes";
import { madd } from "./madd";

const EXP2 = memory.data<f32>([
  12582912.0, // 0: 1.5 · 2^23, whose addition rounds to an integer that then stands in the low bits
  -127.0, // 1: below, results are 0
  0.000158371141878888, // 2 to 7: (2^r - 1) / r, minimax
  0.0013418503804132342,
  0.009617025963962078,
  0.05550272762775421,
  0.24022655189037323,
  0.6931472420692444,
  1.0, // 8
]);

/**
 * 2^x for x ≤ 127 within 1.2 ulp, by a polynomial of degree 6 with a relative error of 7e-9. Exactly 1 at 0; results below
 * 2^-126.5 are 0; NaN gives NaN. A fifth cheaper than exp(x): what is left of x beside its integer is exact in one step.
 */
// @ts-ignore: decorator
@inline
export function vexp2(x: v128): v128 {
  // Of this operand order pmax keeps NaN.
  const clamped = f32x4.pmax(x, constant(EXP2, 1));
  const rounded = f32x4.add(clamped, constant(EXP2, 0));
  const r = f32x4.sub(clamped, f32x4.sub(rounded, constant(EXP2, 0)));
  let p = madd(r, constant(EXP2, 2), constant(EXP2, 3));
  p = madd(p, r, constant(EXP2, 4));
  p = madd(p, r, constant(EXP2, 5));
  p = madd(p, r, constant(EXP2, 6));
  p = madd(p, r, constant(EXP2, 7));
  p = madd(p, r, constant(EXP2, 8));
  return f32x4.mul(p, i32x4.add(i32x4.shl(rounded, 23), constant(EXP2, 8)));
}
