// The networks of ready models. Their classes are told by their names: to import them would bring all that trains them along.
import type { SequenceAutoencoder } from "../../models/autoencoder/sequence-autoencoder.js";
import type { Captioner } from "../../models/captioner/captioner.js";
import type { SeriesForecaster } from "../../models/forecaster/series-forecaster.js";
import type { LanguageModel } from "../../models/language-model/language-model.js";
import type { MusicModel } from "../../models/music/music-model.js";
import type { Seq2Seq } from "../../models/seq2seq/seq2seq.js";
import type { SpeechRecognizer } from "../../models/speech/speech-recognizer.js";
import type { SequenceTagger } from "../../models/tagger/sequence-tagger.js";
import type { Module } from "../../nn/module.js";
import type { GraphBuilder } from "./builder.js";
import {
  writeAutoencoder,
  writeClassifier,
  writeSiamese,
  type AnyClassifier,
  type AnySiamese,
} from "./classifiers.js";
import { writeForecaster } from "./forecaster.js";
import { writeLayer, writeLinear } from "./layers.js";
import { writeCaptioner, writeSeq2Seq } from "./pairs.js";
import { writeRecurrent } from "./recurrent.js";
import { writeSpeech } from "./speech.js";
import { writeTagger } from "./tagger.js";
import { writeEncoder } from "./transformer.js";

/** What a model's file says beside the graph. */
export type Notes = Readonly<Record<string, string>>;

/** A graph of a model that has two: what reads the source, and a step of what writes. */
export type Part = "encoder" | "decoder";

type WriteModel = (b: GraphBuilder, model: Module, part: Part | undefined) => Notes;

/** Whether a model is written as two graphs. */
export function hasParts({ constructor: { name } }: Module): boolean {
  return name === "Seq2Seq" || name === "Captioner";
}

/** Writes a ready model's network; undefined for what is none. */
export function modelWriter(model: Module): WriteModel | undefined {
  const { name } = model.constructor;
  return Object.hasOwn(MODELS, name) ? MODELS[name] : undefined;
}

const MODELS: Readonly<Record<string, WriteModel>> = {
  LanguageModel: (b, model) => languageModel(b, model as LanguageModel),
  SequenceClassifier: (b, model) => writeClassifier(b, model as unknown as AnyClassifier),
  MultiLabelClassifier: (b, model) => writeClassifier(b, model as unknown as AnyClassifier),
  SiameseNetwork: (b, model) => writeSiamese(b, model as unknown as AnySiamese),
  SequenceAutoencoder: (b, model) => writeAutoencoder(b, model as unknown as SequenceAutoencoder),
  SequenceTagger: (b, model) => writeTagger(b, model as unknown as SequenceTagger),
  SeriesForecaster: (b, model) => writeForecaster(b, model as SeriesForecaster),
  MusicModel: (b, model) => music(b, model as MusicModel),
  SpeechRecognizer: (b, model) => writeSpeech(b, model as unknown as SpeechRecognizer),
  Seq2Seq: (b, model, part) => writeSeq2Seq(b, model as unknown as Seq2Seq, part!),
  Captioner: (b, model, part) => writeCaptioner(b, model as unknown as Captioner, part!),
};

/** Token ids → logits of what follows each; of an LSTM from a state, with the state at the end. */
function languageModel(b: GraphBuilder, model: LanguageModel): Notes {
  const ids = b.input("ids", "int64", ["batch", "time"]);
  const notes = { vocabulary: JSON.stringify(model.tokenizer.vocabulary.tokens) };
  const vectors = writeLayer(b, model.embedding, "embedding", ids);
  if (model.encoder) {
    const placed = model.positions ? writeLayer(b, model.positions, "positions", vectors) : vectors;
    const hidden = writeEncoder(b, model.encoder, "encoder", placed, { causal: true });
    b.output("logits", writeLinear(b, model.head, "head", hidden));
    return notes;
  }
  const lstm = model.lstm!;
  const axes = [lstm.numLayers, "batch", lstm.hiddenSize];
  const initial = ["h0", "c0"].map((name) => b.input(name, "float", axes));
  const { output, state } = writeRecurrent(b, lstm, "lstm", vectors, { initial });
  b.output("logits", writeLinear(b, model.head, "head", output));
  b.output("hn", state[0]!);
  b.output("cn", state[1]!);
  return notes;
}

/** Columns of what there is at each step, 0 or 1 → logits of what comes. */
function music(b: GraphBuilder, { network }: MusicModel): Notes {
  const { vectors, lstm, head } = network;
  const x = b.input("x", "float", ["batch", "time", vectors.weight.shape[1]!]);
  const axes = [lstm.numLayers, "batch", lstm.hiddenSize];
  const initial = ["h0", "c0"].map((name) => b.input(name, "float", axes));
  const read = writeLinear(b, vectors, "network.vectors", x);
  const { output, state } = writeRecurrent(b, lstm, "network.lstm", read, { initial });
  b.output("logits", writeLinear(b, head, "network.head", output));
  b.output("hn", state[0]!);
  b.output("cn", state[1]!);
  return {};
}
