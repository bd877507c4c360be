// Contestants in turns, so that what disturbs the machine for a while disturbs all of them.

/**
 * @param contestants `{ name, run }`: `run` gives milliseconds
 * @param seconds in all; each contestant runs at least twice
 * @returns the fastest of each, by name
 */
export async function contest(contestants, seconds) {
  const best = new Map(contestants.map(({ name }) => [name, Infinity]));
  const end = performance.now() + 1000 * seconds;
  for (let round = 0; round < 2 || performance.now() < end; round++)
    for (const { name, run } of contestants) best.set(name, Math.min(best.get(name), await run()));
  return best;
}

/** How workers and shards are called. */
export const nameOf = (each) => (each ? `${each[0]} workers, ${each[1]} shards` : "plain fit");

/** Plain fit, what two workers are compared with, and they. */
export const THREADS = [undefined, [1, 1], [1, 2], [2, 2]];

/** A line for each, with what it is over the first, and two workers over one with the same shards. */
export function print(title, best, unit) {
  const [[, first]] = best;
  for (const [name, time] of best) {
    const one = name === nameOf([2, 2]) ? best.get(nameOf([1, 2])) : undefined;
    const ratio = `${(first / time).toFixed(3)} times the first`;
    const over = one === undefined ? "" : `, ${(one / time).toFixed(3)} times one worker`;
    console.log(
      `${title.padEnd(22)}${name.padEnd(22)}${time.toFixed(2).padStart(10)} ms ${unit}  ${ratio}${over}`,
    );
  }
}
