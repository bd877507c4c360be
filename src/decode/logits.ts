// Choosing from logits, in small steps that compose: each works in place on the logits of one
// position, and marks what is out of the question with -Infinity.
import { NumericError, OptionError } from "../core/errors.js";
import { softmax } from "../ops/softmax.js";
import { tensor } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";

/** The most probable token; of several, the one with the lowest id. */
export function greedy(logits: Float32Array): number {
  let best = -1;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (Number.isNaN(logit)) throw notALogit("greedy", logit, id);
    if (best < 0 ? logit > -Infinity : logit > logits[best]!) best = id;
  }
  if (best < 0) throw nothingLeft("greedy", logits);
  return best;
}

/** Divides by the temperature: below 1 sharpens the distribution, above 1 flattens it. */
export function scaleByTemperature(logits: Float32Array, temperature: number): void {
  if (!(temperature > 0 && temperature < Infinity))
    throw new OptionError({
      op: "scaleByTemperature",
      expected: "a temperature above 0",
      got: String(temperature),
      cure: "For the most probable token each time, use greedy().",
    });
  for (let id = 0; id < logits.length; id++) logits[id] = logits[id]! / temperature;
}

/** Keeps the `k` largest. Where equal ones would make more than `k`, those with the lowest ids stay. */
export function keepTopK(logits: Float32Array, k: number): void {
  if (!Number.isInteger(k) || k < 1)
    throw new OptionError({
      op: "keepTopK",
      expected: "k to be a whole number of at least 1",
      got: String(k),
    });
  if (k >= logits.length) return;
  const least = logits.slice().sort()[logits.length - k]!;
  let ties = k;
  for (const logit of logits) if (logit > least) ties--;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (!(logit > least) && (logit < least || --ties < 0)) logits[id] = -Infinity;
  }
}

/**
 * Keeps the nucleus: the most probable tokens, in falling order (of equal ones the lower id first),
 * up to and including the one with which their joint probability reaches `p`.
 */
export function keepTopP(logits: Float32Array, p: number): void {
  if (!(p > 0 && p <= 1))
    throw new OptionError({ op: "keepTopP", expected: "p above 0 and at most 1", got: String(p) });
  if (p === 1) return;
  const probabilities = probabilitiesOf("keepTopP", logits);
  // All tokens below this together are less than half of what may be left out: no need to sort them.
  const negligible = (1 - p) / (2 * logits.length);
  const candidates: number[] = [];
  probabilities.forEach((probability, id) => {
    if (probability >= negligible) candidates.push(id);
  });
  candidates.sort((a, b) => logits[b]! - logits[a]! || a - b);
  const nucleus = new Set<number>();
  let reached = 0;
  for (const id of candidates) {
    nucleus.add(id);
    reached += probabilities[id]!;
    if (reached >= p) break;
  }
  for (let id = 0; id < logits.length; id++) if (!nucleus.has(id)) logits[id] = -Infinity;
}

/**
 * Draws a token with the probabilities that softmax gives the logits: the first id at which the sum
 * of probabilities exceeds `uniform` times their total.
 *
 * @param uniform a random number in [0, 1)
 */
export function draw(logits: Float32Array, uniform: number): number {
  const probabilities = probabilitiesOf("draw", logits);
  let total = 0;
  for (const probability of probabilities) total += probability;
  const target = uniform * total;
  let sum = 0;
  let last = 0;
  for (let id = 0; id < probabilities.length; id++) {
    if (probabilities[id] === 0) continue;
    sum += probabilities[id]!;
    last = id;
    if (sum > target) break;
  }
  return last;
}

function probabilitiesOf(op: string, logits: Float32Array): Float32Array {
  const probabilities = scope(() => softmax(tensor(logits)).data());
  // NaN or Infinity anywhere makes them all NaN, and so does nothing but -Infinity.
  if (!(probabilities[0]! >= 0)) {
    const id = logits.findIndex((logit) => Number.isNaN(logit) || logit === Infinity);
    throw id < 0 ? nothingLeft(op, logits) : notALogit(op, logits[id]!, id);
  }
  return probabilities;
}

function notALogit(op: string, logit: number, id: number): NumericError {
  return new NumericError({
    op,
    expected: "logits below Infinity, none of them NaN",
    got: `${logit} for id ${id}`,
    cure: "Look for NaN in the model's parameters.",
  });
}

function nothingLeft(op: string, logits: Float32Array): NumericError {
  return new NumericError({
    op,
    expected: "at least one logit above -Infinity",
    got: logits.length === 0 ? "none at all" : `${logits.length} of -Infinity`,
  });
}
