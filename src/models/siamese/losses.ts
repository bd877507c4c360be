// The loss of a batch, from the vectors of its inputs.
import {
  batchHardTripletLoss,
  hardTripletLoss,
  multipleNegativesRankingLoss,
} from "../../losses/in-batch.js";
import { contrastiveLoss, cosineSimilarityLoss } from "../../losses/pairs.js";
import { mul } from "../../ops/arithmetic.js";
import { embedding } from "../../ops/embedding.js";
import { sum } from "../../ops/reduce.js";
import { slice } from "../../ops/slice.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Target } from "./example.js";
import type { SiameseFitExtra, SiameseLoss } from "./options.js";

export type LossSettings = Required<Pick<SiameseFitExtra, "scale" | "closest" | "soft">> & {
  readonly loss: SiameseLoss;
  readonly margin: number | undefined;
};

/**
 * @param vectors `[inputs, size]`: of pairs first all a, then all b; of labelled inputs one behind the other
 * @param targets of the examples
 */
export function siameseLoss(
  vectors: Tensor,
  targets: readonly Target[],
  { loss, margin, scale, closest, soft }: LossSettings,
): Tensor {
  const numbers = idsOf(targets);
  if (loss === "batchHard") {
    const own = soft ? { soft } : { margin: margin ?? 0.3 };
    return batchHardTripletLoss(vectors, tensor(numbers), own);
  }
  const pairs = targets.length;
  if (loss === "contrastive" || loss === "cosine") {
    const [a, b] = [slice(vectors, 0, 0, pairs), slice(vectors, 0, pairs, 2 * pairs)];
    if (loss === "cosine")
      return cosineSimilarityLoss(a, b, tensor(Float32Array.from(targets, Number)));
    return contrastiveLoss(a, b, tensor(Int32Array.from(targets, Number)), { margin });
  }
  const { anchors, candidates, negatives } = placesIn(targets, numbers);
  // A last batch may hold none, or a pair alone.
  if (anchors.length === 0 || (loss === "hardTriplet" && anchors.length === 1))
    return mul(sum(vectors), 0);
  const pick = (places: readonly number[]) => embedding(tensor(Int32Array.from(places)), vectors);
  if (loss === "hardTriplet")
    return hardTripletLoss(pick(anchors), pick(candidates), { margin, closest });
  const all = pick([...candidates, ...negatives]);
  return multipleNegativesRankingLoss(pick(anchors), all, { scale, symmetric: true });
}

/** A number for each distinct target. */
function idsOf(targets: readonly Target[]): Int32Array {
  const ids = new Map<Target, number>();
  return Int32Array.from(targets, (target) => {
    if (!ids.has(target)) ids.set(target, ids.size);
    return ids.get(target)!;
  });
}

/** Which vectors are anchors, which their candidates, and which belong to no anchor. */
function placesIn(targets: readonly Target[], ids: Int32Array) {
  const [anchors, candidates, negatives] = [[] as number[], [] as number[], [] as number[]];
  if (typeof targets[0] === "string") {
    // Two of each label, side by side.
    for (let i = 0; i + 1 < ids.length; i++) {
      if (ids[i] !== ids[i + 1]) continue;
      anchors.push(i);
      candidates.push(i + 1);
      i++;
    }
    return { anchors, candidates, negatives };
  }
  targets.forEach((same, i) => {
    if (same) {
      anchors.push(i);
      candidates.push(targets.length + i);
    } else negatives.push(i, targets.length + i);
  });
  return { anchors, candidates, negatives };
}
