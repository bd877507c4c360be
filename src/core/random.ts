// The library's one random generator: Philox4x32-10, counter-based (Salmon et al., "Parallel random
// numbers: as easy as 1, 2, 3", SC 2011). Host and kernels share the stream: whoever draws takes a
// run of 128-bit blocks by advancing the counter, so results never depend on who drew before in
// another place, only on the order of draws.
import { described } from "./described.js";
import { checkCall } from "./check.js";
import { internal, OptionError } from "./errors.js";

/** Where a draw starts: the key and the block counter as the kernels take them, 32 bits each. */
export interface RandomBlock {
  readonly seedLo: number;
  readonly seedHi: number;
  readonly counterLo: number;
  readonly counterHi: number;
}

/** The generator's whole state. Plain data: save it, send it, set it again. */
export interface RngState {
  readonly seed: number;
  /** Blocks of four 32-bit words drawn so far. */
  readonly counter: number;
}

/** The documented seed of a program that never calls `manualSeed`. */
export const DEFAULT_SEED = 0;

const TWO_32 = 0x100000000;
let state: RngState = { seed: DEFAULT_SEED, counter: 0 };

/**
 * Starts the generator anew. The same seed gives the same numbers on every engine and CPU.
 *
 * @param seed a whole number from 0 to 2^53 - 1
 * @example
 * ```ts
 * manualSeed(1);
 * const first = rand([3]).toArray();
 * manualSeed(1);
 * String(rand([3]).toArray()) === String(first); // true
 * ```
 */
export function manualSeed(seed: number): void {
  checkCall("manualSeed", arguments, "seed:number");
  setRngState({ seed, counter: 0 });
}

/** The generator's state, to be given to {@link setRngState} later. */
export function getRngState(): RngState {
  checkCall("getRngState", arguments, "");
  return { ...state };
}

/** Continues from a state that {@link getRngState} gave. */
export function setRngState(next: RngState): void {
  checkCall("setRngState", arguments, "state:object");
  state = checkRngState("setRngState", next);
}

/** A copy of a state; refuses one that no generator can be in. */
export function checkRngState(op: string, state: RngState): RngState {
  const { seed, counter } = Object(state) as RngState;
  for (const [name, value] of [
    ["seed", seed],
    ["counter", counter],
  ] as const)
    if (!Number.isSafeInteger(value) || value < 0)
      throw new OptionError({
        op,
        expected: `${name} to be a whole number from 0 to 2^53 - 1`,
        got: described(value),
      });
  return { seed, counter };
}

/** Takes `words` 32-bit words from the stream (whole blocks of four) and says where they start. */
export function drawBlock(words: number): RandomBlock {
  const { seed, counter } = state;
  state = { seed, counter: counter + Math.ceil(words / 4) };
  return {
    seedLo: (seed % TWO_32) | 0,
    seedHi: Math.floor(seed / TWO_32) | 0,
    counterLo: (counter % TWO_32) | 0,
    counterHi: Math.floor(counter / TWO_32) | 0,
  };
}

/** One uniform 32-bit word. Each call takes a block of its own: for bulk, use a kernel. */
export function randomUint32(): number {
  return philox(drawBlock(1))[0];
}

/**
 * A uniform whole number in 0..limit-1 for a limit from 1 to 2^32, without bias: words in the incomplete
 * last run of `limit` are drawn again.
 */
export function randomBelow(limit: number): number {
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= TWO_32))
    throw internal(`no whole number below ${limit}`);
  const threshold = TWO_32 - (TWO_32 % limit);
  for (;;) {
    const word = randomUint32();
    if (word < threshold) return word % limit;
  }
}

/** A uniform number in [0, 1) with 24 bits, as the kernels make it. */
export function randomUniform(): number {
  return (randomUint32() >>> 8) / 0x1000000;
}

/** The four words of one block. */
export function philox({
  seedLo,
  seedHi,
  counterLo,
  counterHi,
}: RandomBlock): [number, number, number, number] {
  let [c0, c1, c2, c3] = [counterLo, counterHi, 0, 0];
  let [k0, k1] = [seedLo, seedHi];
  for (let round = 0; round < 10; round++) {
    const hi0 = multiplyHigh(0xd2511f53, c0);
    const lo0 = Math.imul(0xd2511f53, c0);
    const hi1 = multiplyHigh(0xcd9e8d57, c2);
    const lo1 = Math.imul(0xcd9e8d57, c2);
    c0 = hi1 ^ c1 ^ k0;
    c1 = lo1;
    c2 = hi0 ^ c3 ^ k1;
    c3 = lo0;
    k0 = (k0 + 0x9e3779b9) | 0;
    k1 = (k1 + 0xbb67ae85) | 0;
  }
  return [c0 >>> 0, c1 >>> 0, c2 >>> 0, c3 >>> 0];
}

/** High 32 bits of the product of two unsigned 32-bit numbers. */
function multiplyHigh(a: number, b: number): number {
  const aLo = a & 0xffff;
  const aHi = a >>> 16;
  const bLo = b & 0xffff;
  const bHi = b >>> 16;
  const middle = aHi * bLo + ((aLo * bLo) >>> 16);
  const cross = aLo * bHi + (middle & 0xffff);
  return (aHi * bHi + Math.floor(middle / 0x10000) + Math.floor(cross / 0x10000)) | 0;
}
