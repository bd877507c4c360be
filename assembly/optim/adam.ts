import { mulAdd } from "../simd/madd";
import { storeLast } from "../simd/lanes";
import { RECORD_BYTES, gradientOf, lengthOf, parameterOf, secondStateOf, stateOf, thirdStateOf } from "./table";

/**
 * One step of Adam over a table (see table.ts), PyTorch's form: m ← m + (1 - beta1) · (g - m), v ← beta2 · v +
 * (1 - beta2) · g², p ← p - lr / biasCorrection1 · m / (sqrt(v) / sqrt(biasCorrection2) + eps). weightDecay is added to
 * the gradient as weightDecay · p, or decoupled (AdamW): p ← p · (1 - lr · weightDecay) first. With amsgrad the
 * denominator has the largest v so far. The states are m, v and, with amsgrad, that largest; biasCorrectionN = 1 -
 * betaN^step. Gradients are not changed.
 */
export function adamStep(
  table: usize, count: i32, lr: f64, beta1: f64, beta2: f64, eps: f64, weightDecay: f64, decoupled: i32,
  biasCorrection1: f64, biasCorrection2: f64, amsgrad: i32,
): void {
  const take1 = f32x4.splat(<f32>(1 - beta1));
  const keep2 = f32x4.splat(<f32>beta2);
  const take2 = f32x4.splat(<f32>(1 - beta2));
  const rate = f32x4.splat(<f32>(-lr / biasCorrection1));
  const correction = f32x4.splat(<f32>sqrt(biasCorrection2));
  const epsilon = f32x4.splat(<f32>eps);
  const decay = f32x4.splat(<f32>(decoupled ? 0 : weightDecay));
  const shrink = f32x4.splat(<f32>(decoupled ? 1 - lr * weightDecay : 1));
  for (; count > 0; count--, table += RECORD_BYTES) {
    let gradient = gradientOf(table);
    if (!gradient) continue;
    let parameter = parameterOf(table);
    let first = stateOf(table);
    let second = secondStateOf(table);
    let largest = thirdStateOf(table);
    for (let n = lengthOf(table); ; n -= 4) {
      const p = f32x4.mul(v128.load(parameter), shrink);
      const g = mulAdd(p, decay, v128.load(gradient));
      const m = mulAdd(f32x4.sub(g, v128.load(first)), take1, v128.load(first));
      const v = mulAdd(f32x4.mul(g, take2), g, f32x4.mul(v128.load(second), keep2));
      const most = amsgrad ? f32x4.max(v, v128.load(largest)) : v;
      const denominator = f32x4.add(f32x4.div(f32x4.sqrt(most), correction), epsilon);
      const next = f32x4.add(p, f32x4.div(f32x4.mul(m, rate), denominator));
      if (n <= 4) {
        storeLast(first, m, n);
        storeLast(second, v, n);
        if (amsgrad) storeLast(largest, most, n);
        storeLast(parameter, next, n);
        break;
      }
      v128.store(first, m);
      v128.store(second, v);
      if (amsgrad) {
        v128.store(largest, most);
        largest += 16;
      }
      v128.store(parameter, next);
      gradient += 16;
      parameter += 16;
      first += 16;
      second += 16;
    }
  }
}
