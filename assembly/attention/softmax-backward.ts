// From scores to their gradients.
import { TILE_ROWS } from "../gemm/panels";
import { vexp2 } from "../simd/exp2";
import { laneMask } from "../simd/lanes";
import { CAUSAL, DROP, real, SCORE_ROW, seenBy, word } from "./layout";
import { allowed, drawn, kept, maskOf, maskStep } from "./masks";

/**
 * For a block of rows: weights = 2^(score - log), those that multiplied the values where some were dropped; dWeights, at first
 * dOut · value, = the gradients of the scores, weight · (dOut · value - delta). Zeros for what a query may not see, and
 * behind it as far as a tile may read. Reads and writes whole vectors.
 */
export function weighBackward(
  weights: usize, dWeights: usize, logs: usize, deltas: usize, words: usize, layout: usize, row: i32, head: i32, query: i32, key: i32,
  rows: i32, first: i32, keys: i32,
): void {
  const step = word(layout, CAUSAL), byKey = maskStep(layout), drops = real(layout, DROP);
  const p = f32x4.splat(drops), scale = f32x4.splat(<f32>(1 / (1 - <f64>drops)));
  for (let i = 0; i < rows; i++, weights += SCORE_ROW << 2, dWeights += SCORE_ROW << 2, logs += 4, deltas += 4) {
    const seen = seenBy(i, first, step, keys);
    const log = v128.load32_splat(logs), delta = v128.load32_splat(deltas);
    let mask = maskOf(layout, row, head, query + i);
    if (mask) mask += <usize>(key * byKey) << 2;
    let random: usize = drops > 0 && seen > 0 ? drawn(words, layout, row, head, query + i, key, seen) : 0;
    let x = weights, dx = dWeights;
    for (let n = seen; n > 0; n -= 4, x += 16, dx += 16) {
      let weight = vexp2(f32x4.sub(v128.load(x), log)), used = weight;
      const gradient = v128.load(dx);
      let result = f32x4.mul(weight, f32x4.sub(gradient, delta));
      if (random) {
        used = v128.and(f32x4.mul(weight, scale), kept(random, p));
        result = f32x4.sub(f32x4.mul(used, gradient), f32x4.mul(weight, delta));
        random += 16;
      }
      if (mask || n < 4) {
        let sees = laneMask(n);
        if (mask) {
          sees = v128.and(sees, allowed(mask, byKey));
          mask += <usize>byKey << 4;
        }
        used = v128.and(used, sees);
        result = v128.and(result, sees);
      }
      v128.store(x, used);
      v128.store(dx, result);
    }
    for (const end = weights + (<usize>(seen + TILE_ROWS - 1) << 2); x < end; x += 16, dx += 16) {
      v128.store(x, f32x4.splat(0));
      v128.store(dx, f32x4.splat(0));
    }
  }
}
