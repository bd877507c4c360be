// Philox4x32-10 (Salmon et al., SC 2011), four blocks at a time, as src/core/random.ts has it: the
// counter's low 64 bits number the blocks, the key is the seed. Element i is made from word i of the
// stream, so results do not depend on how a fill is cut into calls at multiples of four.
import { constant, select, storeLastPair } from "../simd/lanes";
import { inlinedLog } from "../simd/exp";
import { vsinTurn } from "../simd/trig";

const MULTIPLIERS = memory.data<u32>([0xd2511f53, 0xcd9e8d57]);

const BITS = 0;
const UNIFORM = 1;
const NORMAL = 2;
const DROPOUT = 3;

/** Words as uniform numbers in [0, 1): their upper 24 bits. */
// @ts-ignore: decorator
@inline
function uniform(words: v128): v128 {
  return f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), f32x4.splat(5.9604644775390625e-8));
}

/** Box and Muller's radius from words: sqrt(-2 log u) with u in (0, 1]. */
// @ts-ignore: decorator
@inline
function radius(words: v128): v128 {
  const above = i32x4.add(i32x4.shr_u(words, 8), i32x4.splat(1));
  const u = f32x4.mul(f32x4.convert_i32x4_s(above), f32x4.splat(5.9604644775390625e-8));
  return f32x4.sqrt(f32x4.mul(inlinedLog(u), f32x4.splat(-2)));
}

/**
 * Turns one vector of words into four elements. Inlined, as all that the loop of `generate` uses, because JavaScriptCore
 * at times goes on wrongly in a loop that calls (docs/findings.md, 22).
 */
// @ts-ignore: decorator
@inline
function elements(op: i32, x: usize, words: v128, p: f32, q: f32): v128 {
  if (op == UNIFORM) {
    // From p to below q; where rounding reaches q, p.
    const sample = f32x4.add(f32x4.mul(uniform(words), f32x4.splat(q - p)), f32x4.splat(p));
    return select(f32x4.lt(sample, f32x4.splat(q)), sample, f32x4.splat(p));
  }
  if (op == DROPOUT) {
    const keep = f32x4.ge(uniform(words), f32x4.splat(p));
    return v128.and(f32x4.mul(v128.load(x), f32x4.splat(q)), keep);
  }
  return words;
}

function generate(
  op: i32, out: usize, x: usize, n: i32, p: f32, q: f32, seedLo: i32, seedHi: i32, counterLo: i32, counterHi: i32,
): void {
  generateInPlace(op, out, x, n, p, q, seedLo, seedHi, counterLo, counterHi);
}

