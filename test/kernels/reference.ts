// What the kernel tests measure with: sizes round every vector width, errors in units of the last place.

/** Sizes below, at and above one vector, several, and a cache line, and a large odd one. */
export const SIZES = [1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 1001] as const;

/** `count` numbers evenly from `low` to `high`, as float32. */
export function sweep(low: number, high: number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
}

/** The largest error against `exact`, in units of the last place of the exact float32 result. */
export function ulpError(
  actual: Float32Array,
  x: Float32Array,
  exact: (v: number) => number,
): number {
  let worst = 0;
  for (let i = 0; i < x.length; i++) {
    const expected = exact(x[i]!);
    const error = Math.abs(actual[i]! - expected) / unitInLastPlace(expected);
    if (Number.isNaN(error)) return NaN;
    worst = Math.max(worst, error);
  }
  return worst;
}

function unitInLastPlace(value: number): number {
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  return 2 ** (Math.max(exponent, -126) - 23);
}

/** The sum in float64 with Neumaier's compensation: exact to the last place at any length. */
export function exactSum(terms: Iterable<number>): number {
  let sum = 0;
  let lost = 0;
  for (const term of terms) {
    const next = sum + term;
    lost += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  }
  return sum + lost;
}
