import { madd } from "../../../assembly/simd/madd";

/** Flop of one round: 12 chains, a multiplication and an addition of four lanes each. */
export function ceilingFlop(): i32 {
  return 12 * 8;
}

/**
 * What the machine can do at all: 12 independent multiply-add chains that never leave the registers
 * (13 do, in Node 20; so do four rounds an iteration). The factor and the addend are arguments: as
 * constants V8 would build them anew before every use. Returns a sum of all chains: none is dropped.
 */
export function ceiling(rounds: i32, factor: f32, addend: f32): f32 {
  const a = f32x4.splat(factor);
  const b = f32x4.splat(addend);
  let c0 = b, c1 = f32x4.add(c0, b), c2 = f32x4.add(c1, b), c3 = f32x4.add(c2, b);
  let c4 = f32x4.add(c3, b), c5 = f32x4.add(c4, b), c6 = f32x4.add(c5, b), c7 = f32x4.add(c6, b);
  let c8 = f32x4.add(c7, b), c9 = f32x4.add(c8, b), c10 = f32x4.add(c9, b), c11 = f32x4.add(c10, b);
  for (let round = 0; round < rounds; round++) {
    c0 = madd(a, c0, b); c1 = madd(a, c1, b); c2 = madd(a, c2, b); c3 = madd(a, c3, b);
    c4 = madd(a, c4, b); c5 = madd(a, c5, b); c6 = madd(a, c6, b); c7 = madd(a, c7, b);
    c8 = madd(a, c8, b); c9 = madd(a, c9, b); c10 = madd(a, c10, b); c11 = madd(a, c11, b);
  }
  c0 = f32x4.add(c0, c1);
  c0 = f32x4.add(c0, c2);
  c0 = f32x4.add(c0, c3);
  c0 = f32x4.add(c0, c4);
  c0 = f32x4.add(c0, c5);
  c0 = f32x4.add(c0, c6);
  c0 = f32x4.add(c0, c7);
  c0 = f32x4.add(c0, c8);
  c0 = f32x4.add(c0, c9);
  c0 = f32x4.add(c0, c10);
  c0 = f32x4.add(c0, c11);
  return f32x4.extract_lane(c0, 0);
}
