// CTC in float64: by the enumeration of every alignment, and by the textbook forward and backward algorithm.

/** What remains of an alignment: repeated labels merged, then blanks removed. */
export function collapse(alignment: readonly number[], blank: number): number[] {
  return alignment.filter((label, t) => label !== blank && label !== alignment[t - 1]);
}

export function logSoftmax(row: ArrayLike<number>): number[] {
  const values = Array.from(row);
  const most = Math.max(...values);
  const total = values.reduce((sum, value) => sum + Math.exp(value - most), 0);
  return values.map((value) => value - most - Math.log(total));
}

/** The loss by the enumeration of all classes^time alignments. @param logits `[time][classes]` */
export function lossByEnumeration(
  logits: readonly ArrayLike<number>[],
  target: readonly number[],
  blank: number,
): number {
  let alignments: { labels: number[]; score: number }[] = [{ labels: [], score: 0 }];
  for (const row of logits.map(logSoftmax))
    alignments = alignments.flatMap(({ labels, score }) =>
      row.map((logProbability, label) => ({
        labels: [...labels, label],
        score: score + logProbability,
      })),
    );
  const wanted = alignments.filter(
    ({ labels }) => String(collapse(labels, blank)) === String(target),
  );
  return -logSumExp(wanted.map(({ score }) => score));
}

/** Loss and gradient by forward and backward variables, as logarithms. */
export function lossAndGradient(
  logits: readonly ArrayLike<number>[],
  target: readonly number[],
  blank: number,
): { loss: number; gradient: number[][] } {
  const states = [blank, ...target.flatMap((label) => [label, blank])];
  const logProbabilities = logits.map(logSoftmax);
  const size = states.length;
  const skips = (s: number): boolean =>
    s >= 2 && states[s] !== blank && states[s] !== states[s - 2];
  const waysInto = (alpha: readonly number[], s: number): number[] => [
    alpha[s]!,
    ...(s >= 1 ? [alpha[s - 1]!] : []),
    ...(skips(s) ? [alpha[s - 2]!] : []),
  ];
  const alphas: number[][] = [];
  logProbabilities.forEach((row, t) => {
    const before = alphas[t - 1];
    alphas.push(
      states.map((label, s) => {
        const ways = before ? waysInto(before, s) : s <= 1 ? [0] : [];
        return logSumExp(ways) + row[label]!;
      }),
    );
  });
  const ends = alphas.at(-1)?.slice(-2) ?? (target.length === 0 ? [0] : []);
  const loss = -logSumExp(ends);
  let beta = states.map((_, s) => (s >= size - 2 ? 0 : -Infinity));
  const gradient: number[][] = [];
  for (let t = logits.length - 1; t >= 0; t--) {
    const row = logProbabilities[t]!;
    const shares = row.map(() => 0);
    states.forEach((label, s) => (shares[label]! += Math.exp(alphas[t]![s]! + beta[s]! + loss)));
    gradient[t] = row.map((logProbability, label) => Math.exp(logProbability) - shares[label]!);
    const weighted = beta.map((value, s) => value + row[states[s]!]!);
    beta = states.map((_, s) =>
      logSumExp([
        weighted[s]!,
        ...(s + 1 < size ? [weighted[s + 1]!] : []),
        ...(s + 2 < size && skips(s + 2) ? [weighted[s + 2]!] : []),
      ]),
    );
  }
  return { loss, gradient };
}

function logSumExp(values: readonly number[]): number {
  const most = Math.max(-Infinity, ...values);
  if (most === -Infinity) return -Infinity;
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0));
}
