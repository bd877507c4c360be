// The affinities of pairs, p_ij = (p(j | i) + p(i | j)) / 2n, as rows of what is not zero.
import { log } from "../../core/exp-log.js";
import type { Neighbours } from "./neighbours.js";

/** Row i is `ids` and `p` from `starts[i]` on to `starts[i + 1]`: a multiple of 4, filled up with i itself and 0. */
export interface JointAffinities {
  readonly starts: Int32Array;
  readonly ids: Int32Array;
  readonly p: Float32Array;
  /** Σ p log p, and Σ p, which rounding leaves near 1. */
  readonly negativeEntropy: number;
  readonly total: number;
}

export function jointAffinities({ size, ids, affinities }: Neighbours): JointAffinities {
  const n = ids.length / size;
  const back = transposed({ size, ids, affinities });
  // Where in the row that is being made a point stands; a place below the row's start is of an earlier row.
  const place = new Int32Array(n).fill(-1);
  const starts = new Int32Array(n + 1);
  const [others, p] = [
    new Int32Array(2 * ids.length + 3 * n),
    new Float64Array(2 * ids.length + 3 * n),
  ];
  let end = 0;
  const add = (start: number, other: number, affinity: number): void => {
    if (place[other]! < start) {
      place[other] = end;
      others[end++] = other;
    }
    p[place[other]!]! += affinity;
  };
  for (let i = 0; i < n; i++) {
    const start = end;
    for (let k = i * size; k < (i + 1) * size; k++) add(start, ids[k]!, affinities[k]!);
    for (let k = back.starts[i]!; k < back.starts[i + 1]!; k++)
      add(start, back.ids[k]!, back.affinities[k]!);
    while (end & 3) others[end++] = i;
    starts[i + 1] = end;
  }
  const joint = { starts, ids: others.subarray(0, end), p: new Float32Array(end) };
  let [negativeEntropy, total] = [0, 0];
  for (let k = 0; k < end; k++) {
    const value = (joint.p[k] = p[k]! / (2 * n));
    total += value;
    if (value > 0) negativeEntropy += value * log(value);
  }
  return { ...joint, negativeEntropy, total };
}

/** p(i | j) by rows of i. */
function transposed({ size, ids, affinities }: Neighbours) {
  const n = ids.length / size;
  const starts = new Int32Array(n + 1);
  for (const id of ids) starts[id + 1]!++;
  for (let i = 0; i < n; i++) starts[i + 1]! += starts[i]!;
  const next = starts.slice();
  const back = {
    starts,
    ids: new Int32Array(ids.length),
    affinities: new Float32Array(ids.length),
  };
  for (let k = 0; k < ids.length; k++) {
    const to = next[ids[k]!]!++;
    back.ids[to] = Math.floor(k / size);
    back.affinities[to] = affinities[k]!;
  }
  return back;
}
