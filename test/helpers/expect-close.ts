// Comparison of numbers that says which element is wrong, and by how much.

/** The absolute difference allowed in any element; with `relative`, that much more times the expected size. */
export interface Tolerance {
  absolute: number;
  relative?: number;
}

/**
 * Throws unless `actual` has as many elements as `expected` and each is within the tolerance. NaN equals
 * NaN alone, an infinity itself alone.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number | Tolerance,
  what = "value",
): void {
  const { absolute, relative = 0 } =
    typeof tolerance === "number" ? { absolute: tolerance } : tolerance;
  if (actual.length !== expected.length) {
    throw new Error(`${what}: expected ${expected.length} elements, got ${actual.length}`);
  }
  let wrong = 0;
  let worst = { index: -1, excess: 0 };
  for (let i = 0; i < expected.length; i++) {
    const want = expected[i]!;
    if (Object.is(actual[i], want)) continue;
    const difference = Math.abs(actual[i]! - want);
    const allowed = absolute + relative * Math.abs(want);
    if (Number.isFinite(want) && difference <= allowed) continue;
    wrong++;
    // Not comparable at all (NaN, infinity) is worse than any distance.
    const excess = Number.isNaN(difference - allowed) ? Infinity : difference - allowed;
    if (worst.index < 0 || excess > worst.excess) worst = { index: i, excess };
  }
  if (wrong === 0) return;
  const { index } = worst;
  throw new Error(
    `${what}: ${wrong} of ${expected.length} elements differ; the worst is [${index}]: ` +
      `expected ${expected[index]}, got ${actual[index]} ` +
      `(off by ${Math.abs(actual[index]! - expected[index]!)}, allowed ${absolute} + ${relative}·|expected|)`,
  );
}
