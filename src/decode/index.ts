/** Choosing tokens: greedy, temperature, top-k, top-p, and when to stop. */
import "../ops/methods.js";

export { Generator } from "./generator.js";
export { draw, greedy, keepTopK, keepTopP, scaleByTemperature } from "./logits.js";
export { Sampler, type SamplingOptions } from "./sampler.js";
export { stopAfter, stopAtAny, stopAtSequence, stopAtToken, type StopCondition } from "./stop.js";
