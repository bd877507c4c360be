// A linear chain by enumeration of every path, in float64.

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
  const scores = allPaths(chain).map(({ score }) => score);
  const most = Math.max(...scores);
  return most + Math.log(scores.reduce((total, score) => total + Math.exp(score - most), 0));
}
