// How a model of music is sized and trained where the options say nothing: by what its pieces are like.
import type { TrainingStatistics } from "../kit/ready-model.js";
import { wholeWithin } from "../kit/run-length.js";
import type { FitOptions } from "../kit/fit-options.js";
import type { MusicFitExtra, MusicOptions, MusicScores } from "./options.js";

/** Steps of music beyond which a model needs no dropout; below it ever more. */
const PLENTY = 1_000_000;
const FEW = 50_000;

/** Independent notes are said of each step at once: a larger state costs as little as a smaller one for events. */
export function chooseModel(
  steps: number,
  notes: MusicOptions["notes"] = "joint",
): Required<Pick<MusicOptions, "hiddenSize" | "dropout">> {
  const joint = notes === "joint";
  const share = steps < FEW ? 0.3 : steps < PLENTY ? 0.2 : 0;
  return { hiddenSize: joint ? 128 : 256, dropout: joint ? share : share / 2 };
}

/** Steps of a training that a few pieces need. */
const STEPS = 3500;

export function chooseFit(
  { examples }: TrainingStatistics,
  given: FitOptions<MusicScores> & MusicFitExtra,
): Partial<FitOptions<MusicScores> & MusicFitExtra> {
  const batchSize = 4;
  const stepsPerEpoch = Math.ceil(examples / (given.batchSize ?? batchSize));
  return { batchSize, epochs: wholeWithin(STEPS / stepsPerEpoch, 5, 200) };
}
