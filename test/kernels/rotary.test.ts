import { describe, expect, it } from "vitest";
import { builds, maxError, noise } from "./harness.js";

/** Each pair as a complex number, times a turn. */
function turned(
  x: Float32Array,
  angles: Float32Array,
  size: number,
  interleaved: boolean,
  sign: number,
): number[] {
  const out = Array.from(x);
  for (let i = 0; i < size / 2; i++) {
    const [a, b] = interleaved ? [2 * i, 2 * i + 1] : [i, i + size / 2];
    const [cosine, sine] = [angles[i]!, sign * angles[size / 2 + i]!];
    out[a] = x[a]! * cosine - x[b]! * sine;
    out[b] = x[b]! * cosine + x[a]! * sine;
  }
  return out;
}

describe.each(builds())("rotary positions ($name)", (bench) => {
  const { k } = bench;
  const [ROWS, TIME, HEADS] = [5, 3, 2];

  it.each([2, 4, 6, 8, 10, 14, 16, 34])("of heads of %i, both ways, in place too", (size) => {
    // What stands between the heads of a row and the next row is left alone.
    const [xRow, outRow] = [HEADS * size + 3, HEADS * size + 1];
    const x = noise(ROWS * xRow, 1);
    const angles = noise(TIME * size, 2);
    const from = bench.f32(x);
    const table = bench.f32(angles);
    for (const interleaved of [false, true])
      for (const inverse of [false, true]) {
        const start = noise(ROWS * outRow, 3);
        const to = bench.f32(start);
        const flags = [Number(interleaved), Number(inverse)] as const;
        k.rotate(to.ptr, from.ptr, table.ptr, ROWS, TIME, HEADS, size, outRow, xRow, ...flags);
        const expected = Array.from(start);
        for (let row = 0; row < ROWS; row++)
          for (let head = 0; head < HEADS; head++) {
            const at = row * xRow + head * size;
            const position = (row % TIME) * size;
            const own = angles.subarray(position, position + size);
            const pairs = turned(
              x.subarray(at, at + size),
              own,
              size,
              interleaved,
              inverse ? -1 : 1,
            );
            pairs.forEach((value, i) => (expected[row * outRow + head * size + i] = value));
          }
        expect(maxError(to.view, expected)).toBeLessThan(3e-7);
        const same = bench.f32(x);
        k.rotate(same.ptr, same.ptr, table.ptr, ROWS, TIME, HEADS, size, xRow, xRow, ...flags);
        for (let row = 0; row < ROWS; row++) {
          const own = same.view.subarray(row * xRow, row * xRow + HEADS * size);
          const other = to.view.subarray(row * outRow, row * outRow + HEADS * size);
          expect([...own]).toEqual([...other]);
        }
      }
    bench.checkCanaries();
  });
});
