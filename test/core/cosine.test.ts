import { expect, it } from "vitest";
import { cosineOfHalfTurns } from "../../src/core/cosine.js";

it("agrees with the cosine in every quarter of a turn, and in later turns to the bit", () => {
  for (let i = 0; i <= 512; i++) {
    const x = i / 1024;
    const cosine = cosineOfHalfTurns(x);
    expect(Math.abs(cosine - Math.cos(Math.PI * x))).toBeLessThan(3e-16);
    for (const same of [2 - x, 2 + x, 8 - x]) expect(cosineOfHalfTurns(same)).toBe(cosine);
    // Of a half turn over 2 the true value is 0, but that of the nearest number to π / 2 is 6e-17.
    if (i < 512) for (const other of [1 - x, 1 + x]) expect(cosineOfHalfTurns(other)).toBe(-cosine);
  }
  expect([0, 1, 2, 7].map(cosineOfHalfTurns)).toEqual([1, -1, 1, -1]);
});
