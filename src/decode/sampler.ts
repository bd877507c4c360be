import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import type { RngState } from "../core/random.js";
import { Generator } from "./generator.js";
import { draw, keepMinP, keepTopK, keepTopP, mostProbable, scaleByTemperature } from "./logits.js";

export interface SamplingOptions {
  /** Below 1 plays safe, above 1 dares; 0 takes the most probable token each time. Default 1. */
  temperature?: number | undefined;
  /** Choose among this many most probable tokens. Default: all. */
  topK?: number | undefined;
  /** Choose among the most probable tokens that together reach this probability. Default 1: all. */
  topP?: number | undefined;
  /** Choose among the tokens at least this many times as probable as the most probable one. Default 0: all. */
  minP?: number | undefined;
  /** The same seed gives the same tokens on every engine. Default 0. */
  seed?: number | undefined;
}

/**
 * Chooses tokens from logits: temperature, then top-k, top-p and min-p, then a draw with a generator of
 * its own. It draws one random number a token, none at temperature 0.
 *
 * @example
 * ```ts
 * const sampler = new Sampler({ temperature: 0.8, topK: 2, seed: 1 });
 * sampler.sample(Float32Array.of(1, 5, 4)) > 0; // true
 * ```
 */
export class Sampler {
  readonly #temperature: number;
  readonly #topK: number | undefined;
  readonly #topP: number;
  readonly #minP: number;
  readonly #generator: Generator;

  constructor(options: SamplingOptions = {}) {
    checkCall(
      "Sampler",
      arguments,
      "{temperature:number topK:number topP:number minP:number seed:number}",
    );
    const { temperature = 1, topK, topP = 1, minP = 0, seed } = options;
    require("temperature at least 0", temperature, temperature >= 0 && temperature < Infinity);
    require("topK to be a whole number of at least 1", topK, topK === undefined ||
      (Number.isInteger(topK) && topK >= 1));
    require("topP above 0 and at most 1", topP, topP > 0 && topP <= 1);
    require("minP from 0 to 1", minP, minP >= 0 && minP <= 1);
    this.#temperature = temperature;
    this.#topK = topK;
    this.#topP = topP;
    this.#minP = minP;
    this.#generator = new Generator(seed);
  }

  /** The id of the chosen token. Leaves the logits as they are. */
  sample(logits: Float32Array): number {
    checkCall("Sampler.sample", arguments, "logits:Float32Array");
    return this.#temperature === 0 ? mostProbable(logits) : this.take(logits.slice());
  }

  /** @internal As {@link sample}, with the logits to work in. */
  take(logits: Float32Array): number {
    if (this.#temperature === 0) return mostProbable(logits);
    if (this.#temperature !== 1) scaleByTemperature(logits, this.#temperature);
    if (this.#topK !== undefined) keepTopK(logits, this.#topK);
    if (this.#topP < 1) keepTopP(logits, this.#topP);
    if (this.#minP > 0) keepMinP(logits, this.#minP);
    return draw(logits, this.#generator.uniform());
  }

  /** The generator's state: save it, and set it to continue from there. */
  get state(): RngState {
    return this.#generator.state;
  }

  set state(state: RngState) {
    this.#generator.state = state;
  }
}

function require(expected: string, value: unknown, ok: boolean): void {
  if (!ok) throw new OptionError({ op: "Sampler", expected, got: described(value) });
}
