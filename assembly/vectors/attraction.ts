// What draws the points of a t-SNE layout together, along the rows of its affinities: those of point i are
// ids[starts[i] … starts[i + 1]) (int32) and p (float32), in multiples of 4, filled up with the point itself and 0.
import { hsum, widenHigh, widenLow } from "../simd/lanes";
import { vlog } from "../simd/exp";
import { madd } from "../simd/madd";

/** Where the point stands whose number is at `id`. */
// @ts-ignore: decorator
@inline
function pointAt(layout: usize, id: usize): usize {
  return layout + (<usize>load<i32>(id) << 3);
}

/**
 * gradient[i] = exaggeration · Σ_j p_ij (y_i - y_j) / (1 + |y_i - y_j|²) - forces[i] / total: a quarter of the gradient of KL(P ‖ Q),
 * for the points from … to of the layout[n, 2]. Overwrites; gradient may be `forces`.
 */
export function attract(
  gradient: usize, forces: usize, layout: usize, starts: usize, ids: usize, p: usize, from: i32, to: i32, exaggeration: f32, total: f64,
): void {
  const one = f32x4.splat(1);
  const share = f32x4.splat(<f32>(1 / total));
  const scale = f32x4.splat(exaggeration);
  for (let i = from; i < to; i++) {
    const own = <usize>i << 3;
    const x = v128.load32_splat(layout + own);
    const y = v128.load32_splat(layout + own, 4);
    const end = <usize>load<i32>(starts + (<usize>i << 2), 4) << 2;
    let forceX = f32x4.splat(0);
    let forceY = forceX;
    for (let at = <usize>load<i32>(starts + (<usize>i << 2)) << 2; at < end; at += 16) {
      const low = v128.load64_lane(pointAt(layout, ids + at + 4), v128.load64_zero(pointAt(layout, ids + at)), 1);
      const high = v128.load64_lane(pointAt(layout, ids + at + 12), v128.load64_zero(pointAt(layout, ids + at + 8)), 1);
      const dx = f32x4.sub(x, v128.shuffle<f32>(low, high, 0, 2, 4, 6));
      const dy = f32x4.sub(y, v128.shuffle<f32>(low, high, 1, 3, 5, 7));
      const squared = madd(dx, dx, f32x4.mul(dy, dy));
      const weight = f32x4.div(v128.load(p + at), f32x4.add(one, squared));
      forceX = madd(weight, dx, forceX);
      forceY = madd(weight, dy, forceY);
    }
    const attraction = f32x4(hsum(forceX), hsum(forceY), 0, 0);
    const repulsion = v128.load64_zero(forces + own);
    v128.store64_lane(gradient + own, f32x4.sub(f32x4.mul(scale, attraction), f32x4.mul(share, repulsion)), 0);
  }
}

/** Σ p_ij log(1 + |y_i - y_j|²) over the points from … to: what of KL(P ‖ Q) depends on single pairs. */
export function attractionLogs(layout: usize, starts: usize, ids: usize, p: usize, from: i32, to: i32): f64 {
  const one = f32x4.splat(1);
  let total = f64x2.splat(0);
  for (let i = from; i < to; i++) {
    const x = v128.load32_splat(layout + (<usize>i << 3));
    const y = v128.load32_splat(layout + (<usize>i << 3), 4);
    const end = <usize>load<i32>(starts + (<usize>i << 2), 4) << 2;
    for (let at = <usize>load<i32>(starts + (<usize>i << 2)) << 2; at < end; at += 16) {
      const low = v128.load64_lane(pointAt(layout, ids + at + 4), v128.load64_zero(pointAt(layout, ids + at)), 1);
      const high = v128.load64_lane(pointAt(layout, ids + at + 12), v128.load64_zero(pointAt(layout, ids + at + 8)), 1);
      const dx = f32x4.sub(x, v128.shuffle<f32>(low, high, 0, 2, 4, 6));
      const dy = f32x4.sub(y, v128.shuffle<f32>(low, high, 1, 3, 5, 7));
      const squared = madd(dx, dx, f32x4.mul(dy, dy));
      const term = f32x4.mul(v128.load(p + at), vlog(f32x4.add(one, squared)));
      total = f64x2.add(total, f64x2.add(widenLow(term), widenHigh(term)));
    }
  }
  return f64x2.extract_lane(total, 0) + f64x2.extract_lane(total, 1);
}
