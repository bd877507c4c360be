// Numerical gradients in float64: the judge of analytic ones.

/**
 * The gradient of `f` at `point` by central differences of order h⁴,
 * (f(x−2h) − 8f(x−h) + 8f(x+h) − f(x+2h)) / 12h. With h = 1e-3 and values near 1, truncation and rounding
 * both stay near 1e-12: `f` must compute in float64 and be smooth within 2h of every coordinate.
 */
export function numericalGradient(
  f: (x: Float64Array) => number,
  point: ArrayLike<number>,
  h = 1e-3,
): Float64Array {
  const x = Float64Array.from(point);
  return Float64Array.from(x, (centre, i) => {
    const at = (offset: number): number => {
      x[i] = centre + offset;
      const value = f(x);
      x[i] = centre;
      return value;
    };
    return (at(-2 * h) - 8 * at(-h) + 8 * at(h) - at(2 * h)) / (12 * h);
  });
}
