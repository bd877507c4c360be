import { madd } from "../../../assembly/simd/madd";

/** Factor and addend, loaded: as constants V8 would build them anew before every use. */
const OPERANDS = memory.data<f32>([0.5, 0.5]);

/**
 * What this machine can do at all: 12 independent multiply-add chains that live in registers, one
 * multiply and one add of four lanes each (8 flop) an iteration. Returns a sum so that nothing is
 * dropped.
 */
export function ceiling(iterations: i32): f32 {
  const a = v128.load32_splat(OPERANDS);
  const b = v128.load32_splat(OPERANDS, 4);
  let c0 = a;
  let c1 = a;
  let c2 = a;
  let c3 = a;
  let c4 = a;
  let c5 = a;
  let c6 = a;
  let c7 = a;
  let c8 = a;
  let c9 = a;
  let c10 = a;
  let c11 = a;
  for (let i = 0; i < iterations; i++) {
    c0 = madd(c0, a, b);
    c1 = madd(c1, a, b);
    c2 = madd(c2, a, b);
    c3 = madd(c3, a, b);
    c4 = madd(c4, a, b);
    c5 = madd(c5, a, b);
    c6 = madd(c6, a, b);
    c7 = madd(c7, a, b);
    c8 = madd(c8, a, b);
    c9 = madd(c9, a, b);
    c10 = madd(c10, a, b);
    c11 = madd(c11, a, b);
  }
  const low = f32x4.add(f32x4.add(c0, c1), f32x4.add(c2, c3));
  const middle = f32x4.add(f32x4.add(c4, c5), f32x4.add(c6, c7));
  const high = f32x4.add(f32x4.add(c8, c9), f32x4.add(c10, c11));
  return f32x4.extract_lane(f32x4.add(low, f32x4.add(middle, high)), 0);
}

/** Flop of one iteration of `ceiling`. */
export function ceilingFlop(): i32 {
  return 12 * 8;
}
