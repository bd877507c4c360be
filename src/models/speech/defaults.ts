// How a recognizer is made and trained where the options say nothing: by what its recordings are like.
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import { chooseRun, wholeWithin } from "../kit/run-length.js";
import type { SoundAugmentation } from "../parts/sound-augmentation.js";
import type { SpeechScores } from "./options.js";

/** Labels may take so much of the steps: faster speech must fit too. */
const ROOM = 0.6;
/** Share of the recordings that need not: one text that is too long for its sound decides nothing. */
const ODD = 0.01;

/**
 * Frames in a step: as many as leave room for the labels.
 *
 * @param needs of each recording, steps for its labels over frames
 */
export function chooseSubsampling(needs: readonly number[]): number {
  const sorted = [...needs].sort((a, b) => a - b);
  const most = sorted[Math.floor((1 - ODD) * (sorted.length - 1))] ?? 0;
  return [4, 2].find((frames) => most * frames <= ROOM) ?? 1;
}

/** Minutes of sound from which on it is made harder, and from which on more so. */
const [SOME, MUCH] = [10, 600];

/** The options of {@link chooseAugmentation}. */
export const BY_THE_SOUND = ["noise", "frequencyMasks", "timeMasks"] as const;

/**
 * How much is hidden of recordings in training. CTC must first find out when something is said, which takes the longer the more is noise
 * or masked, and few recordings make few steps. Other speeds and loudness hide nothing.
 */
export function chooseAugmentation(
  minutes: number,
): Pick<SoundAugmentation, (typeof BY_THE_SOUND)[number]> {
  if (minutes < SOME) return { noise: 0, frequencyMasks: 0, timeMasks: 0 };
  if (minutes < MUCH) return { noise: 0.25, frequencyMasks: 1, timeMasks: 1 };
  return { noise: 0.5, frequencyMasks: 2, timeMasks: 2 };
}

/** Options of its training: a rate that rises, as CTC begins with blanks alone, and falls to 0. */
export function chooseFit(
  data: TrainingStatistics,
  given: FitOptions<SpeechScores>,
): Partial<FitOptions<SpeechScores>> {
  const { examples } = data;
  const run = chooseRun(data, given, {
    epochs: wholeWithin(2000 / Math.sqrt(examples), 10, 100),
    batchSize: examples < 500 ? 8 : examples < 5000 ? 16 : 32,
  });
  return {
    epochs: run.epochs,
    batchSize: run.batchSize,
    evaluateEvery: run.evaluateEvery,
    // Gradients are large until it says blanks, then small: with a longer memory, steps would stay small for a thousand more.
    ...(!given.optimizer && { learningRate: 2e-3, beta2: 0.98 }),
    schedule: "cosine",
    warmup: 0.05,
  };
}
