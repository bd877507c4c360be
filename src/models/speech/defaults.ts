// How a recognizer is made and trained where the options say nothing: by what its recordings are like.
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import { chooseRun, wholeWithin } from "../kit/run-length.js";
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
    ...(!given.optimizer && { learningRate: 2e-3 }),
    schedule: "cosine",
    warmup: 0.05,
  };
}
