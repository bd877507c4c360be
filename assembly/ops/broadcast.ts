// Elementwise operations of two or three operands, and the one driver that broadcasts them.
//
// A plan is a list of int32 words: rank (1 to 8), dims[rank], then strides[rank] for each input, in
// elements; 0 repeats. The output is contiguous. The innermost stride must be 0 or 1, which
// broadcasting of contiguous tensors always gives.
import { select, storeLast } from "../simd/lanes";

const ADD = 0;
const SUB = 1;
const MUL = 2;
const DIV = 3;
const MAXIMUM = 4;
const MINIMUM = 5;
const EQUAL = 6;
const LESS = 7;
const LESS_EQUAL = 8;
const EQUAL_INT = 9;
const LESS_INT = 10;
const LESS_EQUAL_INT = 11;
const WHERE = 12;
const ADD_INT = 13;
const SUB_INT = 14;
const MUL_INT = 15;
const FLOOR_DIV_INT = 16;
const MAXIMUM_INT = 17;
const MINIMUM_INT = 18;

/** ⌊a / b⌋ of lanes 0 and 1: a quotient of 32-bit integers in double precision never rounds up to the next one. */
// @ts-ignore: decorator
@inline
function floorDivide(a: v128, b: v128): v128 {
  const quotient = f64x2.div(f64x2.convert_low_i32x4_s(a), f64x2.convert_low_i32x4_s(b));
  return i32x4.trunc_sat_f64x2_s_zero(f64x2.floor(quotient));
}

// @ts-ignore: decorator
@inline
function apply(op: i32, a: v128, b: v128, c: v128): v128 {
  if (op == ADD) return f32x4.add(a, b);
  if (op == SUB) return f32x4.sub(a, b);
  if (op == MUL) return f32x4.mul(a, b);
  if (op == DIV) return f32x4.div(a, b);
  if (op == MAXIMUM) return f32x4.max(a, b);
  if (op == MINIMUM) return f32x4.min(a, b);
  if (op == EQUAL) return i32x4.neg(f32x4.eq(a, b));
  if (op == LESS) return i32x4.neg(f32x4.lt(a, b));
  if (op == LESS_EQUAL) return i32x4.neg(f32x4.le(a, b));
  if (op == EQUAL_INT) return i32x4.neg(i32x4.eq(a, b));
  if (op == LESS_INT) return i32x4.neg(i32x4.lt_s(a, b));
  if (op == LESS_EQUAL_INT) return i32x4.neg(i32x4.le_s(a, b));
  if (op == ADD_INT) return i32x4.add(a, b);
  if (op == SUB_INT) return i32x4.sub(a, b);
  if (op == MUL_INT) return i32x4.mul(a, b);
  if (op == MAXIMUM_INT) return i32x4.max_s(a, b);
  if (op == MINIMUM_INT) return i32x4.min_s(a, b);
  if (op == FLOOR_DIV_INT) {
    const high = floorDivide(v128.shuffle<i32>(a, a, 2, 3, 2, 3), v128.shuffle<i32>(b, b, 2, 3, 2, 3));
    return v128.shuffle<i32>(floorDivide(a, b), high, 0, 1, 4, 5);
  }
  return select(i32x4.ne(a, i32x4.splat(0)), b, c);
}

/** One run of the innermost axis; strides are 0 or 1. */
// @ts-ignore: decorator
@inline
function run(
  op: i32, out: usize, a: usize, b: usize, c: usize, n: i32, aStride: i32, bStride: i32, cStride: i32,
): void {
  let x = v128.load32_splat(a);
  let y = v128.load32_splat(b);
  let z = y;
  if (cStride == 0) z = v128.load32_splat(c);
  for (; ; n -= 4, out += 16) {
    if (aStride) {
      x = v128.load(a);
      a += 16;
    }
    if (bStride) {
      y = v128.load(b);
      b += 16;
    }
    if (cStride) {
      z = v128.load(c);
      c += 16;
    }
    const result = apply(op, x, y, z);
    if (n <= 4) return storeLast(out, result, n);
    v128.store(out, result);
  }
}

/** `run` for arithmetic, in a loop of its own where both operands are full. */
// @ts-ignore: decorator
@inline
function runArithmetic(op: i32, out: usize, a: usize, b: usize, n: i32, aStride: i32, bStride: i32): void {
  if (!(aStride & bStride)) return run(op, out, a, b, 0, n, aStride, bStride, 0);
  for (; ; n -= 4, out += 16, a += 16, b += 16) {
    const y = v128.load(b);
    const result = apply(op, v128.load(a), y, y);
    if (n <= 4) return storeLast(out, result, n);
    v128.store(out, result);
  }
}

function row(
  op: i32, out: usize, a: usize, b: usize, c: usize, n: i32, aStride: i32, bStride: i32, cStride: i32,
): void {
  switch (op) {
    case ADD: return runArithmetic(ADD, out, a, b, n, aStride, bStride);
    case SUB: return runArithmetic(SUB, out, a, b, n, aStride, bStride);
    case MUL: return runArithmetic(MUL, out, a, b, n, aStride, bStride);
    case DIV: return runArithmetic(DIV, out, a, b, n, aStride, bStride);
    // The others share a loop that asks for the operation at every vector.
    default: return run(op, out, a, b, c, n, aStride, bStride, cStride);
  }
}

