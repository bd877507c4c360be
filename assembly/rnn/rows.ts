// What the sequence kernels of every cell share.
import { assertApart } from "../simd/preconditions";

/** Whether step t lies within row b's length: all do where `lengths` is 0. */
// @ts-ignore: decorator
@inline
export function isActive(lengths: usize, row: i32, t: i32): bool {
  return lengths == 0 || t < load<i32>(lengths + (<usize>row << 2));
}

/** out [time, batch, size] = x [batch, time, size]; with `lengths`, steps past a row's length become 0. Overwrites. */
export function toTimeMajor(out: usize, x: usize, lengths: usize, batch: i32, time: i32, size: i32): void {
  const bytes = <usize>size << 2;
  assertApart(out, <usize>(batch * time) * bytes, x, <usize>(batch * time) * bytes);
  for (let t = 0; t < time; t++)
    for (let row = 0; row < batch; row++, out += bytes) {
      if (isActive(lengths, row, t)) memory.copy(out, x + <usize>(row * time + t) * bytes, bytes);
      else memory.fill(out, 0, bytes);
    }
}

/** out [batch, time, size] = x [time, batch, size]. Overwrites. */
export function toBatchFirst(out: usize, x: usize, batch: i32, time: i32, size: i32): void {
  toTimeMajor(out, x, 0, time, batch, size);
}
