import { describe, expect, it } from "vitest";
import fc from "fast-check";
import { builds, noise } from "./harness.js";
import { SIZES } from "./reference.js";

/** A permuted view of a contiguous tensor: dims and strides in the order of the view. */
const views = fc
  .array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 5 })
  .filter((dims) => dims.reduce((a, b) => a * b, 1) <= 1500)
  .chain((dims) => {
    const strides = dims.map((_, axis) => dims.slice(axis + 1).reduce((a, b) => a * b, 1));
    const axes = dims.map((_, axis) => axis);
    return fc
      .shuffledSubarray(axes, { minLength: axes.length, maxLength: axes.length })
      .map((order) => ({
        dims: order.map((axis) => dims[axis]!),
        strides: order.map((axis) => strides[axis]!),
      }));
  });

function offsets(dims: readonly number[], strides: readonly number[]): number[] {
  return dims.reduce<number[]>(
    (at, length, axis) =>
      at.flatMap((start) => Array.from({ length }, (_, i) => start + i * strides[axis]!)),
    [0],
  );
}

describe.each(builds())("layout ($name)", (bench) => {
  const { k } = bench;

  it("copies from, scatters to and adds to any permutation", () => {
    fc.assert(
      fc.property(views, ({ dims, strides }) => {
        const at = offsets(dims, strides);
        const x = noise(at.length, 1);
        const plan = bench.i32([dims.length, ...dims, ...strides]);
        const [from, dense, strided] = [bench.f32(x), bench.f32(at.length), bench.f32(at.length)];
        k.copyStrided(dense.ptr, from.ptr, plan.ptr);
        expect([...dense.view]).toEqual(at.map((i) => x[i]!));
        k.scatterStrided(strided.ptr, dense.ptr, plan.ptr);
        expect([...strided.view]).toEqual([...x]);
        k.scatterStridedAcc(strided.ptr, dense.ptr, plan.ptr);
        expect([...strided.view]).toEqual([...x].map((v) => v * 2));
        bench.checkCanaries();
      }),
      { numRuns: 100, seed: 3 },
    );
  });

  it.each(SIZES.slice(0, -1))("transposes squares at the edges of a matrix of %i rows", (rows) => {
    for (const columns of [1, 3, 4, 5, 8, 17]) {
      const x = noise(2 * rows * columns, rows);
      // [2, rows, columns] seen as [columns, 2, rows]: an axis stands between those that change places.
      const plan = bench.i32([3, columns, 2, rows, 1, rows * columns, columns]);
      const at = offsets([columns, 2, rows], [1, rows * columns, columns]);
      const [dense, back] = [bench.f32(x.length), bench.f32(x.length)];
      k.copyStrided(dense.ptr, bench.f32(x).ptr, plan.ptr);
      expect([...dense.view]).toEqual(at.map((i) => x[i]!));
      k.scatterStrided(back.ptr, dense.ptr, plan.ptr);
      expect([...back.view]).toEqual([...x]);
      k.scatterStridedAcc(back.ptr, dense.ptr, plan.ptr);
      expect([...back.view]).toEqual([...x].map((v) => v * 2));
      bench.checkCanaries();
    }
  });

  it("sums what a transposing plan names several times", () => {
    const plan = bench.i32([3, 5, 2, 7, 1, 0, 0]);
    const dense = noise(70, 5);
    const sums = bench.f32(new Float32Array(5));
    k.scatterStridedAcc(sums.ptr, bench.f32(dense).ptr, plan.ptr);
    sums.view.forEach((v, i) =>
      expect(v).toBeCloseTo(
        dense.subarray(i * 14, i * 14 + 14).reduce((a, b) => a + b, 0),
        5,
      ),
    );
    bench.checkCanaries();
  });

  it("repeats by a stride of 0, and sums on the way back", () => {
    const plan = bench.i32([3, 2, 3, 5, 5, 0, 1]);
    const x = noise(10, 2);
    const dense = bench.f32(30);
    k.copyStrided(dense.ptr, bench.f32(x).ptr, plan.ptr);
    const at = offsets([2, 3, 5], [5, 0, 1]);
    expect([...dense.view]).toEqual(at.map((i) => x[i]!));
    const back = bench.f32(new Float32Array(10));
    k.scatterStridedAcc(back.ptr, dense.ptr, plan.ptr);
    back.view.forEach((v, i) => expect(v).toBeCloseTo(3 * x[i]!, 5));
    bench.checkCanaries();
  });

  it("moves bits, not numbers", () => {
    const words = [0x7fc12345, -1, 0, 0x80000001 | 0, 5];
    const out = bench.i32(5);
    k.copyStrided(out.ptr, bench.i32(words).ptr, bench.i32([1, 5, 1]).ptr);
    expect([...out.view]).toEqual(words);
    k.copyStrided(out.ptr, bench.i32(words).ptr, bench.i32([2, 5, 1, 1, 1]).ptr);
    expect([...out.view]).toEqual(words);
    bench.checkCanaries();
  });

  it.each(SIZES)(
    "copies and adds rows of %i between strides, and nothing between them",
    (columns) => {
      const [rows, gapOut, gapIn] = [3, 2, 1];
      const x = noise(rows * (columns + gapIn), 4);
      // The buffer ends with the last row: no gap in which a store behind it would go unseen.
      const start = noise(rows * (columns + gapOut) - gapOut, 5);
      const from = bench.f32(x);
      for (const adds of [false, true]) {
        const out = bench.f32(start);
        const kernel = adds ? k.copyRowsAcc : k.copyRows;
        kernel(out.ptr, from.ptr, rows, columns, columns + gapOut, columns + gapIn);
        const expected = start.map((v, i) => {
          const column = i % (columns + gapOut);
          if (column >= columns) return v;
          const moved = x[Math.floor(i / (columns + gapOut)) * (columns + gapIn) + column]!;
          return adds ? v + moved : moved;
        });
        expect([...out.view]).toEqual([...expected]);
      }
      bench.checkCanaries();
    },
  );

  it.each(SIZES)("turns batches of sequences of %i features time-major and back", (size) => {
    const [batch, time] = [3, 4];
    const lengths = [4, 0, 2];
    const x = noise(batch * time * size, 6);
    const from = bench.f32(x);
    for (const ends of [undefined, lengths]) {
      const [turned, back] = [bench.f32(x.length), bench.f32(x.length)];
      const given = ends ? bench.i32(ends).ptr : 0;
      k.toTimeMajor(turned.ptr, from.ptr, given, batch, time, size);
      k.toBatchFirst(back.ptr, turned.ptr, batch, time, size);
      const kept = x.map((v, i) => {
        const [row, t] = [Math.floor(i / (time * size)), Math.floor(i / size) % time];
        return ends && t >= ends[row]! ? 0 : v;
      });
      expect([...back.view]).toEqual([...kept]);
      turned.view.forEach((v, i) => {
        const [t, row] = [Math.floor(i / (batch * size)), Math.floor(i / size) % batch];
        expect(v).toBe(kept[(row * time + t) * size + (i % size)]);
      });
    }
    bench.checkCanaries();
  });
});
