// What a model writes about sources: the search, and its results as texts.
import { noGrad } from "../../autograd/mode.js";
import type { DecoderOptions } from "../../decode/decoder.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { scope } from "../../tensor/scope.js";
import { inBatches } from "../kit/example-model.js";
import { Seq2SeqDecoder } from "./decoder.js";
import type { Written } from "./example.js";
import { begun, type ReadSource, type Seq2SeqParts } from "./parts.js";
import { searchFor } from "./search.js";
import type { SearchSettings } from "./search-options.js";
import { disposeOf, type Begin } from "./target-writer.js";
import { writtenOf } from "./written.js";

/** What the writer knows of sources, as the encoder reads them: its caller's to dispose of, or a decoder's. */
export function beginning(parts: Seq2SeqParts, sources: readonly Int32Array[]): Begin {
  return inEvaluation(parts, () => scope(() => noGrad(() => begun(parts, sources))));
}

/** A decoder about sources, as the encoder reads them. */
export function decoderOf(
  parts: Seq2SeqParts,
  sources: readonly Int32Array[],
  options: DecoderOptions,
): Seq2SeqDecoder {
  return new Seq2SeqDecoder(parts.writer, beginning(parts, sources), sources.length, options);
}

/** Texts that are kept open at once, of all sources together: what of their logits is held grows with them. */
const MOST_ROWS = 640;
/** Sources that are read at once. */
const MOST_SOURCES = 64;

/** How many sources are written about at once. */
function sourcesAtOnce({ beams }: SearchSettings): number {
  return Math.max(1, Math.min(MOST_SOURCES, Math.floor(MOST_ROWS / beams)));
}

/** The best texts for each source, in their order: batches of about one length. */
export function writeTexts(
  parts: Seq2SeqParts,
  sources: readonly ReadSource[],
  settings: SearchSettings,
): Written[][] {
  const all: Written[][] = [];
  for (const places of inBatches(sources, ({ ids }) => ids.length, sourcesAtOnce(settings))) {
    const batch = places.map((i) => sources[i]!);
    const begin = beginning(
      parts,
      batch.map(({ ids }) => ids),
    );
    const found = writeBatch(parts, batch, begin, settings);
    places.forEach((i, row) => (all[i] = found[row]!));
  }
  return all;
}

/**
 * The best texts for each of as many sources as fit.
 *
 * @param begin what the encoder made of them; the search disposes of it
 */
function writeBatch(
  parts: Seq2SeqParts,
  batch: readonly ReadSource[],
  begin: Begin,
  settings: SearchSettings,
): Written[][] {
  const { options, source, target, writer } = parts;
  const capacity = batch.length * settings.beams;
  const decoder = new Seq2SeqDecoder(writer, begin, batch.length, { capacity });
  const found = searchFor(
    decoder,
    batch.map(({ ids }) => ids),
    { ...options, target },
    settings,
  );
  return batch.map(({ text, ids }, row) => {
    const looks = (all: readonly Int32Array[]) => lookedAt(parts, ids, all);
    return writtenOf(found[row]!, target, () => source.tokensOf(text), looks, settings);
  });
}

/**
 * What is written about sources that were read before, to be scored too: `begin` is used up. Where they are too many for one
 * search, they are read again.
 */
export function writeOnceRead(
  parts: Seq2SeqParts,
  batch: readonly ReadSource[],
  begin: Begin,
  settings: SearchSettings,
): Written[][] {
  if (batch.length <= sourcesAtOnce(settings)) return writeBatch(parts, batch, begin, settings);
  disposeOf(begin);
  return writeTexts(parts, batch, settings);
}

/** Attention weights of each text that was written, `[target, source]`, the source in the order of its text. */
function lookedAt(
  parts: Seq2SeqParts,
  source: Int32Array,
  texts: readonly Int32Array[],
): Float32Array[] {
  const { encoder, writer, options } = parts;
  const { weights, time } = inEvaluation(parts, () =>
    scope(() =>
      noGrad(() => {
        const read = encoder.repeated(encoder.forward([source]), texts.length);
        const weights = writer.weights(texts, writer.begin(read))!;
        return { weights: weights.data(), time: weights.shape[1]! };
      }),
    ),
  );
  if (options.reverseSource)
    for (let at = 0; at < weights.length; at += source.length)
      weights.subarray(at, at + source.length - 1).reverse();
  return texts.map(({ length }, row) => {
    const first = row * time * source.length;
    return weights.slice(first, first + length * source.length);
  });
}
