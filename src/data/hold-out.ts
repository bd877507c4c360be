// Validation data where none are named: a share of the training data.
import { shuffle, withRngState } from "./shuffle.js";

/** Of fewer examples a share tells nothing, where nobody asked for it. */
export const FEWEST_HELD_OUT = 100;

export interface HeldOut<Example> {
  readonly learnt: readonly Example[];
  readonly kept: readonly Example[];
}

/**
 * Keeps a share of the examples, in random order; both parts have the order of the examples.
 *
 * @param seed decides which
 * @param labelOf what must be learnt before it can be scored: the first example of each stays. Default: nothing
 * @param fewest of fewer examples nothing is kept. Default: 100
 * @returns undefined where nothing is kept: of few examples, or where each has a label of its own
 */
export function holdOut<Example>(
  examples: readonly Example[],
  share: number,
  seed: number,
  labelOf: ((example: Example) => string) | undefined,
  fewest = FEWEST_HELD_OUT,
): HeldOut<Example> | undefined {
  if (examples.length < fewest || share === 0) return undefined;
  const count = Math.min(Math.max(1, Math.round(share * examples.length)), examples.length - 1);
  const labels = new Set<string>();
  const free = [...examples.keys()].filter((i) => {
    const label = labelOf?.(examples[i]!);
    if (label === undefined || labels.has(label)) return true;
    labels.add(label);
    return false;
  });
  if (free.length === 0) return undefined;
  const chosen = withRngState({ seed, counter: 0 }, () => new Set(shuffle(free).slice(0, count)));
  return {
    learnt: examples.filter((_, i) => !chosen.has(i)),
    kept: examples.filter((_, i) => chosen.has(i)),
  };
}
