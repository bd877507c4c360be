import { checkRngState, DEFAULT_SEED, philox, type RngState } from "../core/random.js";

const TWO_32 = 0x100000000;

/**
 * A random generator of one's own, apart from the program's: what it draws depends on its seed and on
 * nothing else that runs. The same algorithm as `manualSeed`'s, so the same numbers on every engine.
 */
export class Generator {
  #seed = 0;
  #counter = 0;

  /** @param seed a whole number from 0 to 2^53 - 1. Default 0 */
  constructor(seed = DEFAULT_SEED) {
    this.state = { seed, counter: 0 };
  }

  /** A uniform number in [0, 1), a multiple of 2^-53. */
  uniform(): number {
    const [high, low] = philox({
      seedLo: (this.#seed % TWO_32) | 0,
      seedHi: Math.floor(this.#seed / TWO_32) | 0,
      counterLo: (this.#counter % TWO_32) | 0,
      counterHi: Math.floor(this.#counter / TWO_32) | 0,
    });
    this.#counter++;
    return ((high >>> 5) * 0x4000000 + (low >>> 6)) / 0x20000000000000;
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
