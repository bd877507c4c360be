// How an autoencoder is trained where the options say nothing: by how much there is to learn.
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import { chooseRun, wholeWithin } from "../kit/run-length.js";
import type { AutoencoderScores } from "./options.js";

/** Steps of a training that few series need. */
const STEPS = 600;

/** Options of its training. */
export function chooseFit(
  data: TrainingStatistics,
  given: FitOptions<AutoencoderScores>,
): Partial<FitOptions<AutoencoderScores>> {
  const batchSize = data.examples < 500 ? 16 : 32;
  const stepsPerEpoch = Math.ceil(data.examples / (given.batchSize ?? batchSize));
  const epochs = wholeWithin(STEPS / stepsPerEpoch, 10, STEPS);
  return chooseRun(data, given, { epochs, batchSize });
}
