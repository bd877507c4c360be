import { describe, expect, it } from "vitest";
import { builds, noise } from "./harness.js";
import { SIZES } from "./reference.js";

const f = Math.fround;

describe.each(builds())("embedding ($name)", (bench) => {
  const { k } = bench;
  const rows = 11;

  it.each(SIZES)("gathers rows of %i, and adds them back in order, padding left out", (width) => {
    const table = noise(rows * width, 1);
    const ids = [3, 0, 10, 3, 7, 3, 0];
    const at = bench.i32(ids);
    const out = bench.f32(ids.length * width);
    expect(k.gatherRows(out.ptr, bench.f32(table).ptr, at.ptr, ids.length, rows, width)).toBe(-1);
    expect([...out.view]).toEqual(
      ids.flatMap((id) => [...table.subarray(id * width, (id + 1) * width)]),
    );

    for (const paddingIdx of [-1, 3]) {
      const start = noise(rows * width, 2);
      const expected = Float32Array.from(start);
      ids.forEach((id, i) => {
        if (id === paddingIdx) return;
        for (let j = 0; j < width; j++)
          expected[id * width + j] = f(expected[id * width + j]! + out.view[i * width + j]!);
      });
      const sums = bench.f32(start);
      expect(k.scatterAddRows(sums.ptr, out.ptr, at.ptr, ids.length, rows, width, paddingIdx)).toBe(
        -1,
      );
      expect([...sums.view]).toEqual([...expected]);
    }
    bench.checkCanaries();
  });

  it.each([rows, -1, 2 ** 31 - 1, -(2 ** 31)])("refuses the id %i before it writes", (bad) => {
    const ids = bench.i32([1, 2, bad, 3, bad]);
    const [table, out] = [bench.f32(noise(rows * 3, 1)), bench.f32(15)];
    expect(k.gatherRows(out.ptr, table.ptr, ids.ptr, 5, rows, 3)).toBe(2);
    expect(out.view.every(Number.isNaN)).toBe(true);
    const before = [...table.view];
    expect(k.scatterAddRows(table.ptr, bench.f32(noise(15, 2)).ptr, ids.ptr, 5, rows, 3, -1)).toBe(
      2,
    );
    expect([...table.view]).toEqual(before);
    expect(k.gatherAxis(out.ptr, table.ptr, ids.ptr, 1, 5, rows, 1)).toBe(2);
    expect(k.scatterAddAxis(table.ptr, out.ptr, ids.ptr, 1, 5, rows, 1)).toBe(2);
    expect([...table.view]).toEqual(before);
    bench.checkCanaries();
  });

  it.each([
    [2, 3, 5, 1],
    [3, 1, 4, 7],
    [1, 6, 3, 2],
  ])("gathers along an axis, [%i, %i of %i, %i], and adds back", (outer, count, length, inner) => {
    const x = noise(outer * length * inner, 3);
    const indices = Int32Array.from(noise(outer * count * inner, 4), (v) =>
      Math.floor(((v + 1) / 2) * length),
    );
    const source = Array.from(indices, (index, i) => {
      const block = Math.floor(i / (count * inner));
      return (block * length + index) * inner + (i % inner);
    });
    const [at, out] = [bench.i32(indices), bench.f32(indices.length)];
    expect(k.gatherAxis(out.ptr, bench.f32(x).ptr, at.ptr, outer, count, length, inner)).toBe(-1);
    expect([...out.view]).toEqual(source.map((i) => x[i]!));
    const expected = Float32Array.from(x);
    source.forEach((to, i) => (expected[to] = f(expected[to]! + out.view[i]!)));
    const sums = bench.f32(x);
    expect(k.scatterAddAxis(sums.ptr, out.ptr, at.ptr, outer, count, length, inner)).toBe(-1);
    expect([...sums.view]).toEqual([...expected]);
    bench.checkCanaries();
  });
});
