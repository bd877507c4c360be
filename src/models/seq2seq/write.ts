// What a model writes about sources: the search, and its results as texts.
import { noGrad } from "../../autograd/mode.js";
import type { DecoderOptions } from "../../decode/decoder.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { scope } from "../../tensor/scope.js";
import { inBatches } from "../kit/example-model.js";
import { Seq2SeqDecoder } from "./decoder.js";
import type { Written } from "./example.js";
import type { ReadSource, Seq2SeqParts } from "./parts.js";
import { searchFor } from "./search.js";
import type { SearchSettings } from "./search-options.js";
import { writtenOf } from "./written.js";

/** A decoder about sources, as the encoder reads them. */
export function decoderOf(
  parts: Seq2SeqParts,
  sources: readonly Int32Array[],
  options: DecoderOptions,
): Seq2SeqDecoder {
  const { encoder, writer } = parts;
  const begin = inEvaluation(parts, () =>
    scope(() => noGrad(() => writer.begin(encoder.forward(sources)))),
  );
  return new Seq2SeqDecoder(writer, begin, sources.length, options);
}

/** The best texts for each source, in their order: batches of about one length. */
export function writeTexts(
  parts: Seq2SeqParts,
  sources: readonly ReadSource[],
  settings: SearchSettings,
): Written[][] {
  const { options, source, target } = parts;
  const all: Written[][] = [];
  for (const places of inBatches(sources, ({ ids }) => ids.length)) {
    const batch = places.map((i) => sources[i]!.ids);
    const decoder = decoderOf(parts, batch, { capacity: batch.length * settings.beams });
    const sides = { target, lengthRatio: options.lengthRatio };
    const found = searchFor(decoder, batch, sides, settings);
    places.forEach((i, row) => {
      const { text, ids: read } = sources[i]!;
      const tokens = () => source.tokensOf(text);
      const looked = (ids: Int32Array) => lookedAt(parts, read, ids);
      all[i] = found[row]!.map((one) => writtenOf(one, target, tokens, looked, settings));
    });
  }
  return all;
}

/** Attention weights of what was written, `[target, source]`, the source in the order of its text. */
function lookedAt(parts: Seq2SeqParts, source: Int32Array, ids: Int32Array): Float32Array {
  const { encoder, writer, options } = parts;
  const weights = inEvaluation(parts, () =>
    scope(() =>
      noGrad(() => {
        const begin = writer.begin(encoder.forward([source]));
        return { weights: writer.force([ids], begin, true).weights!.data() };
      }),
    ),
  ).weights;
  if (options.reverseSource)
    for (let at = 0; at < weights.length; at += source.length)
      weights.subarray(at, at + source.length - 1).reverse();
  return weights;
}
