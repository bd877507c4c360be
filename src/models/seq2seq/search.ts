// What a model makes of sources: a search by its decoder, and its result as texts.
import { beamSearch } from "../../decode/beam-search.js";
import type { Decoder } from "../../decode/decoder.js";
import type { Hypothesis } from "../../decode/hypothesis.js";
import { penalizeRepeats } from "../../decode/penalize-repeats.js";
import { SLACK } from "./defaults.js";
import type { SearchSettings } from "./search-options.js";
import type { Side } from "./side.js";

/** What is written, and how long for each token of the source. */
export interface WrittenSide {
  readonly target: Side;
  readonly lengthRatio: number;
  /** Tokens that learned positions are for: no text gets longer. */
  readonly contextLength: number | undefined;
}

/** Tokens of a text at the most where nothing else is said: one odd pair must not let all others write for minutes. */
const LONGEST = 1000;

/** Where texts about sources begin and end, and what may not stand in them. */
export function limitsOf(
  sources: readonly Int32Array[],
  { target, lengthRatio, contextLength = Infinity }: WrittenSide,
  settings: SearchSettings,
) {
  const { replaceUnknown, minLength } = settings;
  const { unknown } = target;
  const usual = ({ length }: Int32Array) => Math.ceil(lengthRatio * (length + SLACK));
  const most = (ids: Int32Array) =>
    settings.maxLength ?? Math.max(minLength + 1, Math.min(LONGEST, usual(ids)));
  return {
    prompt: target.end,
    endToken: target.end,
    maxLength: sources.map((ids) => Math.min(contextLength, most(ids))),
    minLength,
    excluded: unknown === undefined || replaceUnknown ? [] : [unknown],
    noRepeatNgramSize: settings.noRepeatNgramSize,
  };
}

/** A decoder that makes what was written less probable, where settings say so. */
export function writerOf(
  decoder: Decoder,
  { repetitionPenalty: penalty }: SearchSettings,
): Decoder {
  return penalty > 1 ? penalizeRepeats(decoder, penalty) : decoder;
}

/**
 * The best texts for each source that a decoder was made for, as ids.
 *
 * @param decoder with room for `beams` texts of each source; the search disposes of it
 */
export function searchFor(
  decoder: Decoder,
  sources: readonly Int32Array[],
  sides: WrittenSide,
  settings: SearchSettings,
): Hypothesis[][] {
  const { beams, alternatives, lengthPenalty, alpha } = settings;
  const options = limitsOf(sources, sides, settings);
  try {
    return beamSearch(writerOf(decoder, settings), {
      ...options,
      beams,
      nBest: alternatives,
      lengthPenalty,
      alpha,
      // Texts of a mean that falls go on up to maxLength where nothing stops them.
      earlyStopping: "heuristic",
    });
  } finally {
    decoder.dispose();
  }
}
