// What a tagger is made of, and how it is trained.
import { TAG_SCHEMES, type TagScheme } from "../../metrics/spans.js";
import type { Examples } from "../../data/examples.js";
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";
import {
  api,
  byTheData,
  choice,
  flag,
  probability,
  whole,
  withDefaults,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import { OF_A_RUN } from "../kit/run-length.js";
import type { WordRules } from "../../text/words.js";
import type { PretrainedOptions } from "../parts/pretrained.js";
import { WORD_ENCODER_OPTIONS, type WordEncoderOptions } from "../parts/word-encoder.js";
import type { TaggerScores } from "./scorer.js";
import type { TaggedSentence } from "./sentence.js";

export interface SequenceTaggerOptions extends WordEncoderOptions {
  /**
   * How the tags mark spans: then spans are scored too, and the CRF gives none but well-formed tags. `"none"`: labels
   * that stand for themselves, such as parts of speech. Default `"none"`; `SequenceTagger.build` finds out.
   */
  scheme?: TagScheme | "none" | undefined;
  /**
   * The scheme in which the model learns the spans, whatever that of the tags is; with BIOES it learns where they
   * end, too. Default: the scheme of the tags; `SequenceTagger.build`: BIOES up to 10 kinds of spans, else IOB2.
   */
  trainingScheme?: TagScheme | undefined;
  /** What reads the words in their context: a bidirectional LSTM, or Transformer layers. Default `"lstm"`. */
  encoder?: "lstm" | "transformer" | undefined;
  /** Size of the LSTM's state in each direction; a Transformer has twice as many features. Default 100. */
  hiddenSize?: number | undefined;
  /** Layers of the LSTM, or of the Transformer. Default 1. */
  numLayers?: number | undefined;
  /** Transformer: heads of attention, which divide its features into even parts. Default: 4. */
  numHeads?: number | undefined;
  /** Probability of dropping, in training: of words' vectors, between layers, and before the labels. Default 0.5. */
  dropout?: number | undefined;
  /** Whether that drops the same units at every word of a sentence (Gal & Ghahramani 2016). Default false. */
  variationalDropout?: boolean | undefined;
  /** Whether a CRF learns which label follows which; else each word's label is chosen alone. Default true. */
  crf?: boolean | undefined;
  /**
   * What `predict` cuts a text into. Default `"words"`; `SequenceTagger.build`: `"characters"` where the sentences are
   * cut into characters, as Chinese ones often are.
   */
  tokens?: "words" | "characters" | undefined;
  /** The rules by which it does, see `wordTokenize`. Default 2; of files that do not say 1. */
  wordRules?: WordRules | undefined;
}

export type SequenceTaggerSettings = Settings<SequenceTaggerOptions, "trainingScheme" | "numHeads">;

export const TAGGER_OPTIONS: OptionTable<SequenceTaggerOptions> = {
  scheme: choice([...TAG_SCHEMES, "none"], "none", "how tags mark spans"),
  trainingScheme: choice(
    TAG_SCHEMES,
    undefined,
    "scheme that the model learns (default: the tags')",
  ),
  encoder: choice(["lstm", "transformer"], "lstm", "what reads the words in their context"),
  hiddenSize: whole(1, 100, "size of the LSTM's state in each direction; half a Transformer's"),
  numLayers: whole(1, 1, "layers of the LSTM, or of the Transformer"),
  numHeads: whole(1, undefined, "Transformer: heads of attention (default: 4)"),
  ...WORD_ENCODER_OPTIONS,
  dropout: probability(0.5, "share of values dropped in training"),
  variationalDropout: flag(false, "drop the same units at every word of a sentence"),
  crf: flag(true, "choose each word's tag alone, without a CRF"),
  tokens: choice(["words", "characters"], "words", "what texts are cut into when they are tagged"),
  wordRules: { ...api<WordRules>("any", "rules of words"), default: 2 },
};

export interface BuildTaggerOptions
  extends Omit<SequenceTaggerOptions, "scheme">, PretrainedOptions {
  /** How the tags mark spans; `"none"`: they do not; `"auto"`: as they look. Default `"auto"`. */
  scheme?: TagScheme | "none" | "auto" | undefined;
  /** Rarer words are unknown. Default 1. */
  minCount?: number | undefined;
}

export const BUILD_TAGGER_OPTIONS: OptionTable<BuildTaggerOptions> = {
  ...withDefaults(TAGGER_OPTIONS, { shapeSize: 10, wordDropout: 1 }),
  lowercase: flag(true, "look words up as they are written"),
  zeroDigits: flag(true, "tell digits apart"),
  trainingScheme: choice(
    TAG_SCHEMES,
    undefined,
    "scheme that the model learns (default: BIOES up to 10 kinds of spans, else IOB2)",
  ),
  tokens: choice(
    ["words", "characters"],
    undefined,
    "what texts are cut into when they are tagged (default: as the sentences are)",
  ),
  scheme: choice(
    ["auto", "none", ...TAG_SCHEMES],
    "auto",
    "how tags mark spans; none: they do not",
  ),
  minCount: whole(1, 1, "rarer words are unknown"),
  vectors: api("object", "word vectors to begin with"),
};

export interface TaggerFitOptions<
  Label extends string = string,
  Intent extends string = string,
> extends FitOptions<TaggerScores> {
  /** Sentences that decide which weights are kept. Default: none, the last are. */
  validation?: Examples<TaggedSentence<Label, Intent>> | undefined;
}

export const TAGGER_FIT_OPTIONS = byTheData(
  FIT_OPTIONS as OptionTable<FitOptions<TaggerScores>>,
  OF_A_RUN,
);

/** The options in a model's file: those of earlier versions have `encoding`, null for none, and no `wordRules`. */
export function taggerFromFile(options: unknown): SequenceTaggerOptions {
  const { encoding, ...saved } = Object(options) as SequenceTaggerOptions & {
    encoding?: TagScheme | null | undefined;
  };
  const scheme = saved.scheme ?? "none";
  return { wordRules: 1, ...saved, scheme, ...(encoding && { trainingScheme: encoding }) };
}
