// A text that is drawn, token by token, instead of searched for.
import { sample } from "../../decode/sample.js";
import type { SamplingOptions } from "../../decode/sampler.js";
import { askedOf, asRead, type Seq2SeqParts } from "./parts.js";
import { limitsOf, writerOf } from "./search.js";
import { searchSettings, type SearchOptions } from "./search-options.js";
import { decoderOf } from "./write.js";

/** Draws what becomes of a source, by the limits that a search would have. */
export function sampled(
  parts: Seq2SeqParts,
  source: string,
  {
    maxLength,
    minLength,
    noRepeatNgramSize,
    repetitionPenalty,
    ...drawing
  }: SamplingOptions &
    Pick<SearchOptions, "maxLength" | "minLength" | "noRepeatNgramSize" | "repetitionPenalty">,
): string {
  const { target, options } = parts;
  const given = { beams: 1, maxLength, minLength, noRepeatNgramSize, repetitionPenalty };
  const settings = searchSettings("sample", given, false);
  const asked = askedOf(parts, source, asRead(parts.source.encode(source), options));
  const decoder = decoderOf("sample", parts, [asked.source], {});
  try {
    const limits = limitsOf([asked], target, settings);
    const [texts] = sample(writerOf(decoder, settings), { ...limits, ...drawing });
    const { ids } = texts![0]!;
    return target.text(ids.filter((id) => id !== target.end));
  } finally {
    decoder.dispose();
  }
}
