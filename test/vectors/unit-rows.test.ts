// Search by products, beside comparing one by one, at sizes round the blocks and panels.
import { describe, expect, it } from "vitest";
import { memoryUsage } from "../../src/index.js";
import { UnitRows } from "../../src/vectors/unit-rows.js";

function rowsOf(count: number, dimension: number, seed: number): Float32Array {
  let state = seed;
  const values = Float32Array.from({ length: count * dimension }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x40000000 - 1;
  });
  for (let row = 0; row < count; row++) {
    const own = values.subarray(row * dimension, (row + 1) * dimension);
    const length = Math.hypot(...own);
    own.forEach((value, i) => (own[i] = value / length));
  }
  return values;
}

function cosinesOf(query: Float32Array, rows: Float32Array): number[] {
  const { length: n } = query;
  return Array.from({ length: rows.length / n }, (_, row) =>
    query.reduce((sum, value, i) => sum + value * rows[row * n + i]!, 0),
  );
}

describe.each([
  [1, 3],
  [47, 5],
  [48, 16],
  [3841, 7],
  [7700, 33],
])("%d rows of %d", (count, dimension) => {
  it("finds the nearest of all, one by one or together with the same bits", () => {
    const values = rowsOf(count, dimension, 1);
    const rows = new UnitRows(dimension);
    rows.add(values);
    const queries = rowsOf(3, dimension, 2);
    const together = rows.nearestOfMany(queries, 5);
    for (let q = 0; q < 3; q++) {
      const query = queries.subarray(q * dimension, (q + 1) * dimension);
      const cosines = cosinesOf(query, values);
      const wanted = [...cosines.keys()].sort((i, j) => cosines[j]! - cosines[i]!).slice(0, 5);
      const found = rows.nearest(query, 5);
      expect(found.indices.map((i) => cosines[i]!.toFixed(5))).toEqual(
        wanted.map((i) => cosines[i]!.toFixed(5)),
      );
      found.scores.forEach((score, i) => expect(score).toBeCloseTo(cosines[found.indices[i]!]!, 5));
      expect(found.scores).toEqual(together[q]!.scores);
      expect(found.indices).toEqual(together[q]!.indices);
    }
    rows.dispose();
  });
});

it("finds what was added after a search, and gives its memory back", () => {
  const before = memoryUsage().heapBytes;
  const rows = new UnitRows(2);
  for (let i = 0; i < 100; i++) {
    const angle = i / 100;
    rows.add(Float32Array.of(Math.cos(angle), Math.sin(angle)));
    const [index] = rows.nearest(Float32Array.of(Math.cos(1), Math.sin(1)), 1).indices;
    expect(index).toBe(i);
  }
  expect(rows.size).toBe(100);
  rows.dispose();
  // The scratch of searches stays.
  expect(memoryUsage().heapBytes - before).toBeLessThan(70_000);
});
