// Moving elements of 4 bytes (float32 or int32) about.
//
// A plan is a list of int32 words: rank (1 to 8), dims[rank], strides[rank] of the strided side, in
// elements; 0 repeats. The other side is contiguous.
import { storeRest } from "../simd/lanes";
import { addRow, copyRow } from "../simd/rows";
import { assertApart, matrixBytes } from "../simd/preconditions";

const GATHER = 0;
const SCATTER = 1;
const SCATTER_ACC = 2;

function addOneRow(to: usize, from: usize, n: i32): void {
  addRow(to, from, n);
}

function moveRow(op: i32, dense: usize, strided: usize, n: i32, stride: i32): void {
  if (stride == 1) {
    if (op == SCATTER_ACC) return addOneRow(strided, dense, n);
    const gathers = op == GATHER;
    return copyRow(gathers ? dense : strided, gathers ? strided : dense, n);
  }
  const step = stride << 2;
  for (; n > 0; n--, dense += 4, strided += step) {
    if (op == GATHER) store<u32>(dense, load<u32>(strided));
    else if (op == SCATTER) store<u32>(strided, load<u32>(dense));
    else store<f32>(strided, load<f32>(strided) + load<f32>(dense));
  }
}

/** The last n columns of up to four rows at a time. */
function storeCorner(
  out: usize, second: usize, third: usize, fourth: usize, v0: v128, v1: v128, v2: v128, v3: v128, n: i32,
): void {
  storeRest(out + fourth, v3, n);
  storeRest(out + third, v2, n);
  storeRest(out + second, v1, n);
  storeRest(out, v0, n);
}

/**
 * to[row][column] = or += from[column][row], four by four through registers; steps in bytes. To add, the rows must be
 * apart.
 */
function transpose(
  to: usize, from: usize, rows: i32, columns: i32, toStep: usize, fromStep: usize, accumulates: bool,
): void {
  for (; rows > 0; rows -= 4, to += toStep << 2, from += 16) {
    // Rows that are not there are written to the last one, before it.
    const second: usize = rows > 1 ? toStep : 0;
    const third: usize = rows > 2 ? 2 * toStep : second;
    const fourth: usize = rows > 3 ? 3 * toStep : third;
    let source = from;
    for (let n = columns, out = to; ; n -= 4, out += 16) {
      // Past the last column there may be no memory: what is read instead is not stored.
      const a = v128.load(source);
      if (n > 1) source += fromStep;
      const b = v128.load(source);
      if (n > 2) source += fromStep;
      const c = v128.load(source);
      if (n > 3) source += fromStep;
      const d = v128.load(source);
      source += fromStep;
      const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5);
      const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<f32>(c, d, 2, 6, 3, 7);
      let v0 = v128.shuffle<f64>(ab, cd, 0, 2), v1 = v128.shuffle<f64>(ab, cd, 1, 3);
      let v2 = v128.shuffle<f64>(AB, CD, 0, 2), v3 = v128.shuffle<f64>(AB, CD, 1, 3);
      if (accumulates) {
        v0 = f32x4.add(v128.load(out), v0);
        v1 = f32x4.add(v128.load(out + second), v1);
        v2 = f32x4.add(v128.load(out + third), v2);
        v3 = f32x4.add(v128.load(out + fourth), v3);
      }
      if (n <= 4) {
        storeCorner(out, second, third, fourth, v0, v1, v2, v3, n);
        break;
      }
      v128.store(out + fourth, v3);
      v128.store(out + third, v2);
      v128.store(out + second, v1);
      v128.store(out, v0);
    }
  }
}

/**
 * Moves along the plan's axes from `axis` inwards, of which the contiguous side has `size` elements. An
 * axis `across`, along which the strided side is contiguous, moves together with the last, in squares.
 */