/** Runs `op` over the plan's axes from `axis` inwards; returns where the output ended. */
function walk(op: i32, plan: usize, axis: i32, out: usize, a: usize, b: usize, c: usize): usize {
  const rank = load<i32>(plan);
  assert(rank >= 1 && rank <= 8, "a plan has 1 to 8 axes");
  const words = plan + 4 + (<usize>axis << 2);
  const length = load<i32>(words);
  const stridesSize = <usize>rank << 2;
  const aStride = load<i32>(words + stridesSize);
  const bStride = load<i32>(words + 2 * stridesSize);
  const cStride = op == WHERE ? load<i32>(words + 3 * stridesSize) : 0;
  if (axis + 1 == rank) {
    assert(<u32>aStride <= 1 && <u32>bStride <= 1 && <u32>cStride <= 1, "the last axis is neither contiguous nor repeated");
    row(op, out, a, b, c, length, aStride, bStride, cStride);
    return out + (<usize>length << 2);
  }
  for (let i = 0; i < length; i++) {
    out = walk(op, plan, axis + 1, out, a, b, c);
    a += aStride << 2;
    b += bStride << 2;
    c += cStride << 2;
  }
  return out;
}

/** out = a + b, n elements each. Overwrites; out may be a or b. */
export function add(out: usize, a: usize, b: usize, n: i32): void {
  row(ADD, out, a, b, 0, n, 1, 1, 0);
}

/** out = a - b, n elements each. Overwrites; out may be a or b. */
export function sub(out: usize, a: usize, b: usize, n: i32): void {
  row(SUB, out, a, b, 0, n, 1, 1, 0);
}

/** out = a · b, n elements each. Overwrites; out may be a or b. */
export function mul(out: usize, a: usize, b: usize, n: i32): void {
  row(MUL, out, a, b, 0, n, 1, 1, 0);
}

/** out = a / b, n elements each. Overwrites; out may be a or b. */
export function div(out: usize, a: usize, b: usize, n: i32): void {
  row(DIV, out, a, b, 0, n, 1, 1, 0);
}

/** out = a + b by a plan {rank, dims, aStrides, bStrides}. Overwrites; out may be an input that is not repeated. */
export function addBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(ADD, plan, 0, out, a, b, 0);
}

/** out = a - b by a plan {rank, dims, aStrides, bStrides}. Overwrites; out may be an input that is not repeated. */
export function subBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(SUB, plan, 0, out, a, b, 0);
}

/** out = a · b by a plan {rank, dims, aStrides, bStrides}. Overwrites; out may be an input that is not repeated. */
export function mulBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(MUL, plan, 0, out, a, b, 0);
}

/** out = a / b by a plan {rank, dims, aStrides, bStrides}. Overwrites; out may be an input that is not repeated. */
export function divBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(DIV, plan, 0, out, a, b, 0);
}

/** out = the larger of a and b, NaN where either is, by a plan {rank, dims, aStrides, bStrides}. Overwrites; out may be an input that is not repeated. */
export function maximumBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(MAXIMUM, plan, 0, out, a, b, 0);
}

/** out = the smaller of a and b, NaN where either is, by a plan {rank, dims, aStrides, bStrides}. Overwrites; out may be an input that is not repeated. */
export function minimumBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(MINIMUM, plan, 0, out, a, b, 0);
}

/** out (int32) = a == b ? 1 : 0 by a plan {rank, dims, aStrides, bStrides}. Overwrites; out may be an input that is not repeated. */
export function equalBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(EQUAL, plan, 0, out, a, b, 0);
}

/** out (int32) = a < b ? 1 : 0 by a plan {rank, dims, aStrides, bStrides}. Overwrites; out may be an input that is not repeated. */
export function lessBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(LESS, plan, 0, out, a, b, 0);
}

/** out (int32) = a <= b ? 1 : 0 by a plan {rank, dims, aStrides, bStrides}. Overwrites; out may be an input that is not repeated. */
export function lessEqualBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(LESS_EQUAL, plan, 0, out, a, b, 0);
}

/** `equalBroadcast` of int32 operands. */
export function equalIntBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(EQUAL_INT, plan, 0, out, a, b, 0);
}

/** `lessBroadcast` of int32 operands. */
export function lessIntBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(LESS_INT, plan, 0, out, a, b, 0);
}

/** `lessEqualBroadcast` of int32 operands. */
export function lessEqualIntBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(LESS_EQUAL_INT, plan, 0, out, a, b, 0);
}

/** `addBroadcast` of int32 operands, modulo 2^32. */
export function addIntBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(ADD_INT, plan, 0, out, a, b, 0);
}

/** `subBroadcast` of int32 operands, modulo 2^32. */
export function subIntBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(SUB_INT, plan, 0, out, a, b, 0);
}

/** `mulBroadcast` of int32 operands, modulo 2^32. */
export function mulIntBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(MUL_INT, plan, 0, out, a, b, 0);
}

/** out = ⌊a / b⌋ of int32 operands by a plan {rank, dims, aStrides, bStrides}; unspecified where b is 0. Overwrites; out may be an input that is not repeated. */
export function floorDivideIntBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(FLOOR_DIV_INT, plan, 0, out, a, b, 0);
}

/** `maximumBroadcast` of int32 operands. */
export function maximumIntBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(MAXIMUM_INT, plan, 0, out, a, b, 0);
}

/** `minimumBroadcast` of int32 operands. */
export function minimumIntBroadcast(out: usize, a: usize, b: usize, plan: usize): void {
  walk(MINIMUM_INT, plan, 0, out, a, b, 0);
}

/** out = condition (int32) is not 0 ? a : b, elements of 4 bytes, by a plan {rank, dims, conditionStrides, aStrides, bStrides}. Overwrites; out may be an input that is not repeated. */
export function whereBroadcast(out: usize, condition: usize, a: usize, b: usize, plan: usize): void {
  walk(WHERE, plan, 0, out, condition, a, b);
}
