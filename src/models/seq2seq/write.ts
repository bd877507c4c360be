// What a model writes about sources: the search, and its results as texts.
import { noGrad } from "../../autograd/mode.js";
import type { DecoderOptions } from "../../decode/decoder.js";
import { inEvaluation } from "../../nn/in-evaluation.js";
import { scope } from "../../tensor/scope.js";
import { foundInBatches } from "../kit/example-model.js";
import type { Asked } from "./asked.js";
import { WriterDecoder } from "./decoder.js";
import type { Written } from "./example.js";
import { begun, type WritingParts } from "./parts.js";
import { searchFor } from "./search.js";
import type { SearchSettings } from "./search-options.js";
import { disposeOf, type Begin } from "./target-writer.js";
import { writtenOf } from "./written.js";

/**
 * What the writer knows of sources, as the encoder reads them: its caller's to dispose of, or a decoder's.
 *
 * @param rows the sources that it writes about, by their numbers. Default: each once
 */
export function beginning<Source>(
  parts: WritingParts<Source>,
  sources: readonly Source[],
  rows?: Int32Array,
): Begin {
  return inEvaluation(parts, () => scope(() => noGrad(() => begun(parts, sources, rows))));
}

/** A decoder about sources, as the encoder reads them. */
export function decoderOf<Source>(
  op: string,
  parts: WritingParts<Source>,
  sources: readonly Source[],
  options: DecoderOptions,
): WriterDecoder {
  return new WriterDecoder(op, parts.writer, beginning(parts, sources), sources.length, options);
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
export function writeTexts<Source>(
  op: string,
  parts: WritingParts<Source>,
  asked: readonly Asked<Source>[],
  settings: SearchSettings,
): Written[][] {
  const write = (batch: readonly Asked<Source>[]) => {
    const sources = batch.map(({ source }) => source);
    return writeBatch(op, parts, batch, beginning(parts, sources), settings);
  };
  return foundInBatches(asked, ({ length }) => length, write, sourcesAtOnce(settings));
}

/**
 * The best texts for each of as many sources as fit.
 *
 * @param begin what the encoder made of them; the search disposes of it
 */
function writeBatch<Source>(
  op: string,
  parts: WritingParts<Source>,
  batch: readonly Asked<Source>[],
  begin: Begin,
  settings: SearchSettings,
): Written[][] {
  const capacity = batch.length * settings.beams;
  const decoder = new WriterDecoder(op, parts.writer, begin, batch.length, { capacity });
  const found = searchFor(decoder, batch, parts.target, settings);
  return batch.map((one, row) => {
    const looks = (all: readonly Int32Array[]) => lookedAt(parts, one, all);
    return writtenOf(found[row]!, parts.target, () => one.places(), looks, settings);
  });
}

/**
 * What is written about sources that were read before, to be scored too: `begin` is used up. Where they are too many for one
 * search, they are read again.
 */
export function writeOnceRead<Source>(
  op: string,
  parts: WritingParts<Source>,
  batch: readonly Asked<Source>[],
  begin: Begin,
  settings: SearchSettings,
): Written[][] {
  if (batch.length <= sourcesAtOnce(settings)) return writeBatch(op, parts, batch, begin, settings);
  disposeOf(begin);
  return writeTexts(op, parts, batch, settings);
}

/** Attention weights of each text that was written, `[target, source]`, the source in its own order. */
function lookedAt<Source>(
  parts: WritingParts<Source>,
  { source, reversed }: Asked<Source>,
  texts: readonly Int32Array[],
): Float32Array[] {
  const { encoder, writer } = parts;
  const { weights, time, size } = inEvaluation(parts, () =>
    scope(() =>
      noGrad(() => {
        const read = encoder.selected(encoder.forward([source]), new Int32Array(texts.length));
        const weights = writer.weights(texts, writer.begin(read))!;
        return { weights: weights.data(), time: weights.shape[1]!, size: weights.shape[2]! };
      }),
    ),
  );
  if (reversed)
    for (let at = 0; at < weights.length; at += size) weights.subarray(at, at + size - 1).reverse();
  return texts.map(({ length }, row) => {
    const first = row * time * size;
    return weights.slice(first, first + length * size);
  });
}
