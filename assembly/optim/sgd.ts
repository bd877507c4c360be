import { mulAdd } from "../simd/madd";
import { storeRest } from "../simd/lanes";
import { RECORD_BYTES, gradientOf, lengthOf, parameterOf, stateOf } from "./table";

/**
 * One step of SGD over a table (see table.ts), PyTorch's form: g ← gradient + weightDecay · p; with momentum b ← g on
 * the first step, else momentum · b + (1 - dampening) · g, then g ← b, or g + momentum · b with nesterov; p ← p - lr · g.
 * The state is b, needed where momentum is not 0. Gradients are not changed.
 */
export function sgdStep(
  table: usize, count: i32, lr: f64, momentum: f64, dampening: f64, weightDecay: f64, nesterov: i32, first: i32,
): void {
  const rate = f32x4.splat(<f32>-lr);
  const decay = f32x4.splat(<f32>weightDecay);
  const keep = f32x4.splat(<f32>momentum);
  const take = f32x4.splat(<f32>(1 - dampening));
  for (; count > 0; count--, table += RECORD_BYTES) {
    let gradient = gradientOf(table);
    if (!gradient) continue;
    let parameter = parameterOf(table);
    let buffer = stateOf(table);
    for (let n = lengthOf(table); ; n -= 4, gradient += 16, parameter += 16, buffer += 16) {
      const p = v128.load(parameter);
      let g = v128.load(gradient);
      if (weightDecay != 0) g = mulAdd(p, decay, g);
      let b = g;
      if (momentum != 0) {
        if (!first) b = mulAdd(v128.load(buffer), keep, f32x4.mul(g, take));
        g = nesterov ? mulAdd(b, keep, g) : b;
      }
      const next = mulAdd(g, rate, p);
      if (n <= 4) {
        if (momentum != 0) storeRest(buffer, b, n);
        storeRest(parameter, next, n);
        break;
      }
      if (momentum != 0) v128.store(buffer, b);
      v128.store(parameter, next);
    }
  }
}
