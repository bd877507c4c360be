import { OptionError } from "../core/errors.js";
import type { Written } from "./hypothesis.js";
import type { DecodeSettings, Source } from "./options.js";

/** Rules out, by -Infinity, what may not follow: `scores` are logits or log-probabilities of one row. */
export function constrain(
  scores: Float32Array,
  written: Written,
  { prefix }: Source,
  { minLength, endTokens, excluded, noRepeatNgramSize }: DecodeSettings,
): void {
  if (written.length < prefix.length) {
    const forced = prefix[written.length]!;
    const score = scores[forced]!;
    scores.fill(-Infinity);
    scores[forced] = score;
    return;
  }
  for (const id of excluded) scores[id] = -Infinity;
  if (written.length < minLength) for (const id of endTokens) scores[id] = -Infinity;
  if (noRepeatNgramSize !== undefined) excludeRepeats(scores, written, noRepeatNgramSize);
}

/** Rules out each id that once followed the same n - 1 ids as now stand at the end. */
function excludeRepeats(scores: Float32Array, written: Written, n: number): void {
  for (let at = written; at.length >= n; at = at.before!) {
    let [earlier, last] = [at.before!, written];
    let left = n - 1;
    for (; left > 0 && earlier.id === last.id; left--) {
      earlier = earlier.before!;
      last = last.before!;
    }
    if (left === 0) scores[at.id] = -Infinity;
  }
}

/** The error for a row that may go on with nothing. */
export function deadEnd(op: string, { row }: Source, { length }: Written): OptionError {
  return new OptionError({
    op,
    expected: `an id that may follow the ${length} ids of row ${row}`,
    got: "none: the model and the options rule out all",
    cure: "Allow an end token or a shorter maxLength, or exclude less.",
  });
}
