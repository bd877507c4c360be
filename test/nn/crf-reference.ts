// A linear-chain CRF in float64: by enumeration of every path, and by forward and backward sums of logarithms.

export interface Chain {
  readonly tags: number;
  /** Scores of `[step, tag]`, of one sequence. */
  readonly emissions: readonly (readonly number[])[];
  readonly transitions: readonly (readonly number[])[];
  readonly start: readonly number[];
  readonly end: readonly number[];
}

/** Every path, with its score. */
export function allPaths({ tags, emissions, transitions, start, end }: Chain) {
  let paths: { path: number[]; score: number }[] = [{ path: [], score: 0 }];
  emissions.forEach((emission, t) => {
    paths = paths.flatMap(({ path, score }) =>
      Array.from({ length: tags }, (_, tag) => ({
        path: [...path, tag],
        score: score + emission[tag]! + (t === 0 ? start[tag]! : transitions[path[t - 1]!]![tag]!),
      })),
    );
  });
  return paths.map(({ path, score }) => ({
    path,
    score: score + (path.length > 0 ? end[path.at(-1)!]! : 0),
  }));
}

export function logZ(chain: Chain): number {
  return logSumExp(allPaths(chain).map(({ score }) => score));
}

/** log Z, the probability of each tag at each step, and how often each transition is taken: forward and backward sums. */
export function forwardBackward({ tags, emissions, transitions, start, end }: Chain) {
  const all = Array.from({ length: tags }, (_, tag) => tag);
  const steps = emissions.length;
  const taken = all.map(() => all.map(() => 0));
  if (steps === 0) return { logZ: 0, marginals: [], taken };
  const alphas = [all.map((j) => start[j]! + emissions[0]![j]!)];
  for (let t = 1; t < steps; t++)
    alphas.push(
      all.map(
        (j) =>
          emissions[t]![j]! + logSumExp(all.map((i) => alphas[t - 1]![i]! + transitions[i]![j]!)),
      ),
    );
  const total = logSumExp(all.map((j) => alphas[steps - 1]![j]! + end[j]!));
  let beta = [...end];
  const marginals: number[][] = [];
  for (let t = steps - 1; t >= 0; t--) {
    marginals[t] = all.map((j) => Math.exp(alphas[t]![j]! + beta[j]! - total));
    if (t === 0) break;
    const after = beta.map((value, j) => value + emissions[t]![j]!);
    for (const i of all)
      for (const j of all)
        taken[i]![j]! += Math.exp(alphas[t - 1]![i]! + transitions[i]![j]! + after[j]! - total);
    beta = all.map((i) => logSumExp(all.map((j) => transitions[i]![j]! + after[j]!)));
  }
  return { logZ: total, marginals, taken };
}

function logSumExp(values: readonly number[]): number {
  const most = Math.max(...values);
  if (most === -Infinity) return -Infinity;
  return most + Math.log(values.reduce((total, value) => total + Math.exp(value - most), 0));
}
