// The best path through a CRF (Viterbi 1967).
import type { Tensor } from "../../tensor/tensor.js";
import { f32 } from "../../wasm/memory.js";
import { at } from "../../wasm/ptr.js";
import { crfWeights, type CRFParameters } from "./weights.js";

export interface BestPath {
  readonly tags: Int32Array;
  /** The sum of its emissions and transitions, start and end included. */
  readonly score: number;
}

/**
 * The path of the highest score for each sequence; of equal ones, that whose tags come first, seen from the end.
 *
 * @param emissions `[batch, time, tags]`
 * @param mask what constraints add to the weights
 */
export function viterbi(
  op: string,
  emissions: Tensor,
  parameters: CRFParameters,
  lengths: Int32Array,
  mask?: Float32Array,
): BestPath[] {
  const [, time, tags] = emissions.shape as [number, number, number];
  const plan = planOf(crfWeights(op, parameters, mask), tags);
  return Array.from(lengths, (length, row) => {
    const from = at(emissions.address(op), row * time * tags);
    return bestPath(f32(from, length * tags), length, plan);
  });
}

/** The ways into a tag: the tags that it may follow, and the scores of these transitions. */
interface Ways {
  readonly from: Int32Array;
  readonly scores: Float64Array;
}

/** What is known of the transitions before any sequence is. */
interface Plan {
  readonly tags: number;
  /** Scores of `[from, to]`, of each tag at the start, and at the end. */
  readonly transitions: Float32Array;
  readonly start: Float32Array;
  readonly end: Float32Array;
  readonly ways: readonly Ways[];
  /**
   * By how much the score of another tag may be below that of tag i, and the way from that one still be the
   * better one into a tag that i may come before. What lies further below need not be looked at.
   */
  readonly reach: Float64Array;
}

function planOf(weights: Tensor, tags: number): Plan {
  const scores = weights.data();
  weights.dispose();
  const transitions = scores.subarray(0, tags * tags);
  const start = scores.subarray(tags * tags, tags * (tags + 1));
  const end = scores.subarray(tags * (tags + 1));
  const all = Int32Array.from({ length: tags }, (_, tag) => tag);
  const ways = Array.from(all, (to) => {
    const score = (from: number): number => transitions[from * tags + to]!;
    const from = all.filter((tag) => score(tag) !== -Infinity);
    return { from, scores: Float64Array.from(from, score) };
  });
  const best = ways.map(({ scores }) => scores.reduce((a, b) => Math.max(a, b), -Infinity));
  const reach = Float64Array.from(all, (from) =>
    best.reduce((most, score, to) => {
      const own = transitions[from * tags + to]!;
      return own === -Infinity ? most : Math.max(most, score - own);
    }, 0),
  );
  return { tags, transitions, start, end, ways, reach };
}

function bestPath(
  emission: Float32Array,
  length: number,
  { tags, transitions, start, end, ways, reach }: Plan,
): BestPath {
  if (length === 0) return { tags: new Int32Array(0), score: 0 };
  const back = new Int32Array(length * tags);
  const near = new Int32Array(tags);
  let best = Float64Array.from(start, (score, tag) => score + emission[tag]!);
  let next = new Float64Array(tags);
  for (let t = 1; t < length; t++) {
    const leader = highest(best);
    const least = best[leader]! - reach[leader]!;
    let count = 0;
    for (let tag = 0; tag < tags; tag++) if (best[tag]! >= least) near[count++] = tag;
    for (let to = 0; to < tags; to++) {
      let most = -Infinity;
      let source = 0;
      const consider = (from: number, score: number): void => {
        if (score > most) {
          most = score;
          source = from;
        }
      };
      if (transitions[leader * tags + to] !== -Infinity)
        for (let i = 0; i < count; i++)
          consider(near[i]!, best[near[i]!]! + transitions[near[i]! * tags + to]!);
      else {
        const { from, scores } = ways[to]!;
        for (let i = 0; i < from.length; i++) consider(from[i]!, best[from[i]!]! + scores[i]!);
      }
      next[to] = most + emission[t * tags + to]!;
      back[t * tags + to] = source;
    }
    [best, next] = [next, best];
  }
  const total = best.map((score, tag) => score + end[tag]!);
  let tag = highest(total);
  const score = total[tag]!;
  const path = new Int32Array(length);
  for (let t = length - 1; t >= 0; t--) {
    path[t] = tag;
    tag = back[t * tags + tag]!;
  }
  return { tags: path, score };
}

/** The first of the highest scores. */
function highest(scores: Float64Array): number {
  let best = 0;
  for (let i = 1; i < scores.length; i++) if (scores[i]! > scores[best]!) best = i;
  return best;
}
