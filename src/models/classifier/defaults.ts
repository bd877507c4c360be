// How a classifier is sized and trained where the options say nothing: by what its examples are like.
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
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
export function chooseFit(_data: TrainingStatistics): Partial<FitOptions<ClassifierScores>> {
  return {};
}
