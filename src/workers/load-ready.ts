// The ready model of a file, whatever kind it is.
import { FormatError } from "../core/errors.js";
import {
  Captioner,
  LanguageModel,
  MultiLabelClassifier,
  MusicModel,
  readModelInfo,
  Seq2Seq,
  SequenceAutoencoder,
  SequenceClassifier,
  SequenceTagger,
  SeriesForecaster,
  SiameseNetwork,
  SpeechRecognizer,
} from "../models/index.js";
import type { ReadyModel } from "../models/kit/ready-model.js";

/** By the kind that a file names. */
const LOADERS: Readonly<Record<string, (bytes: Uint8Array) => unknown>> = {
  captioner: (bytes) => Captioner.load(bytes),
  "language-model": (bytes) => LanguageModel.load(bytes),
  "multi-label-classifier": (bytes) => MultiLabelClassifier.load(bytes),
  "music-model": (bytes) => MusicModel.load(bytes),
  seq2seq: (bytes) => Seq2Seq.load(bytes),
  "sequence-autoencoder": (bytes) => SequenceAutoencoder.load(bytes),
  "sequence-classifier": (bytes) => SequenceClassifier.load(bytes),
  "sequence-tagger": (bytes) => SequenceTagger.load(bytes),
  "series-forecaster": (bytes) => SeriesForecaster.load(bytes),
  "siamese-network": (bytes) => SiameseNetwork.load(bytes),
  "speech-recognizer": (bytes) => SpeechRecognizer.load(bytes),
};

/** @throws FormatError for a file of something else */
export function loadReady(bytes: Uint8Array): ReadyModel<unknown> {
  const { kind } = readModelInfo(bytes);
  const load = LOADERS[kind];
  if (load) return load(bytes) as ReadyModel<unknown>;
  throw new FormatError({ op: "parallel", expected: "a file of a ready model", got: kind });
}