function walk(
  op: i32, plan: usize, axis: i32, size: i32, dense: usize, strided: usize, across: i32, acrossStep: usize,
): void {
  const last = load<i32>(plan) - 1;
  const words = plan + 4 + (<usize>axis << 2);
  const length = load<i32>(words);
  const stride = load<i32>(words + (<usize>(last + 1) << 2));
  if (axis == last) {
    if (across < 0) return moveRow(op, dense, strided, length, stride);
    const rows = load<i32>(plan + 4 + (<usize>across << 2));
    const step = <usize>stride << 2;
    if (op == GATHER) transpose(dense, strided, rows, length, acrossStep, step, false);
    else transpose(strided, dense, length, rows, step, acrossStep, op == SCATTER_ACC);
    return;
  }
  size /= length;
  // Rows are moved from here: a call for each would cost as much as a short row.
  const rowStride = across < 0 && axis + 1 == last ? load<i32>(words + (<usize>(last + 2) << 2)) : 0;
  for (let i = axis == across ? 1 : length; i > 0; i--, dense += <usize>size << 2, strided += <usize>stride << 2) {
    if (rowStride) moveRow(op, dense, strided, size, rowStride);
    else walk(op, plan, axis + 1, size, dense, strided, across, acrossStep);
  }
}

function move(op: i32, plan: usize, dense: usize, strided: usize): void {
  const rank = load<i32>(plan);
  assert(rank >= 1 && rank <= 8, "a plan has 1 to 8 axes");
  const dims = plan + 4;
  const strides = dims + (<usize>rank << 2);
  let size = 1;
  let across = -1;
  let acrossStep = 0;
  const last = <usize>(rank - 1) << 2;
  for (let axis = rank - 1; axis >= 0; axis--) {
    const length = load<i32>(dims + (<usize>axis << 2));
    if (load<i32>(strides + (<usize>axis << 2)) == 1) {
      // Rows that are not apart are summed one after the other.
      const apart = load<i32>(strides + last) >= length || load<i32>(dims + last) == 1;
      if (axis == rank - 1) across = rank;
      else if (across < 0 && (op != SCATTER_ACC || apart)) {
        across = axis;
        acrossStep = size << 2;
      }
    }
    size *= length;
  }
  walk(op, plan, 0, size, dense, strided, across == rank ? -1 : across, acrossStep);
}

/** out (contiguous) = x (strided) by a plan {rank, dims, xStrides}: transposes, slices, repeats. Overwrites; no aliasing. */
export function copyStrided(out: usize, x: usize, plan: usize): void {
  move(GATHER, plan, out, x);
}

/** out (strided) = x (contiguous) by a plan {rank, dims, outStrides}. Overwrites what the plan names; no aliasing. */
export function scatterStrided(out: usize, x: usize, plan: usize): void {
  move(SCATTER, plan, x, out);
}

/** out (strided) += x (contiguous, float32) by a plan {rank, dims, outStrides}; a stride of 0 sums. Accumulates; no aliasing. */
export function scatterStridedAcc(out: usize, x: usize, plan: usize): void {
  move(SCATTER_ACC, plan, x, out);
}

/** Copies rows of `columns` elements between row strides (in elements). Overwrites; no overlap. */
export function copyRows(out: usize, x: usize, rows: i32, columns: i32, outStride: i32, xStride: i32): void {
  assertApart(out, matrixBytes(rows, columns, outStride), x, matrixBytes(rows, columns, xStride));
  for (; rows > 0; rows--, out += outStride << 2, x += xStride << 2) copyRow(out, x, columns);
}

/** Adds rows of `columns` float32 elements between row strides (in elements). Accumulates; no overlap. */
export function copyRowsAcc(out: usize, x: usize, rows: i32, columns: i32, outStride: i32, xStride: i32): void {
  assertApart(out, matrixBytes(rows, columns, outStride), x, matrixBytes(rows, columns, xStride));
  for (; rows > 0; rows--, out += outStride << 2, x += xStride << 2) addOneRow(out, x, columns);
}
