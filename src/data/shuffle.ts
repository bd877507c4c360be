import { checkCall, checkCount } from "../core/check.js";
import { getRngState, randomBelow, setRngState, type RngState } from "../core/random.js";

/** Draws a uniform whole number from 0 to limit − 1. */
export type DrawBelow = (limit: number) => number;

/**
 * The numbers 0..length-1 in random order (Fisher and Yates; Durstenfeld 1964).
 *
 * @param below where the numbers come from. Default: the program's generator, see `manualSeed`
 */
export function permutation(length: number, below: DrawBelow = randomBelow): Int32Array {
  checkCall("permutation", arguments, "length:number below?:function");
  checkCount("permutation", "length", length, 0);
  const order = Int32Array.from({ length }, (_, i) => i);
  for (let i = length - 1; i > 0; i--) {
    const j = below(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}

/**
 * A copy in random order; the seed decides it.
 *
 * @example
 * ```ts
 * manualSeed(1);
 * shuffle([1, 2, 3, 4]).length; // 4
 * ```
 */
export function shuffle<T>(items: readonly T[], below: DrawBelow = randomBelow): T[] {
  checkCall("shuffle", arguments, "items:list below?:function");
  return Array.from(permutation(items.length, below), (index) => items[index]!);
}

/** Runs with the generator at a state; then the program's goes on as if nothing had been drawn. */
export function withRngState<T>(state: RngState, run: () => T): T {
  const now = getRngState();
  try {
    setRngState(state);
    return run();
  } finally {
    setRngState(now);
  }
}
