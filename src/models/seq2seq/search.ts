// A search for the best texts about sources.
import { beamSearch } from "../../decode/beam-search.js";
import type { Decoder } from "../../decode/decoder.js";
import type { Hypothesis } from "../../decode/hypothesis.js";
import { penalizeRepeats } from "../../decode/penalize-repeats.js";
import type { Asked } from "./asked.js";
import type { WritingParts } from "./parts.js";
import type { SearchSettings } from "./search-options.js";

type Limited = Pick<WritingParts<never>, "target" | "options">;

/** Where texts about sources begin and end, and what may not stand in them. */
export function limitsOf(
  asked: readonly Pick<Asked<unknown>, "longest">[],
  { target, options: { contextLength = Infinity } }: Limited,
  settings: SearchSettings,
) {
  const { replaceUnknown, minLength } = settings;
  const { unknown } = target;
  const most = (longest: number) => settings.maxLength ?? Math.max(minLength + 1, longest);
  return {
    prompt: target.end,
    endToken: target.end,
    maxLength: asked.map(({ longest }) => Math.min(contextLength, most(longest))),
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
  parts: Limited,
  settings: SearchSettings,
): Hypothesis[][] {
  const { beams, alternatives, lengthPenalty, alpha } = settings;
  const options = limitsOf(asked, parts, settings);
  try {
    return beamSearch(writerOf(decoder, settings), {
      ...options,
      beams,
      nBest: alternatives,
      lengthPenalty,
      alpha,
      // Texts of a mean that falls go on up to maxLength where nothing stops them.
      earlyStopping: true,
    });
  } finally {
    decoder.dispose();
  }
}
