// Moving elements of 4 bytes (float32 or int32) about.
//
// A plan is a list of int32 words: rank (1 to 8), dims[rank], strides[rank] of the strided side, in
// elements; 0 repeats. The other side is contiguous.
import { storeLanes } from "../simd/lanes";

const GATHER = 0;
const SCATTER = 1;
const SCATTER_ACC = 2;

/** n contiguous elements; the two must not overlap. */
// @ts-ignore: decorator
@inline
function copyRow(to: usize, from: usize, n: i32, accumulates: bool): void {
  for (; n > 0; n -= 4, to += 16, from += 16) {
    const v = v128.load(from);
    storeLanes(to, accumulates ? f32x4.add(v128.load(to), v) : v, n);
  }
}

function moveRow(op: i32, dense: usize, strided: usize, n: i32, stride: i32): void {
  if (stride == 1) {
    if (op == GATHER) copyRow(dense, strided, n, false);
    else copyRow(strided, dense, n, op == SCATTER_ACC);
    return;
  }
  const step = stride << 2;
  for (; n > 0; n--, dense += 4, strided += step) {
    if (op == GATHER) store<u32>(dense, load<u32>(strided));
    else if (op == SCATTER) store<u32>(strided, load<u32>(dense));
    else store<f32>(strided, load<f32>(strided) + load<f32>(dense));
  }
}

/** Moves along the plan's axes from `axis` inwards; returns where the contiguous side ended. */
function walk(op: i32, plan: usize, axis: i32, dense: usize, strided: usize): usize {
  const rank = load<i32>(plan);
  const words = plan + 4 + (<usize>axis << 2);
  const length = load<i32>(words);
  const stride = load<i32>(words + (<usize>rank << 2));
  if (axis + 1 == rank) {
    moveRow(op, dense, strided, length, stride);
    return dense + (<usize>length << 2);
  }
  for (let i = 0; i < length; i++, strided += stride << 2) dense = walk(op, plan, axis + 1, dense, strided);
  return dense;
}

/** out (contiguous) = x (strided) by a plan {rank, dims, xStrides}: transposes, slices, repeats. Overwrites; no aliasing. */
export function copyStrided(out: usize, x: usize, plan: usize): void {
  walk(GATHER, plan, 0, out, x);
}

/** out (strided) = x (contiguous) by a plan {rank, dims, outStrides}. Overwrites what the plan names; no aliasing. */
export function scatterStrided(out: usize, x: usize, plan: usize): void {
  walk(SCATTER, plan, 0, x, out);
}

/** out (strided) += x (contiguous, float32) by a plan {rank, dims, outStrides}; a stride of 0 sums. Accumulates; no aliasing. */
export function scatterStridedAcc(out: usize, x: usize, plan: usize): void {
  walk(SCATTER_ACC, plan, 0, x, out);
}

/** Copies rows of `columns` elements between row strides (in elements). Overwrites; no overlap. */
export function copyRows(out: usize, x: usize, rows: i32, columns: i32, outStride: i32, xStride: i32): void {
  for (; rows > 0; rows--, out += outStride << 2, x += xStride << 2) copyRow(out, x, columns, false);
}

/** Adds rows of `columns` float32 elements between row strides (in elements). Accumulates; no overlap. */
export function copyRowsAcc(out: usize, x: usize, rows: i32, columns: i32, outStride: i32, xStride: i32): void {
  for (; rows > 0; rows--, out += outStride << 2, x += xStride << 2) copyRow(out, x, columns, true);
}
