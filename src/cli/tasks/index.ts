// Every task of the command: nothing else names one.
import type { Task } from "../task.js";
import { autoencoder } from "./autoencoder.js";
import { captions } from "./captions.js";
import { classifier } from "./classifier.js";
import { forecast } from "./forecast.js";
import { languageModel } from "./language-model.js";
import { multiLabel } from "./multi-label.js";
import { music } from "./music.js";
import { pairs } from "./pairs.js";
import { seq2seq } from "./seq2seq.js";
import { soundClassifier } from "./sound-classifier.js";
import { speech } from "./speech.js";
import { tagger } from "./tagger.js";

/** The first is the one that `train` has where none is named. */
export const TASKS: readonly Task[] = [
  languageModel,
  tagger,
  classifier,
  multiLabel,
  pairs,
  seq2seq,
  forecast,
  autoencoder,
  speech,
  soundClassifier,
  captions,
  music,
];
