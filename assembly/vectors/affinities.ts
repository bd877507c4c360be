// t-SNE's affinities (van der Maaten & Hinton, "Visualizing data using t-SNE", 2008): a Gaussian round each point, as wide as
// gives a perplexity, over the point's nearest neighbours (van der Maaten 2014).
import { expNegative, logPositive } from "./double";

/** How near the entropy must come to that of the perplexity, in nats; and steps at most: then neighbours are too alike. */
const TOLERANCE: f64 = 1e-10;
const MOST_STEPS = 100;
/** How many times as narrow a step may become: where neighbours are at one distance, Newton's would end in the infinite. */
const MOST_GROWTH: f64 = 16;

/** Two distances from `at` on, less `least`; the second lane is 0 where only one is left. */
// @ts-ignore: decorator
@inline
function two(at: usize, least: v128, left: i32): v128 {
  const pair = f64x2.sub(f64x2.promote_low_f32x4(v128.load64_zero(at)), least);
  return left > 1 ? pair : f64x2.replace_lane(pair, 1, 0);
}

/** Both weights, the second 0 where only one is left. */
// @ts-ignore: decorator
@inline
function weights(d: v128, precision: v128, left: i32): v128 {
  const e = expNegative(f64x2.mul(f64x2.neg(precision), d));
  return left > 1 ? e : f64x2.replace_lane(e, 1, 0);
}

// @ts-ignore: decorator
@inline
function sum(v: v128): f64 {
  return f64x2.extract_lane(v, 0) + f64x2.extract_lane(v, 1);
}

/** The precision β of weights exp(-β · d) whose entropy is `entropy`; d are squared distances less the least of them. */
function precisionOf(distances: usize, n: i32, least: v128, entropy: f64): f64 {
  let total: f64 = 0;
  for (let j = 0; j < n; j += 2) total += sum(two(distances + (<usize>j << 2), least, n - j));
  let beta: f64 = total > 0 ? <f64>n / total : 1;
  let low: f64 = 0;
  let high: f64 = Infinity;
  for (let step = 0; step < MOST_STEPS; step++) {
    const precision = f64x2.splat(beta);
    let weight = f64x2.splat(0);
    let first = weight;
    let second = weight;
    for (let j = 0; j < n; j += 2) {
      const d = two(distances + (<usize>j << 2), least, n - j);
      const e = weights(d, precision, n - j);
      const product = f64x2.mul(e, d);
      weight = f64x2.add(weight, e);
      first = f64x2.add(first, product);
      second = f64x2.add(second, f64x2.mul(product, d));
    }
    const whole = sum(weight);
    const mean = sum(first) / whole;
    const above = logPositive(whole) + beta * mean - entropy;
    if (abs(above) <= TOLERANCE) break;
    if (above > 0) low = beta;
    else high = beta;
    // Newton's step, as dH/dβ = -β Var(d), where it stays between what is too wide and too narrow.
    const variance = sum(second) / whole - mean * mean;
    const next = beta + above / (beta * variance);
    if (next > low && next < min(high, MOST_GROWTH * beta)) beta = next;
    else beta = high == Infinity ? beta * 2 : (low + high) / 2;
  }
  return beta;
}

/**
 * p[rows, n] = p(j | i), each row of sum 1 with the entropy `entropy` (of the perplexity, in nats), from squared distances
 * distances[rows, n] to a point's neighbours, float32. Where too many neighbours are equally near for that, these share alike.
 * Overwrites; p may be `distances`.
 */
export function affinityRows(p: usize, distances: usize, rows: i32, n: i32, entropy: f64): void {
  if (!ASC_NO_ASSERT) assert(n > 0, "no neighbours");
  for (; rows > 0; rows--) {
    let nearest: f32 = Infinity;
    for (let j = 0; j < n; j++) nearest = min(nearest, load<f32>(distances + (<usize>j << 2)));
    const least = f64x2.splat(<f64>nearest);
    const precision = f64x2.splat(precisionOf(distances, n, least, entropy));
    let whole = f64x2.splat(0);
    for (let j = 0; j < n; j += 2)
      whole = f64x2.add(whole, weights(two(distances + (<usize>j << 2), least, n - j), precision, n - j));
    const share = f64x2.splat(1 / sum(whole));
    for (let j = 0; j < n; j += 2) {
      const at = <usize>j << 2;
      const e = weights(two(distances + at, least, n - j), precision, n - j);
      const narrow = f32x4.demote_f64x2_zero(f64x2.mul(e, share));
      if (n - j > 1) v128.store64_lane(p + at, narrow, 0);
      else v128.store32_lane(p + at, narrow, 0);
    }
    p += <usize>n << 2;
    distances += <usize>n << 2;
  }
}
