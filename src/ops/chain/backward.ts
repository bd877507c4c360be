// The gradient of log Z: the probability of each tag at each step, and how often each transition is taken. With the
// sums of the forward run it is a recurrence over probabilities alone,
//   γ(t-1, i) = p(t-1, i) · Σ_j factor(i, j) · γ(t, j) / sum(t, j),
// from the distribution at the end, without logarithms.
import { heap, kernels } from "../../wasm/backend.js";
import { f32, scratch } from "../../wasm/memory.js";
import { bytesOf, offset, type Ptr } from "../../wasm/ptr.js";
import { scoresInto, type ForwardRun } from "./forward.js";
import type { ChainRows } from "./rows.js";
import { rowAt, type ChainWeights, type TransitionFactors } from "./weights.js";

/**
 * Overwrites the run's sums, which nobody reads again.
 *
 * @param tagGradient `[count, tags]`: becomes dlogZ / demission of each row, times its sequence's factor
 * @param factors what each sequence's log Z is multiplied by, in the batch's order
 * @returns the same of the transitions from tags to tags, summed over all
 */
export function runBackward(
  tagGradient: Ptr,
  run: ForwardRun,
  rows: ChainRows,
  weights: ChainWeights,
  transitions: TransitionFactors,
  factors: (sequence: number) => number,
): Float32Array {
  const { tags } = weights;
  const { active, starts, steps, order, count } = rows;
  const first = active[0]!;
  const k = kernels();
  const packed = heap().allocate(k.packedBytes(tags, tags));
  k.packBT(packed, transitions.factors.storage.ptr, tags, tags, tags);
  const extra = new Float32Array(tags * tags);
  let exact = run.exact.length;
  for (let t = steps - 1; t >= 0; t--) {
    const [n, on] = [active[t]!, active[t + 1]!];
    const own = rowAt(tagGradient, starts[t]!, tags);
    if (on > 0) {
      // The gradients of the sums, in their place.
      const row = starts[t + 1]! - first;
      const sums = rowAt(run.sums.storage.ptr, row, tags);
      const following = rowAt(tagGradient, starts[t + 1]!, tags);
      k.div(sums, following, sums, on * tags);
      k.gemm(own, sums, packed, 0, on, tags, tags, tags, tags);
      k.mul(own, own, rowAt(run.before.storage.ptr, row, tags), on * tags);
      while (exact > 0 && run.exact[exact - 1]!.step === t + 1) {
        const { place, tag } = run.exact[--exact]!;
        const gradient = f32(rowAt(following, place, tags), tags)[tag]!;
        if (gradient === 0) continue;
        const shares = softmaxOf(scoresInto(run.scores, starts[t]! + place, tag, weights));
        const to = f32(rowAt(own, place, tags), tags);
        shares.forEach((share, from) => {
          to[from]! += gradient * share;
          extra[from * tags + tag]! += gradient * share;
        });
      }
    }
    for (let place = on; place < n; place++) {
      const from = rowAt(run.last.storage.ptr, place, tags);
      k.scale(rowAt(own, place, tags), from, tags, factors(order[place]!));
    }
  }
  heap().free(packed);
  return transitionGradient(run, transitions, extra, count - first, tags);
}

/** factor ⊙ (Σ p(t-1)ᵀ · dsum(t)), and what the exact sums have. */
function transitionGradient(
  { before, sums }: ForwardRun,
  { factors }: TransitionFactors,
  extra: Float32Array,
  count: number,
  tags: number,
): Float32Array {
  const k = kernels();
  const size = tags * tags;
  const panels = Math.ceil(k.packedBytes(count, tags) / 64) * 64;
  const workspace = k.gemmTNScratchBytes(tags);
  const packed = scratch(panels + workspace + bytesOf(size) + 64);
  const out = offset(packed, panels + Math.ceil(workspace / 64) * 64);
  k.packB(packed, sums.storage.ptr, count, tags, tags);
  k.gemmTN(out, before.storage.ptr, packed, offset(packed, panels), tags, tags, count, tags, tags);
  k.mul(out, out, factors.storage.ptr, size);
  const taken = f32(out, size);
  return extra.map((share, i) => share + taken[i]!);
}

function softmaxOf(values: Float32Array): Float32Array {
  const space = scratch(bytesOf(values.length));
  f32(space, values.length).set(values);
  kernels().softmaxForward(space, space, 1, values.length, 0);
  return f32(space, values.length).slice();
}
