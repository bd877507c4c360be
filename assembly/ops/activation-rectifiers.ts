// Rectifiers: what passes above 0 and is held back below. The smooth and the leaky ones share a loop that asks for the
// kind at every vector.
//
// Kinds: 0 SiLU, 1 GELU, 2 GELU's tanh form, 3 softplus, 4 ELU and 5 leaky ReLU; the last two take the
// slope below zero.
import { mulAdd } from "../simd/madd";
import { constant, select, storeLast } from "../simd/lanes";
import { vexpm1, vlog1p, vexpFlushedPlain } from "../simd/exp";
import { vsigmoid } from "../simd/activate";
import { gaussian, vnormalCdf } from "../simd/normal";

const SILU = 0;
const GELU = 1;
const GELU_TANH = 2;
const SOFTPLUS = 3;
const ELU = 4;

const TABLE = memory.data<f32>([
  1.595769121605731, // 0: 2 · sqrt(2 / π), so that tanh's form is x · sigmoid(x · (c0 + c1 · x²))
  0.07135481282553, // 1: 0.044715 times that
  0.2140644384766, // 2: and three times that again
  1.0, // 3
  0.3989422804014327, // 4: 1 / sqrt(2π)
]);

/** u with GELU's tanh form = x · sigmoid(u); x itself for SiLU. */
// @ts-ignore: decorator
@inline
function gateOf(kind: i32, x: v128): v128 {
  if (kind != GELU_TANH) return x;
  return f32x4.mul(x, mulAdd(constant(TABLE, 1), f32x4.mul(x, x), constant(TABLE, 0)));
}

/** 1 / (1 + e^-x); a call, to have it once. */
function sigmoid(x: v128): v128 {
  return vsigmoid(x);
}

// @ts-ignore: decorator
@inline
function value(kind: i32, x: v128, slope: v128): v128 {
  const zero = f32x4.splat(0);
  if (kind == GELU) return f32x4.mul(x, vnormalCdf(x, gaussian(x)));
  if (kind <= GELU_TANH) return f32x4.mul(x, sigmoid(gateOf(kind, x)));
  if (kind == SOFTPLUS)
    return f32x4.add(f32x4.max(x, zero), vlog1p(vexpFlushedPlain(f32x4.neg(f32x4.abs(x)))));
  const below = f32x4.mul(slope, kind == ELU ? vexpm1(x) : x);
  return select(f32x4.gt(x, zero), x, below);
}

// @ts-ignore: decorator
@inline
function derivative(kind: i32, x: v128, slope: v128): v128 {
  const one = constant(TABLE, 3);
  if (kind == GELU) {
    const e = gaussian(x);
    return mulAdd(f32x4.mul(x, e), constant(TABLE, 4), vnormalCdf(x, e));
  }
  if (kind <= SOFTPLUS) {
    const s = sigmoid(gateOf(kind, x));
    if (kind == SOFTPLUS) return s;
    const du = kind == SILU ? one : mulAdd(constant(TABLE, 2), f32x4.mul(x, x), constant(TABLE, 0));
    return mulAdd(f32x4.mul(s, f32x4.sub(one, s)), f32x4.mul(x, du), s);
  }
  // e^x = 1 + (e^x - 1)
  const below = kind == ELU ? mulAdd(slope, vexpm1(x), slope) : slope;
  return select(f32x4.gt(x, f32x4.splat(0)), one, below);
}

/** out = a rectifier of x by its kind, n elements. Overwrites; out may be x. */
export function rectifyForward(out: usize, x: usize, n: i32, kind: i32, slope: f32): void {
  const below = f32x4.splat(slope);
  for (; ; n -= 4, out += 16, x += 16) {
    const v = value(kind, v128.load(x), below);
    if (n <= 4) return storeLast(out, v, n);
    v128.store(out, v);
  }
}

/** dx = dy · the derivative of a rectifier at x, n elements. Overwrites; dx may be dy or x. */
export function rectifyBackward(dx: usize, dy: usize, x: usize, n: i32, kind: i32, slope: f32): void {
  const below = f32x4.splat(slope);
  for (; ; n -= 4, dx += 16, dy += 16, x += 16) {
    const v = f32x4.mul(v128.load(dy), derivative(kind, v128.load(x), below));
    if (n <= 4) return storeLast(dx, v, n);
    v128.store(dx, v);
  }
}

/** out = x where x > 0, else 0, n elements; NaN stays. Overwrites; out may be x. */
export function reluForward(out: usize, x: usize, n: i32): void {
  const zero = f32x4.splat(0);
  for (; n > 4; n -= 4, out += 16, x += 16) v128.store(out, f32x4.pmax(v128.load(x), zero));
  storeLast(out, f32x4.pmax(v128.load(x), zero), n);
}

/** dx = dy where y = relu(x) is above 0, else 0, n elements. Overwrites; dx may be dy or y. */
export function reluBackward(dx: usize, dy: usize, y: usize, n: i32): void {
  const zero = f32x4.splat(0);
  for (; n > 4; n -= 4, dx += 16, dy += 16, y += 16)
    v128.store(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)));
  storeLast(dx, v128.and(v128.load(dy), f32x4.gt(v128.load(y), zero)), n);
}
