// What a tagger is made of.
import type { TaggerLabelsOptions } from "./labels.js";
import { WORD_ENCODER_DEFAULTS, type WordEncoderOptions } from "./word-encoder.js";

export interface SequenceTaggerOptions extends WordEncoderOptions, TaggerLabelsOptions {
  /** Size of the LSTM's state in each direction. Default 100. */
  hiddenSize?: number;
  /** LSTM layers. Default 1. */
  numLayers?: number;
  /** Probability of dropping, in training: of words' vectors, between layers, and before the labels. Default 0.5. */
  dropout?: number;
  /** Whether that drops the same units at every word of a sentence (Gal & Ghahramani 2016). Default false. */
  variationalDropout?: boolean;
  /** Whether a CRF learns which label follows which; else each word's label is chosen alone. Default true. */
  crf?: boolean;
}

export interface BuildTaggerOptions extends SequenceTaggerOptions {
  /** Words that are seen less often are unknown. Default 1. */
  minCount?: number;
}

export const TAGGER_DEFAULTS: Readonly<Required<SequenceTaggerOptions>> = {
  ...WORD_ENCODER_DEFAULTS,
  scheme: null,
  encoding: null,
  hiddenSize: 100,
  numLayers: 1,
  dropout: 0.5,
  variationalDropout: false,
  crf: true,
};
