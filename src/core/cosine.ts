/**
 * cos(π·x) for x of at least 0, within 3e-16, from + - * / alone: `Math.cos` differs between engines in the
 * last bit.
 */
export function cosineOfHalfTurns(x: number): number {
  // All of these are exact: a turn is 2, and the second half mirrors the first.
  const turn = x % 2;
  const half = turn > 1 ? 2 - turn : turn;
  if (half > 0.5) return -cosineOfHalfTurns(1 - half);
  const square = Math.PI * half * (Math.PI * half);
  // The Taylor series: at most π / 2, the term after these is below 2e-17.
  let sum = 1;
  for (let term = 20; term > 0; term -= 2) sum = 1 - (sum * square) / (term * (term - 1));
  return sum;
}
