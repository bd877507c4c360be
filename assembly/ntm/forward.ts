// One step of the heads of a Neural Turing Machine (Graves, Wayne & Danihelka 2014), for all rows of a batch. Heads act on the
// memory one after the other, in their order. Layouts stand in record.ts.
import { hsum } from "../simd/lanes";
import { madd } from "../simd/madd";
import { vsigmoid } from "../simd/activate";
import { assertApart, matrixBytes } from "../simd/preconditions";
import { address } from "./address";
import { isWriter, ntmRecordSize, parameterCount, rowBytes } from "./record";

/**
 * Each head h's weighting, by content and place, of `before` [B, heads, P] to `after` [B, heads, P], which may be one;
 * reads [B, readers, M], `readRow` elements from row to row, and the memory [B, M, P]: a head of `writers`, bit by bit, reads
 * the memory at `cells` and leaves it `cellStep` elements behind; where `cellStep` is 0 in place. `parameters`
 * [B, all heads'] become what they stand for, erase = σ too. `records` [B, heads, ntmRecordSize] stay for the gradient. A row
 * whose `active` (int32 [B], or 0) is 0 keeps its weighting and its memory, and reads zeros.
 */
export function ntmForward(
  reads: usize, after: usize, records: usize, cells: usize, before: usize, parameters: usize, active: usize, cellStep: i32,
  B: i32, N: i32, M: i32, heads: i32, writers: i32, shiftRange: i32, readRow: i32,
): void {
  const size = rowBytes(N);
  const cellBytes = <usize>M * size;
  const recordBytes = <usize>ntmRecordSize(N, M, shiftRange) << 2;
  assertApart(records, <usize>(B * heads) * recordBytes, cells, <usize>B * cellBytes);
  assertApart(records, <usize>(B * heads) * recordBytes, after, <usize>(B * heads) * size);
  assertApart(reads, matrixBytes(B, M, readRow), cells, <usize>B * cellBytes);
  for (let b = 0; b < B; b++, reads += <usize>readRow << 2, cells += cellBytes) {
    const acts = active == 0 || load<i32>(active + (<usize>b << 2)) != 0;
    let read = reads, now = cells;
    for (let head = 0; head < heads; head++, after += size, before += size, records += recordBytes) {
      const writes = isWriter(writers, head);
      const next = now + (<usize>cellStep << 2);
      if (acts) {
        address(after, before, parameters, records, now, N, M, shiftRange);
        if (writes) write(next, now, after, parameters + (<usize>parameterCount(M, shiftRange, false) << 2), M, size);
        else readCells(read, now, after, M, size);
      } else {
        if (after != before) memory.copy(after, before, size);
        if (!writes) memory.fill(read, 0, <usize>M << 2);
        else if (next != now) memory.copy(next, now, cellBytes);
      }
      if (writes) now = next;
      else read += <usize>M << 2;
      parameters += <usize>parameterCount(M, shiftRange, writes) << 2;
    }
  }
}

/** out [M] = Σ over rows of w · row. */
function readCells(out: usize, cells: usize, w: usize, M: i32, size: usize): void {
  for (let end = out + (<usize>M << 2); out < end; out += 4, cells += size) {
    let total = f32x4.splat(0);
    for (let at: usize = 0; at < size; at += 16) total = madd(v128.load(w + at), v128.load(cells + at), total);
    store<f32>(out, hsum(total));
  }
}

/** next [M, P] = cells · (1 - w · erase) + w · add; next may be cells. Erase [M], in front of add [M], becomes σ of itself. */
function write(next: usize, cells: usize, w: usize, erase: usize, M: i32, size: usize): void {
  const one = f32x4.splat(1);
  const add = <usize>M << 2;
  for (let end = erase + add; erase < end; erase += 4, cells += size, next += size) {
    const e = vsigmoid(v128.load32_splat(erase));
    const a = v128.load32_splat(erase + add);
    store<f32>(erase, f32x4.extract_lane(e, 0));
    for (let at: usize = 0; at < size; at += 16) {
      const weight = v128.load(w + at);
      const kept = f32x4.mul(v128.load(cells + at), f32x4.sub(one, f32x4.mul(weight, e)));
      v128.store(next + at, madd(weight, a, kept));
    }
  }
}