// @ts-ignore: decorator
@inline
function generateInPlace(
  op: i32, out: usize, x: usize, n: i32, p: f32, q: f32, seedLo: i32, seedHi: i32, counterLo: i32, counterHi: i32,
): void {
  let block = (<u64><u32>counterHi << 32) | <u64><u32>counterLo;
  const multiplier0 = constant(MULTIPLIERS, 0);
  const multiplier1 = constant(MULTIPLIERS, 1);
  for (; ; n -= 16, out += 64, x += 64, block += 4) {
    // c0 to c3 hold one word of each of four blocks.
    const low = i32x4.splat(<i32>block);
    let c0 = i32x4.add(low, i32x4(0, 1, 2, 3));
    let c1 = i32x4.sub(i32x4.splat(<i32>(block >> 32)), i32x4.lt_u(c0, low));
    let c2 = i32x4.splat(0);
    let c3 = i32x4.splat(0);
    let key0 = seedLo;
    let key1 = seedHi;
    for (let round = 0; round < 10; round++) {
      const low0 = i64x2.extmul_low_i32x4_u(c0, multiplier0);
      const high0 = i64x2.extmul_high_i32x4_u(c0, multiplier0);
      const low1 = i64x2.extmul_low_i32x4_u(c2, multiplier1);
      const high1 = i64x2.extmul_high_i32x4_u(c2, multiplier1);
      c0 = v128.xor(v128.xor(v128.shuffle<i32>(low1, high1, 1, 3, 5, 7), c1), i32x4.splat(key0));
      c2 = v128.xor(v128.xor(v128.shuffle<i32>(low0, high0, 1, 3, 5, 7), c3), i32x4.splat(key1));
      c1 = v128.shuffle<i32>(low1, high1, 0, 2, 4, 6);
      c3 = v128.shuffle<i32>(low0, high0, 0, 2, 4, 6);
      key0 += 0x9e3779b9;
      key1 += 0xbb67ae85;
    }
    if (op == NORMAL) {
      // Each turn makes two deviates of c0 and c1, and moves the other pair to their place.
      for (let pair = 0; pair < 2; pair++) {
        const r = radius(c0);
        const cosine = f32x4.mul(r, vsinTurn(i32x4.add(c1, i32x4.splat(0x40000000))));
        const sine = f32x4.mul(r, vsinTurn(c1));
        c0 = c2;
        c1 = c3;
        c2 = cosine;
        c3 = sine;
      }
    }
    const even01 = v128.shuffle<i32>(c0, c1, 0, 4, 1, 5);
    const odd01 = v128.shuffle<i32>(c0, c1, 2, 6, 3, 7);
    const even23 = v128.shuffle<i32>(c2, c3, 0, 4, 1, 5);
    const odd23 = v128.shuffle<i32>(c2, c3, 2, 6, 3, 7);
    const a = elements(op, x, v128.shuffle<i64>(even01, even23, 0, 2), p, q);
    const b = elements(op, x + 16, v128.shuffle<i64>(even01, even23, 1, 3), p, q);
    if (n <= 8) return storeLastPair(out, a, b, n);
    v128.store(out, a);
    v128.store(out, b, 16);
    const c = elements(op, x + 32, v128.shuffle<i64>(odd01, odd23, 0, 2), p, q);
    const d = elements(op, x + 48, v128.shuffle<i64>(odd01, odd23, 1, 3), p, q);
    if (n <= 16) return storeLastPair(out + 32, c, d, n - 8);
    v128.store(out, c, 32);
    v128.store(out, d, 48);
  }
}

/** out (words of 32 bits) = the first n words of the stream that starts at a block. Overwrites. */
export function bitsFill(
  out: usize, n: i32, seedLo: i32, seedHi: i32, counterLo: i32, counterHi: i32,
): void {
  generate(BITS, out, 0, n, 0, 0, seedLo, seedHi, counterLo, counterHi);
}

/** As bitsFill, for other kernels, in whose modules nothing else of this file then is. */
export function bitsOf(out: usize, n: i32, seedLo: i32, seedHi: i32, counterLo: i32, counterHi: i32): void {
  generateInPlace(BITS, out, 0, n, 0, 0, seedLo, seedHi, counterLo, counterHi);
}

/** out = n uniform numbers in [low, high), from the upper 24 bits of a word each: the same bits in every build. Overwrites. */
export function uniformFill(
  out: usize, n: i32, low: f32, high: f32, seedLo: i32, seedHi: i32, counterLo: i32, counterHi: i32,
): void {
  generate(UNIFORM, out, 0, n, low, high, seedLo, seedHi, counterLo, counterHi);
}

/** out = n standard normal numbers (Box and Muller's transform of each pair of words). Overwrites. */
export function normalFill(
  out: usize, n: i32, seedLo: i32, seedHi: i32, counterLo: i32, counterHi: i32,
): void {
  generate(NORMAL, out, 0, n, 0, 0, seedLo, seedHi, counterLo, counterHi);
}

/**
 * out = x · scale where the uniform number of the element's word is p or more, else 0 (whatever x holds), n elements.
 * The same call on the gradient is the backward; the mask is the same in every build. Overwrites; out may be x.
 */
export function dropout(
  out: usize, x: usize, n: i32, p: f32, scale: f32, seedLo: i32, seedHi: i32, counterLo: i32, counterHi: i32,
): void {
  generate(DROPOUT, out, x, n, p, scale, seedLo, seedHi, counterLo, counterHi);
}
