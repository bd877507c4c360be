// What a recognizer is made of, and how it is trained.
import {
  byTheData,
  choice,
  flag,
  number,
  probability,
  whole,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import { LOSS, type Metric, type Metrics } from "../../metrics/metric.js";
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";
import { OF_A_RUN } from "../kit/run-length.js";
import { BY_THE_SOUND } from "./defaults.js";
import { SOUND_OPTIONS, type SoundOptions } from "../parts/sound-input.js";

export interface SpeechOptions {
  /**
   * Whether it hears while one speaks: recurrent layers that read forwards only, for {@link SpeechRecognizer.stream}. Else they read
   * the whole of a recording in both directions, which makes fewer errors. Default false.
   */
  streaming?: boolean | undefined;
  /**
   * Frames of 10 ms in a step, of which each gives one label or none: 1, 2 or 4. Default 2; `build`: 4 where texts are short
   * enough.
   */
  subsampling?: number | undefined;
  /** Channels of the convolutions. Default 32. */
  channels?: number | undefined;
  /** Size of the recurrent state in one direction. Default 128. */
  hiddenSize?: number | undefined;
  /** Recurrent layers. Default 2. */
  numLayers?: number | undefined;
  /** Probability of dropping, in training: before, between and behind the recurrent layers. Default 0.2. */
  dropout?: number | undefined;
}

export type SpeechSettings = Settings<SpeechOptions>;

const SUBSAMPLINGS = [1, 2, 4];

export const SPEECH_OPTIONS: OptionTable<SpeechOptions> = {
  streaming: flag(false, "read forwards only, for text while one speaks"),
  subsampling: {
    ...whole(1, 2, "frames of 10 ms in a step"),
    form: "1, 2 or 4",
    fits: (value) => SUBSAMPLINGS.includes(value as number),
  },
  channels: whole(1, 32, "channels of the convolutions"),
  hiddenSize: whole(1, 128, "size of the recurrent state in one direction"),
  numLayers: whole(1, 2, "recurrent layers"),
  dropout: probability(0.2, "share of values dropped in training"),
};

export const SPEECH_UNITS = ["characters", "words"] as const;

/** What labels are. */
export type SpeechUnits = (typeof SPEECH_UNITS)[number];

export interface BuildSpeechOptions extends SpeechOptions, SoundOptions {
  /**
   * What a label is: a character, from which any word can be spelled; or a word, of which only those of the examples are ever heard: for
   * digits and commands. Default: words where each comes twenty times on average, else characters.
   */
  units?: SpeechUnits | undefined;
}

/** The options of `SpeechRecognizer.build`. */
export const BUILD_SPEECH_OPTIONS: OptionTable<BuildSpeechOptions> = {
  units: choice(
    SPEECH_UNITS,
    undefined,
    "what a label is (default: words where they are few, else characters)",
  ),
  ...byTheData(SPEECH_OPTIONS, ["subsampling"]),
  ...byTheData(SOUND_OPTIONS, BY_THE_SOUND),
};

export type SpeechScores = {
  /** Word error rate: edits over the words of the right texts. */
  readonly wer: number;
  /** Character error rate. */
  readonly cer: number;
  /** Mean CTC loss of a label, in nats, of the texts that the model can write. */
  readonly loss: number;
};

const ERRORS: Metric = { better: "lower", as: "share" };

export const SPEECH_METRICS: Metrics<SpeechScores> = { wer: ERRORS, cer: ERRORS, loss: LOSS };

export const SPEECH_FIT_OPTIONS = byTheData(FIT_OPTIONS as OptionTable<FitOptions<SpeechScores>>, [
  ...OF_A_RUN,
  "beta2",
]);

/** How texts are searched for: see `ctcBeamSearch`. */
export interface SpeechSearchOptions {
  /** Texts that are kept at each step; 1 without a language model: the best label of each step. Default 16. */
  beams?: number | undefined;
  /** What the language model weighs. Default 0.5. */
  alpha?: number | undefined;
  /** What each label adds to the score, against the shortness of what a language model likes. Default 0. */
  beta?: number | undefined;
}

export const SPEECH_SEARCH_OPTIONS: OptionTable<SpeechSearchOptions> = {
  beams: whole(1, 16, "texts that are kept at each step; 1: the best label of each"),
  alpha: number({ least: 0, below: Infinity }, 0.5, "what the language model weighs"),
  beta: number({}, 0, "what each label adds to the score"),
};
