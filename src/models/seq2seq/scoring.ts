// How pairs are scored: what a model finds about each, batch by batch.
import type { EncodedExample, Scoring, TaskTypes } from "../kit/task-types.js";
import type { Seq2SeqPrediction, SequencePair, SequenceText } from "./example.js";
import type { Seq2SeqFitExtra } from "./fit-options.js";
import { findingsOf, type Finding } from "./findings.js";
import { askedOf, type Seq2SeqParts } from "./parts.js";
import { Seq2SeqScorer, type Seq2SeqDetails, type Seq2SeqScores } from "./scorer.js";
import type { SearchSettings } from "./search-options.js";
import type { Side } from "./side.js";

/** The types of a model of pairs. */
export interface Types extends TaskTypes {
  Input: SequenceText;
  Example: SequencePair;
  /** Ids as the encoder reads them. */
  Encoded: Int32Array;
  Target: { readonly ids: Int32Array; readonly text: string };
  Finding: Finding;
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
    const judged = batch.map(({ example, encoded, target }) => ({
      asked: askedOf(parts, parts.source.read(op, "source", example.source), encoded),
      targets: [target.ids],
    }));
    return findingsOf(op, parts, judged, (i) => places[i]! < most, settings);
  };
  return { scorer, find };
}
