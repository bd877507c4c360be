import { checkCall, checkCount } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import type { Decoder } from "./decoder.js";
import type { Hypothesis } from "./hypothesis.js";
import { DECODE_KEYS, type DecodeOptions } from "./options.js";
import type { SamplingOptions } from "./sampler.js";
import { write, type Token, type Writing } from "./write.js";

export interface SampleOptions extends DecodeOptions, SamplingOptions {
  /** Texts to write for each row, independent of each other. Default 1. */
  samples?: number | undefined;
}

/**
 * Takes the most probable id at each step, of equal ones the lowest, for all rows of the decoder at once.
 *
 * @returns a text for each row
 * @throws as {@link sample}
 */
export function greedy(decoder: Decoder, options: DecodeOptions): Hypothesis[] {
  checkCall("greedy", arguments, `decoder:object {${DECODE_KEYS}}`);
  return finish(write("greedy", decoder, options, 1, { temperature: 0 })).flat();
}

/**
 * Draws each id by its probability (see {@link SamplingOptions}), for all rows of the decoder at once. Each text has a
 * random generator of its own, the first of the first row the one of a {@link Sampler} with this seed: a text does not
 * depend on what becomes of the others.
 *
 * @returns for each row, its `samples` texts
 * @throws OptionError for options that make no sense, a decoder with a capacity below rows · samples, or a row that
 *   nothing may follow; IndexError for ids that are no classes; ShapeError for lists that have not as many
 *   elements as the decoder has rows; NumericError for logits that are no distribution
 */
export function sample(decoder: Decoder, options: SampleOptions): Hypothesis[][] {
  checkCall("sample", arguments, SAMPLE);
  return finish(writeSamples("sample", decoder, options));
}

/**
 * {@link sample}, id by id as they come, and {@link greedy} search with `temperature: 0`: `for (const { id } of
 * sampleTokens(decoder, options))`. The decoder makes a step when the ids of the step before have been taken; who leaves
 * the loop ends the search. The texts are what the iterator returns at its end.
 *
 * @throws as {@link sample}; for options, at once
 */
export function sampleTokens(
  decoder: Decoder,
  options: SampleOptions,
): Generator<Token, Hypothesis[][], undefined> {
  checkCall("sampleTokens", arguments, SAMPLE);
  return writeSamples("sampleTokens", decoder, options);
}

function writeSamples(op: string, decoder: Decoder, options: SampleOptions): Writing {
  const { samples = 1, temperature, topK, topP, minP, seed, ...common } = options;
  checkCount(op, "samples", samples);
  if (samples > 1 && temperature === 0)
    throw new OptionError({
      op,
      expected: "a temperature above 0 for several samples",
      got: "0, at which all are the same",
    });
  return write(op, decoder, common, samples, { temperature, topK, topP, minP, seed });
}

const SAMPLE = `decoder:object {samples:number temperature:number topK:number topP:number minP:number seed:number ${DECODE_KEYS}}`;

/** Runs to the end. */
function finish(writing: Writing): Hypothesis[][] {
  for (;;) {
    const { done, value } = writing.next();
    if (done) return value;
  }
}
