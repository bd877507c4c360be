// Sines and cosines in double precision by + − × ÷ alone: tables that are the same bits on every engine.
import { cosineOfHalfTurns } from "../core/cosine.js";

/** cos(2π · part / whole), for part of at least 0. */
export function cosOfTurn(part: number, whole: number): number {
  return cosineOfHalfTurns((2 * (part % whole)) / whole);
}

/** sin(2π · part / whole), for part of at least 0. */
export function sinOfTurn(part: number, whole: number): number {
  const half = (2 * (part % whole)) / whole;
  return cosineOfHalfTurns(half > 0.5 ? half - 0.5 : 0.5 - half);
}
