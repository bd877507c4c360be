import fc from "fast-check";
import { expect, test } from "vitest";
import { Candidates } from "../../src/decode/candidates.js";

test("keeps what a stable sort of all would begin with", () => {
  const value = fc.oneof(
    fc.constantFrom(-2, -1, -0.5, -0, -Infinity),
    fc.float({ min: -9, max: 0 }),
  );
  const row = fc.record({
    base: fc.constantFrom(0, -0.5, -1.5, -4),
    values: fc.array(value, { minLength: 1, maxLength: 60 }),
  });
  fc.assert(
    fc.property(fc.array(row, { maxLength: 4 }), fc.integer({ min: 1, max: 30 }), (rows, limit) => {
      const candidates = new Candidates(30);
      // What it kept before is gone.
      candidates.begin(5);
      candidates.scan(7, 0, Float32Array.of(-0, -0));
      candidates.begin(limit);
      const all = rows.flatMap(({ base, values }, i) => {
        const floats = Float32Array.from(values);
        candidates.scan(i, base, floats);
        return Array.from(floats, (each, id) => [base + each, i, id] as const);
      });
      const expected = all
        .filter(([total]) => total > -Infinity)
        .sort(([a], [b]) => b - a)
        .slice(0, limit);
      const found = Array.from({ length: candidates.length }, (_, i) => [
        candidates.logProbabilities[i],
        candidates.rows[i],
        candidates.ids[i],
      ]);
      expect(found).toEqual(expected);
    }),
  );
});
