import { mulAdd } from "../simd/madd";
import { storeLast } from "../simd/lanes";
import { RECORD_BYTES, gradientOf, lengthOf, parameterOf, secondStateOf, stateOf, thirdStateOf } from "./table";

/**
 * One step of RMSprop or Adagrad over a table (see table.ts), PyTorch's form: g ← gradient + weightDecay · p; s ← keep · s
 * + take · g²; d ← g / (sqrt(s) + eps); p ← p - lr · d. Centered: a ← keep · a + take · g, and sqrt(s - a²) instead, never
 * of a negative number. With momentum: b ← momentum · b + d, and p ← p - lr · b. RMSprop has keep = alpha, take = 1 - alpha;
 * Adagrad keep = take = 1. The states are s, then b where momentum is not 0, then a where centered. Gradients are not
 * changed.
 */
export function rmsStep(
  table: usize, count: i32, lr: f64, keep: f64, take: f64, eps: f64, weightDecay: f64, momentum: f64, centered: i32,
): void {
  const rate = f32x4.splat(<f32>-lr);
  const old = f32x4.splat(<f32>keep);
  const fresh = f32x4.splat(<f32>take);
  const epsilon = f32x4.splat(<f32>eps);
  const decay = f32x4.splat(<f32>weightDecay);
  const inertia = f32x4.splat(<f32>momentum);
  for (; count > 0; count--, table += RECORD_BYTES) {
    let gradient = gradientOf(table);
    if (!gradient) continue;
    let parameter = parameterOf(table);
    let square = stateOf(table);
    let buffer = secondStateOf(table);
    let average = momentum != 0 ? thirdStateOf(table) : buffer;
    for (let n = lengthOf(table); ; n -= 4, gradient += 16, parameter += 16, square += 16) {
      const p = v128.load(parameter);
      const g = mulAdd(p, decay, v128.load(gradient));
      const s = mulAdd(f32x4.mul(g, fresh), g, f32x4.mul(v128.load(square), old));
      let variance = s, a = s;
      if (centered) {
        a = mulAdd(g, fresh, f32x4.mul(v128.load(average), old));
        variance = f32x4.max(f32x4.sub(s, f32x4.mul(a, a)), f32x4.splat(0));
      }
      let d = f32x4.div(g, f32x4.add(f32x4.sqrt(variance), epsilon));
      if (momentum != 0) d = mulAdd(v128.load(buffer), inertia, d);
      const next = mulAdd(d, rate, p);
      if (n <= 4) {
        storeLast(square, s, n);
        if (centered) storeLast(average, a, n);
        if (momentum != 0) storeLast(buffer, d, n);
        storeLast(parameter, next, n);
        break;
      }
      v128.store(square, s);
      if (centered) {
        v128.store(average, a);
        average += 16;
      }
      if (momentum != 0) {
        v128.store(buffer, d);
        buffer += 16;
      }
      v128.store(parameter, next);
    }
  }
}
