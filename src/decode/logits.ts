// Choosing from logits, in small steps that compose: each works in place on the logits of one
// position, and marks what is out of the question with -Infinity.
import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { NumericError, OptionError } from "../core/errors.js";
import { BYTES_PER_ELEMENT } from "../core/dtype.js";
import { log } from "../core/exp-log.js";
import { kernels } from "../wasm/backend.js";
import { f32 } from "../wasm/memory.js";
import { withScratch } from "../wasm/scratch.js";

/** The most probable token; of several, the one with the lowest id. */
export function mostProbable(logits: Float32Array): number {
  checkCall("mostProbable", arguments, "logits:Float32Array");
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
  checkCall("scaleByTemperature", arguments, "logits:Float32Array temperature:number");
  if (!(temperature > 0 && temperature < Infinity))
    throw new OptionError({
      op: "scaleByTemperature",
      expected: "a temperature above 0",
      got: described(temperature),
      cure: "For the most probable token each time, use mostProbable().",
    });
  for (let id = 0; id < logits.length; id++) logits[id] = logits[id]! / temperature;
}

/** Keeps the `k` largest. Where equal ones would make more than `k`, those with the lowest ids stay. */
export function keepTopK(logits: Float32Array, k: number): void {
  checkCall("keepTopK", arguments, "logits:Float32Array k:number");
  if (!Number.isInteger(k) || k < 1)
    throw new OptionError({
      op: "keepTopK",
      expected: "k to be a whole number of at least 1",
      got: described(k),
    });
  if (k >= logits.length) return;
  // A heap of the k that rank first so far, the last of them on top.
  const before = rankingOf(logits);
  const after: Order = (a, b) => before(b, a);
  const heap = Int32Array.from({ length: k }, (_, id) => id);
  heapify(heap, k, after);
  for (let id = 0; id < logits.length; id++) {
    if (Number.isNaN(logits[id]!)) throw notLogits("keepTopK", logits);
    if (id < k || !(logits[id]! > logits[heap[0]!]!)) continue;
    heap[0] = id;
    sink(heap, k, 0, after);
  }
  keepOnly(logits, heap);
}

/**
 * Keeps the nucleus: the most probable tokens, in falling order (of equal ones the lower id first),
 * up to and including the one with which their joint probability reaches `p`.
 */
export function keepTopP(logits: Float32Array, p: number): void {
  checkCall("keepTopP", arguments, "logits:Float32Array p:number");
  if (!(p > 0 && p <= 1))
    throw new OptionError({
      op: "keepTopP",
      expected: "p above 0 and at most 1",
      got: described(p),
    });
  if (p === 1) return;
  const probabilities = probabilitiesOf("keepTopP", logits);
  // All tokens below this together are less than half of what may be left out: no need to sort them.
  const negligible = (1 - p) / (2 * logits.length);
  const heap = new Int32Array(logits.length);
  let left = 0;
  for (let id = 0; id < logits.length; id++)
    if (probabilities[id]! >= negligible) heap[left++] = id;
  const candidates = left;
  // They leave the heap in the order of their rank, and stand behind it.
  const before = rankingOf(logits);
  heapify(heap, left, before);
  for (let reached = 0; reached < p && left > 0;) {
    const id = heap[0]!;
    reached += probabilities[id]!;
    heap[0] = heap[--left]!;
    heap[left] = id;
    sink(heap, left, 0, before);
  }
  keepOnly(logits, heap.subarray(left, candidates));
}

/**
 * Keeps the tokens that are at least `p` times as probable as the most probable one (min-p: Nguyen et al., "Turning up
 * the heat: min-p sampling for creative and coherent LLM outputs", 2024).
 */
export function keepMinP(logits: Float32Array, p: number): void {
  checkCall("keepMinP", arguments, "logits:Float32Array p:number");
  if (!(p >= 0 && p <= 1))
    throw new OptionError({ op: "keepMinP", expected: "p from 0 to 1", got: described(p) });
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
  // Told apart before: for each token, a check of every argument would show.
  if (!(logits instanceof Float32Array && typeof uniform === "number") || arguments.length > 2)
    checkCall("draw", arguments, "logits:Float32Array uniform:number");
  const probabilities = probabilitiesOf("draw", logits);
  let total = 0;
  for (let id = 0; id < probabilities.length; id++) total += probabilities[id]!;
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
  const { length } = logits;
  const probabilities = new Float32Array(length);
  // One row, for each token that is drawn: tensors would take longer than the sum.
  withScratch(length * BYTES_PER_ELEMENT, (at) => {
    f32(at, length).set(logits);
    kernels().softmaxForward(at, at, length === 0 ? 0 : 1, length, NaN);
    probabilities.set(f32(at, length));
  });
  // NaN or Infinity anywhere makes them all NaN, and so does nothing but -Infinity.
  if (!(probabilities[0]! >= 0)) throw notLogits(op, logits);
  return probabilities;
}

/** Whether one id stands before another. */
type Order = (a: number, b: number) => boolean;

/** The more probable id first, of equal ones the lower. */
function rankingOf(logits: Float32Array): Order {
  return (a, b) => logits[a]! > logits[b]! || (logits[a]! === logits[b]! && a < b);
}

function heapify(heap: Int32Array, length: number, before: Order): void {
  for (let at = length >> 1; at-- > 0;) sink(heap, length, at, before);
}

/** Moves what stands at `at` down until nothing below comes before it. */
function sink(heap: Int32Array, length: number, at: number, before: Order): void {
  const id = heap[at]!;
  for (let child = 2 * at + 1; child < length; child = 2 * at + 1) {
    if (child + 1 < length && before(heap[child + 1]!, heap[child]!)) child++;
    if (!before(heap[child]!, id)) break;
    heap[at] = heap[child]!;
    at = child;
  }
  heap[at] = id;
}

/** Rules out all other ids. */
function keepOnly(logits: Float32Array, ids: Int32Array): void {
  const kept = Float32Array.from(ids, (id) => logits[id]!);
  logits.fill(-Infinity);
  for (let i = 0; i < ids.length; i++) logits[ids[i]!] = kept[i]!;
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
