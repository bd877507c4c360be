import { checkCall } from "../core/check.js";
import { checkRngState, DEFAULT_SEED, philox, type RngState } from "../core/random.js";

const TWO_32 = 0x100000000;
const TWO_53 = 0x20000000000000;

/**
 * A random generator of one's own, apart from the program's: what it draws depends on its seed and on
 * nothing else that runs. The same algorithm as `manualSeed`'s, so the same numbers on every engine.
 *
 * @example
 * ```ts
 * const generator = new Generator(7);
 * const draw = generator.uniform();
 * draw >= 0 && draw < 1; // true
 * ```
 */
export class Generator {
  #seed = 0;
  #counter = 0;

  /** @param seed a whole number from 0 to 2^53 - 1. Default 0 */
  constructor(seed = DEFAULT_SEED) {
    checkCall("Generator", arguments, "seed?:number");
    this.state = { seed, counter: 0 };
  }

  /** A uniform number in [0, 1), a multiple of 2^-53. */
  uniform(): number {
    return bits53(this.#seed, this.#counter++) / TWO_53;
  }

  /** Where it stands. Plain data: save it, and set it to continue from there. */
  get state(): RngState {
    return { seed: this.#seed, counter: this.#counter };
  }

  set state(state: RngState) {
    const { seed, counter } = checkRngState("Generator", state);
    this.#seed = seed;
    this.#counter = counter;
  }
}

/**
 * The seed of the `index`-th of several generators that are given one seed: for index 0 that seed itself, for the
 * others what a key gives that no seed has, so that the streams have nothing to do with each other.
 */
export function seedOf(seed: number, index: number): number {
  return index === 0 ? seed : bits53(seed, index, 1 << 31);
}

/**
 * The number from 0 to 2^53 - 1 at a place of a seed's stream.
 *
 * @param keyBits bits of the key's upper half that no seed sets: seeds end below 2^53
 */
function bits53(seed: number, counter: number, keyBits = 0): number {
  const [high, low] = philox({
    seedLo: (seed % TWO_32) | 0,
    seedHi: Math.floor(seed / TWO_32) | keyBits,
    counterLo: (counter % TWO_32) | 0,
    counterHi: Math.floor(counter / TWO_32) | 0,
  });
  return (high >>> 5) * 0x4000000 + (low >>> 6);
}
