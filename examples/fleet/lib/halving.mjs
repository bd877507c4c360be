// Successive halving (Jamieson and Talwalkar 2016), in step: nobody goes on before all trials have come to the rung. So who goes on
// follows from scores alone, whichever worker was first.

/**
 * @typedef {{ trial: number, state: "paused" | "finished" | "diverged", score: number | null, step: number, reached?: number,
 *   reason?: string, curve: { step: number, trainLoss: number, score: number | null, better: "higher" | "lower", metric: string }[] }} Result
 */

/** The better first; of equal ones the smaller number; those without a score last. @param {Result[]} results */
export function ranked(results) {
  const sign = results.some(({ curve }) => curve.some(({ better }) => better === "lower")) ? 1 : -1;
  const of = ({ score }) => (score === null ? Infinity : sign * score);
  // Infinities have no difference.
  const compare = (one, other) => (of(one) === of(other) ? 0 : of(one) - of(other));
  return [...results].sort((one, other) => compare(one, other) || one.trial - other.trial);
}

/** The numbers of those that go on from a rung: one in `eta`, at least one. @param {Result[]} results @param {number} eta */
export function promoted(results, eta) {
  const scored = ranked(results).filter(({ score }) => score !== null);
  const count = Math.max(1, Math.floor(results.length / eta));
  return scored
    .slice(0, count)
    .map(({ trial }) => trial)
    .sort((one, other) => one - other);
}

/**
 * The table at the end, the best first: by the last rung that a trial came to, then by its score there.
 *
 * @param {{ trial: number, options: Record<string, unknown> }[]} trials
 * @param {Map<number, Result>[]} rungs the results of each rung
 */
export function tableOf(trials, rungs) {
  const seen = new Set();
  const order = [];
  for (const results of [...rungs].reverse())
    for (const { trial } of ranked([...results.values()])) {
      if (!seen.has(trial)) order.push(trial);
      seen.add(trial);
    }
  return order.map((number) => {
    const { options } = trials[number - 1];
    const results = rungs.flatMap((rung) => rung.get(number) ?? []);
    const { state, score, step } = results.at(-1);
    const scores = rungs.map((rung) => rung.get(number)?.score ?? null);
    return {
      trial: number,
      options,
      scores,
      score,
      step,
      state: state === "paused" ? "left out" : state,
    };
  });
}
