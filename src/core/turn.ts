/**
 * Cosine and sine of an angle from 0 to 1, by their series, from + - * / alone: `Math.cos` differs between engines in the last
 * bit.
 */
export function turn(angle: number): [cosine: number, sine: number] {
  const square = angle * angle;
  let cosine = 1;
  let sine = 1;
  for (let n = 22; n > 0; n -= 2) {
    cosine = 1 - (square / (n * (n - 1))) * cosine;
    sine = 1 - (square / ((n + 1) * n)) * sine;
  }
  return [cosine, angle * sine];
}
