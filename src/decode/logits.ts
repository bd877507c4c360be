// Choosing from logits, in small steps that compose: each works in place on the logits of one
// position, and marks what is out of the question with -Infinity.
import { NumericError, OptionError } from "../core/errors.js";
import { log } from "../core/exp-log.js";
import { softmax } from "../ops/softmax.js";
import { tensor } from "../tensor/create.js";
import { scope } from "../tensor/scope.js";

/** The most probable token; of several, the one with the lowest id. */
export function mostProbable(logits: Float32Array): number {
  let best = -1;
  let most = -Infinity;
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (logit > most) {
      most = logit;
      best = id;
    } else if (Number.isNaN(logit)) throw notLogits("mostProbable", logits);
  }
  if (best < 0) throw notLogits("mostProbable", logits);
  return best;
}

/** Divides by the temperature: below 1 sharpens the distribution, above 1 flattens it. */
export function scaleByTemperature(logits: Float32Array, temperature: number): void {
  if (!(temperature > 0 && temperature < Infinity))
    throw new OptionError({
      op: "scaleByTemperature",
      expected: "a temperature above 0",
      got: String(temperature),
      cure: "For the most probable token each time, use mostProbable().",
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
  const least = kthLargest(logits, k);
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
 * Keeps the tokens that are at least `p` times as probable as the most probable one (min-p: Nguyen et al., "Turning up
 * the heat: min-p sampling for creative and coherent LLM outputs", 2024).
 */
export function keepMinP(logits: Float32Array, p: number): void {
  if (!(p >= 0 && p <= 1))
    throw new OptionError({ op: "keepMinP", expected: "p from 0 to 1", got: String(p) });
  const least = logits[mostProbable(logits)]! + log(p);
  for (let id = 0; id < logits.length; id++) if (logits[id]! < least) logits[id] = -Infinity;
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
  if (!(probabilities[0]! >= 0)) throw notLogits(op, logits);
  return probabilities;
}

/** The k-th largest, by a heap of the k largest so far whose first is the least of them. */
function kthLargest(logits: Float32Array, k: number): number {
  const heap = logits.slice(0, k);
  for (let at = k >> 1; at-- > 0;) sink(heap, at);
  for (let id = 0; id < logits.length; id++) {
    const logit = logits[id]!;
    if (Number.isNaN(logit)) throw notLogits("keepTopK", logits);
    if (id >= k && logit > heap[0]!) {
      heap[0] = logit;
      sink(heap, 0);
    }
  }
  return heap[0]!;
}

/** Swaps what stands at `at` with the lesser of the two below, until neither is less. */
function sink(heap: Float32Array, at: number): void {
  const value = heap[at]!;
  for (let below = 2 * at + 1; below < heap.length; below = 2 * at + 1) {
    if (below + 1 < heap.length && heap[below + 1]! < heap[below]!) below++;
    if (!(heap[below]! < value)) break;
    heap[at] = heap[below]!;
    at = below;
  }
  heap[at] = value;
}

/** The error for logits that are no distribution: NaN or Infinity among them, or none above -Infinity. */
export function notLogits(op: string, logits: Float32Array, where = ""): NumericError {
  const id = logits.findIndex((logit) => Number.isNaN(logit) || logit === Infinity);
  if (id >= 0)
    return new NumericError({
      op,
      expected: "logits below Infinity, none of them NaN",
      got: `${logits[id]} for id ${id}${where}`,
      cure: "Look for NaN in the model's parameters.",
    });
  return new NumericError({
    op,
    expected: "at least one logit above -Infinity",
    got: `${logits.length === 0 ? "none at all" : `${logits.length} of -Infinity`}${where}`,
  });
}
