// How pairs are scored: what a model finds about each, batch by batch.
import type { EncodedExample, Scoring, TaskTypes } from "../kit/task-types.js";
import type { Seq2SeqPrediction, SequencePair, SequenceText } from "./example.js";
import type { Seq2SeqFitExtra } from "./fit-options.js";
import { lossesOf, type Seq2SeqParts } from "./parts.js";
import {
  Seq2SeqScorer,
  type PairFinding,
  type Seq2SeqDetails,
  type Seq2SeqScores,
} from "./scorer.js";
import type { SearchSettings } from "./search-options.js";
import type { Side } from "./side.js";
import { disposeOf } from "./target-writer.js";
import { beginning, writeOnceRead, writeTexts } from "./write.js";

/** The types of a model of pairs. */
export interface Types extends TaskTypes {
  Input: SequenceText;
  Example: SequencePair;
  /** Ids as the encoder reads them. */
  Encoded: Int32Array;
  Target: { readonly ids: Int32Array; readonly text: string };
  Finding: PairFinding;
  Answer: Seq2SeqPrediction;
  Scores: Seq2SeqScores;
  Details: Seq2SeqDetails;
  Extra: Seq2SeqFitExtra;
}

/** How many of ids were not learnt. */
export function unknownIn({ unknown }: Side, ids: Int32Array): number {
  return ids.reduce((count, id) => count + Number(id === unknown), 0);
}

/** @param most pairs whose source is translated: the first so many */
export function pairScoring(
  op: string,
  parts: Seq2SeqParts,
  settings: SearchSettings,
  most: number,
): Scoring<Types> {
  const unknown = (source: Int32Array) => unknownIn(parts.source, source);
  const scorer = new Seq2SeqScorer(unknown, parts.options.lowercase);
  const find = (batch: readonly EncodedExample<Types>[], places: readonly number[]) => {
    const sources = batch.map(({ encoded }) => encoded);
    const targets = batch.map(({ target }) => target.ids);
    const asked = [...batch.keys()].filter((i) => places[i]! < most);
    const read = asked.map((i) => ({
      text: parts.source.read(op, "source", batch[i]!.example.source),
      ids: sources[i]!,
    }));
    // All but one batch are written about whole, or not at all.
    const whole = asked.length === batch.length;
    const begin = beginning(parts, sources);
    let used = false;
    try {
      const losses = lossesOf(op, parts, begin, targets);
      used = whole;
      const found = whole
        ? writeOnceRead(parts, read, begin, settings)
        : writeTexts(parts, read, settings);
      const written = new Map(found.map(([best], i) => [asked[i]!, best]));
      return batch.map((_, i) => ({ losses: losses[i]!, written: written.get(i) }));
    } finally {
      if (!used) disposeOf(begin);
    }
  };
  return { scorer, find };
}
