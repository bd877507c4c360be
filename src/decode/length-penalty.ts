import { described } from "../core/described.js";
import { checkChoice } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { exp, log } from "../core/exp-log.js";

/**
 * What the log-probability of a text of L ids, the end token included, is divided by, so that longer texts, which are
 * less probable, can win:
 *
 * - `"none"`: 1.
 * - `"average"`: L^α; with α = 1 the score is the mean log-probability of an id (OpenNMT's `avg`, fairseq's `lenpen`,
 *   Hugging Face's `length_penalty`).
 * - `"wu"`: ((5 + L) / 6)^α, of Wu et al., "Google's neural machine translation system", 2016 (equation 14).
 */
export type LengthPenalty = "none" | "average" | "wu";

/** By how much to divide for each length: at least 1 from length 1 on, and never falling. */
export function lengthPenalty(
  op: string,
  kind: LengthPenalty,
  alpha: number | undefined,
): (length: number) => number {
  checkChoice(op, "lengthPenalty", kind, ["none", "average", "wu"]);
  if (kind === "none") {
    if (alpha !== undefined)
      throw new OptionError({
        op,
        expected: 'no alpha where lengthPenalty is "none"',
        got: described(alpha),
      });
    return () => 1;
  }
  const power = alpha ?? 1;
  if (!(power >= 0 && power < Infinity))
    throw new OptionError({ op, expected: "alpha of at least 0", got: described(power) });
  const base = kind === "wu" ? (length: number) => (5 + length) / 6 : (length: number) => length;
  return power === 1 ? base : (length) => exp(power * log(base(length)));
}
