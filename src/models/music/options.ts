// What a model of music is made of, and how it is trained.
import {
  byTheData,
  choice,
  flag,
  probability,
  whole,
  withDefaults,
  type Option,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import { LOSS, type Metrics } from "../../metrics/metric.js";
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";

export interface MusicOptions {
  /**
   * How the notes of a step are said: `"joint"`, one after the other in rising order, each from those below it, which is their exact
   * joint distribution; or `"independent"`, each from the steps before alone (Boulanger-Lewandowski et al. 2012). Default `"joint"`.
   */
  notes?: "joint" | "independent" | undefined;
  /** The lowest note, a MIDI number: A0, the piano's lowest. Default 21. */
  lowest?: number | undefined;
  /** The highest note: C8, the piano's highest. Default 108. */
  highest?: number | undefined;
  /**
   * Joint notes: whether those that are held are told from those that are struck. Default false; `build`: where all pieces say
   * it, as MIDI files do.
   */
  held?: boolean | undefined;
  /** Size of the vector that the LSTM reads. Default 64. */
  embeddingSize?: number | undefined;
  /** Size of the LSTM's state. Default 128; `build`: 256 for independent notes. */
  hiddenSize?: number | undefined;
  /** Layers of the LSTM. Default 1. */
  numLayers?: number | undefined;
  /** Probability of dropping, in training: between layers, and before the output. Default 0; `build`: by the data. */
  dropout?: number | undefined;
}

export type MusicSettings = Settings<MusicOptions>;

const midiNumber = (value: number, help: string): Option<number> => ({
  ...whole(0, value, help),
  form: "a whole number from 0 to 127",
  fits: (given) => Number.isInteger(given) && (given as number) >= 0 && (given as number) <= 127,
});

export const MUSIC_OPTIONS: OptionTable<MusicOptions> = {
  notes: choice(["joint", "independent"], "joint", "how the notes of a step are said"),
  lowest: midiNumber(21, "the lowest note, a MIDI number"),
  highest: midiNumber(108, "the highest note"),
  held: flag(false, "tell notes that are held from those that are struck"),
  embeddingSize: whole(1, 64, "size of the vector that the LSTM reads"),
  hiddenSize: whole(1, 128, "size of the LSTM's state"),
  numLayers: whole(1, 1, "layers of the LSTM"),
  dropout: probability(0, "share of values dropped in training"),
};

/** What the data decide where `MusicModel.build` is not told. */
export const BUILD_MUSIC_OPTIONS: OptionTable<MusicOptions> = byTheData(MUSIC_OPTIONS, [
  "held",
  "hiddenSize",
  "dropout",
]);

/** What else the training of a model of music has. */
export interface MusicFitExtra {
  /**
   * Semitones by which a piece is moved up or down at the most, at random each time it is read, within the range of notes; the
   * model is told by how many. Default 5.
   */
  transpose?: number | undefined;
  /** Steps of a piece that are read at once; longer pieces are cut, elsewhere each time. Default 256. */
  sequenceLength?: number | undefined;
}

/** Scores of a model of music. */
export type MusicScores = {
  /** Mean negative log-likelihood of a step given those before it, in nats; the first step of a piece is read only. */
  readonly loss: number;
};

export const MUSIC_METRICS: Metrics<MusicScores> = { loss: LOSS };

/**
 * Options of `MusicModel.fit`. `batchSize` is in pieces, or parts of them: 4. The number of pieces chooses the epochs, 5 to 200 for some
 * 3,500 steps. The learning rate rises in 2 % of the steps to 0.005 and falls to 0, gradients have a norm of 1 at most, beta2 is 0.99.
 */
export interface MusicFitOptions extends FitOptions<MusicScores>, MusicFitExtra {}

export const MUSIC_FIT_OPTIONS = {
  ...withDefaults(
    byTheData(FIT_OPTIONS as OptionTable<FitOptions<MusicScores>>, ["epochs", "batchSize"]),
    {
      learningRate: 5e-3,
      schedule: "linear",
      warmup: 0.02,
      maxNorm: 1,
      weightDecay: 0.01,
      beta2: 0.99,
    },
  ),
  transpose: whole(0, 5, "semitones by which a piece is moved, up or down at the most"),
  sequenceLength: whole(2, 256, "steps of a piece that are read at once"),
} as unknown as OptionTable<FitOptions<MusicScores>> & OptionTable<MusicFitExtra>;
