// A search for the best texts about sources.
import { beamSearch } from "../../decode/beam-search.js";
import type { Decoder } from "../../decode/decoder.js";
import type { Hypothesis } from "../../decode/hypothesis.js";
import { penalizeRepeats } from "../../decode/penalize-repeats.js";
import type { Asked } from "./asked.js";
import type { SearchSettings } from "./search-options.js";
import type { Side } from "./side.js";

/** Where texts about sources begin and end, and what may not stand in them. */
export function limitsOf(asked: readonly Asked<unknown>[], target: Side, settings: SearchSettings) {
  const { replaceUnknown, minLength } = settings;
  const { unknown } = target;
  const lengthFor = (longest: number) => settings.maxLength ?? Math.max(minLength + 1, longest);
  return {
    prompt: target.end,
    endToken: target.end,
    maxLength: asked.map(({ longest, most }) => Math.min(most, lengthFor(longest))),
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
  asked: readonly Asked<unknown>[],
  target: Side,
  settings: SearchSettings,
): Hypothesis[][] {
  const { beams, alternatives, lengthPenalty, alpha } = settings;
  const options = limitsOf(asked, target, settings);
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
