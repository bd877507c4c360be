// The ready model of a file, whatever kind it is.
import * as models from "hiddenstate/models";
import { FleetError } from "./errors.mjs";

/** Those that answer inputs which a line can hold, by the kind that their files name. */
const CLASSES = {
  "multi-label-classifier": models.MultiLabelClassifier,
  seq2seq: models.Seq2Seq,
  "sequence-autoencoder": models.SequenceAutoencoder,
  "sequence-classifier": models.SequenceClassifier,
  "sequence-tagger": models.SequenceTagger,
  "series-forecaster": models.SeriesForecaster,
  "siamese-network": models.SiameseNetwork,
};

/** @param {Uint8Array} bytes @returns {{ predictBatch(inputs: any[]): any[] }} */
export function loadModel(bytes) {
  const { kind } = models.readModelInfo(bytes);
  const known = CLASSES[kind];
  if (!known)
    throw new FleetError({
      op: "score",
      expected: `a model that answers lines (${Object.keys(CLASSES).join(", ")})`,
      got: `a ${kind}`,
    });
  return known.load(bytes);
}
