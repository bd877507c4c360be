// How a classifier is sized and trained where the options say nothing: by what its examples are like.
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import { chooseRun, wholeWithin } from "../kit/run-length.js";
import type { EncoderOptions } from "../parts/encoder-options.js";
import type { ClassifierScores } from "./example.js";

/** Options of the model. */
export function chooseModel(_data: {
  readonly examples: number;
  readonly labels: number;
}): Partial<EncoderOptions> {
  return {};
}

/** Options of its training. */
export function chooseFit(
  data: TrainingStatistics,
  given: FitOptions<ClassifierScores> = {},
): Partial<FitOptions<ClassifierScores>> {
  const { examples } = data;
  return chooseRun({
    data,
    given,
    epochs: wholeWithin(1000 / Math.sqrt(examples), 4, 60),
    batchSize: examples < 5000 ? 16 : examples < 50_000 ? 32 : 64,
  });
}
