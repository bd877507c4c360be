// How a tagger is sized and trained where the options say nothing: by what its sentences are like.
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import type { SequenceTaggerOptions } from "./options.js";
import type { TaggerScores } from "./scorer.js";

/** Options of the model. */
export function chooseModel(_data: {
  readonly sentences: number;
  readonly words: number;
  readonly labels: number;
}): Partial<SequenceTaggerOptions> {
  return {};
}

/** Options of its training; `length` is in words. */
export function chooseFit(_data: TrainingStatistics): Partial<FitOptions<TaggerScores>> {
  return {};
}
