// What a search found, as texts: with where the model looked, and with words of the source for unknown ones.
import type { Hypothesis } from "../../decode/hypothesis.js";
import type { SequenceAttention, Written } from "./example.js";
import type { SearchSettings } from "./search-options.js";
import type { Side } from "./side.js";

/**
 * Where the model looked as it wrote each text: `[tokens, source]`, row by row, the source in the order of its text.
 */
export type LookedAt = (texts: readonly Int32Array[]) => readonly Float32Array[];

/**
 * What a search found about a source, as texts.
 *
 * @param sourceTokens those of the source as they stand in it, the end mark too
 */
export function writtenOf(
  found: readonly Hypothesis[],
  target: Side,
  sourceTokens: () => readonly string[],
  lookedAt: LookedAt,
  { attention: tells, replaceUnknown }: Pick<SearchSettings, "attention" | "replaceUnknown">,
): Written[] {
  const unknown = replaceUnknown ? target.unknown : undefined;
  const asks = ({ ids }: Hypothesis) => tells || (unknown !== undefined && ids.includes(unknown));
  const asked = found.filter(asks);
  const looked = asked.length > 0 ? lookedAt(asked.map(({ ids }) => ids)) : [];
  const weights = new Map(asked.map((one, i) => [one, looked[i]!]));
  return found.map((one) =>
    textOf(one, target, sourceTokens, weights.get(one), { tells, unknown }),
  );
}

/** A hypothesis as a text. */
function textOf(
  { ids, score, logProbability, finished }: Hypothesis,
  target: Side,
  sourceTokens: () => readonly string[],
  weights: Float32Array | undefined,
  { tells, unknown }: { readonly tells: boolean; readonly unknown: number | undefined },
): Written {
  const own = finished ? ids.subarray(0, -1) : ids;
  const tokens = target.tokens(own);
  const replaces = unknown !== undefined && own.includes(unknown);
  const source = weights ? sourceTokens() : [];
  const copied = new Map<number, string>();
  if (replaces)
    own.forEach((id, place) => {
      if (id === unknown) copied.set(place, mostLookedAt(weights!, place, source));
    });
  const attention: SequenceAttention | undefined =
    tells && weights ? { target: target.tokens(ids), source, weights } : undefined;
  return {
    text: target.text(own, replaces ? (place) => copied.get(place) : undefined),
    tokens: tokens.map((token, place) => copied.get(place) ?? token),
    logProbability,
    score,
    finished,
    attention,
  };
}

/** The token of the source that a token was written by; never the end mark, which stands for nothing. */
function mostLookedAt(weights: Float32Array, place: number, source: readonly string[]): string {
  const row = weights.subarray(place * source.length, (place + 1) * source.length - 1);
  const most = row.reduce((best, weight, i) => (weight > row[best]! ? i : best), 0);
  return source.length > 1 ? source[most]! : "";
}
