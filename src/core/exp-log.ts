// exp and log in double precision from + - * / alone: `Math.exp` and `Math.log` differ between engines in
// the last bit, and a score may decide which model is kept. Within 1 ulp or so of the true value.

const LN2_HIGH = 0.6931471803691238; // the first 32 bits of ln 2, so that a multiple by k is exact
const LN2_LOW = 1.9082149292705877e-10;
const SQRT_HALF = 0.7071067811865476;

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);

/** e^x. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x > 709.782712893384) return Infinity;
  if (x < -745.2) return 0;
  const k = Math.round(x / (LN2_HIGH + LN2_LOW));
  const r = x - k * LN2_HIGH - k * LN2_LOW;
  // |r| <= ln(2)/2: the Taylor series is exact to double precision after 14 terms.
  let sum = 1;
  for (let term = 14; term >= 1; term--) sum = 1 + (sum * r) / term;
  // In two halves: 2^k alone overflows at k = 1024, and is no normal number below -1022.
  const half = k >> 1;
  return sum * powerOfTwo(half) * powerOfTwo(k - half);
}

/** The natural logarithm. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return Infinity;
  // Subnormal numbers are scaled up first: they have no exponent of their own.
  if (x < 2.2250738585072014e-308) return log(x * 0x40000000000000) - 54 * LN2_HIGH - 54 * LN2_LOW;
  float[0] = x;
  let k = (words[1]! >>> 20) - 1022;
  words[1] = (words[1]! & 0x000fffff) | (1022 << 20);
  let m = float[0]; // x = m 2^k with m in [1/2, 1)
  if (m < SQRT_HALF) {
    m *= 2;
    k--;
  }
  // log m = 2 artanh s, s = (m - 1) / (m + 1), |s| < 0.172: s^23 is below double precision.
  const s = (m - 1) / (m + 1);
  const square = s * s;
  let sum = 0;
  for (let power = 23; power >= 3; power -= 2) sum = square * (sum + 1 / power);
  return k * LN2_HIGH + (2 * s + (2 * s * sum + k * LN2_LOW));
}

function powerOfTwo(exponent: number): number {
  words[0] = 0;
  words[1] = (exponent + 1023) << 20;
  return float[0]!;
}
