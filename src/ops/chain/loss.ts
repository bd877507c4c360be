// What a linear chain is trained with, and what it says of each tag.
import { defineOp } from "../../autograd/op.js";
import { empty, type Tensor } from "../../tensor/tensor.js";
import { heap, kernels } from "../../wasm/backend.js";
import { f32, fillZero, i32, scratch } from "../../wasm/memory.js";
import { bytesOf, type Ptr } from "../../wasm/ptr.js";
import { runBackward } from "./backward.js";
import { runForward, type ForwardRun } from "./forward.js";
import { chainRows, type ChainRows } from "./rows.js";
import {
  chainWeights,
  rowAt,
  transitionFactors,
  type ChainConstraints,
  type ChainParameters,
  type ChainWeights,
  type TransitionFactors,
} from "./weights.js";

interface Saved {
  readonly rows: ChainRows;
  readonly run: ForwardRun;
  readonly weights: ChainWeights;
  readonly transitions: TransitionFactors;
  readonly targets: Int32Array;
}

const NAME = "chainLoss";

/**
 * log Z - score of each sequence's tags: its negative log-likelihood. All arguments must have been checked.
 *
 * @param emissions `[batch, time, tags]`
 * @param targets tags of `[batch, time]`; what lies past a length is not read
 * @returns `[batch]`; 0 for a sequence without steps
 */
export const chainLoss = /* @__PURE__ */ defineOp({
  name: NAME,
  forward(
    emissions: Tensor,
    { transitions, start, end }: ChainParameters,
    targets: Int32Array,
    lengths: Int32Array,
    constraints?: ChainConstraints,
  ) {
    const rows = chainRows(lengths, emissions.shape[1]!);
    const weights = chainWeights(NAME, { transitions, start, end }, constraints);
    const factors = transitionFactors(weights);
    const run = runForward(emissions, rows, weights, factors, NAME);
    const losses = empty([rows.batch]);
    const scores = targetScores(emissions, weights, targets, rows);
    f32(losses.storage.ptr, rows.batch).set(run.logZ.map((logZ, row) => logZ - scores[row]!));
    const inputs = [emissions, transitions, start, end];
    const saved = { rows, run, weights, transitions: factors, targets };
    return { inputs, unread: inputs, output: losses, saved };
  },
  backward(pass, { rows, run, weights, transitions, targets }: Saved) {
    const { tags } = weights;
    const { count, active, order, lengths, starts } = rows;
    const given = f32(pass.grad(), rows.batch).slice();
    const gradient = heap().allocate(bytesOf(count * tags));
    try {
      const moves = runBackward(gradient, run, rows, weights, transitions, (row) => given[row]!);
      subtractTargets(gradient, moves, targets, given, rows, tags);
      const begins = new Float64Array(tags);
      const ends = new Float64Array(tags);
      for (let place = 0; place < (active[0] ?? 0); place++) {
        const lastStep = lengths[order[place]!]! - 1;
        addTo(begins, f32(rowAt(gradient, place, tags), tags));
        addTo(ends, f32(rowAt(gradient, starts[lastStep]! + place, tags), tags));
      }
      pass.write(0, (to) => scatterRows(to, gradient, rows, tags));
      [moves, begins, ends].forEach((values, i) =>
        pass.write(i + 1, (to) => f32(to, values.length).set(values)),
      );
    } finally {
      heap().free(gradient);
    }
  },
});

/**
 * How likely each tag is at each step, given the whole sequence.
 *
 * @returns `[batch, time, tags]`; zeros past a length
 */
export function chainMarginals(
  op: string,
  emissions: Tensor,
  parameters: ChainParameters,
  lengths: Int32Array,
  constraints?: ChainConstraints,
): Tensor {
  const rows = chainRows(lengths, emissions.shape[1]!);
  const weights = chainWeights(op, parameters, constraints);
  const factors = transitionFactors(weights);
  const run = runForward(emissions, rows, weights, factors, op);
  const marginals = empty(emissions.shape);
  const own = empty([rows.count, weights.tags]);
  runBackward(own.storage.ptr, run, rows, weights, factors, () => 1);
  scatterRows(marginals.storage.ptr, own.storage.ptr, rows, weights.tags);
  return marginals;
}

/** The scores of the targets of each sequence, in the batch's order. */
function targetScores(
  emissions: Tensor,
  { tags, transitions, start, end }: ChainWeights,
  targets: Int32Array,
  { time, lengths }: ChainRows,
): Float64Array {
  const emission = f32(emissions.address(NAME), emissions.size);
  return Float64Array.from(lengths, (length, row) => {
    if (length === 0) return 0;
    const first = row * time;
    const lastTag = targets[first + length - 1]!;
    let score = start[targets[first]!]! + end[lastTag]!;
    for (let t = 0; t < length; t++) {
      const tag = targets[first + t]!;
      score += emission[(first + t) * tags + tag]!;
      if (t > 0) score += transitions[targets[first + t - 1]! * tags + tag]!;
    }
    return score;
  });
}

/** Takes what the targets have off the gradients of emissions and transitions. */
function subtractTargets(
  gradient: Ptr,
  moves: Float32Array,
  targets: Int32Array,
  given: Float32Array,
  { count, places, time }: ChainRows,
  tags: number,
): void {
  const of = f32(gradient, count * tags);
  places.forEach((place, row) => {
    const factor = given[Math.floor(place / time)]!;
    const tag = targets[place]!;
    of[row * tags + tag]! -= factor;
    if (place % time > 0) moves[targets[place - 1]! * tags + tag]! -= factor;
  });
}

/** out `[batch, time, tags]` = the rows in their places, zeros elsewhere. */
function scatterRows(
  out: Ptr,
  from: Ptr,
  { places, count, batch, time }: ChainRows,
  tags: number,
): void {
  fillZero(out, bytesOf(batch * time * tags));
  const ids = scratch(bytesOf(count));
  i32(ids, count).set(places);
  kernels().scatterAddRows(out, from, ids, count, batch * time, tags, -1);
}

function addTo(sums: Float64Array, values: Float32Array): void {
  values.forEach((value, i) => (sums[i]! += value));
}
