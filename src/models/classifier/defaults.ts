// How a classifier is sized and trained where the options say nothing: by what its examples are like.
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import { chooseRun, wholeWithin } from "../kit/run-length.js";
import { impliedEncoder, type EncoderName, type EncoderOptions } from "../parts/encoder-options.js";
import type { Scores } from "../../metrics/metric.js";
import type { ClassifierScores, MultiLabelScores } from "./example.js";
import type { ClassifierFitExtra } from "./options.js";

export const TEXT_DEFAULTS = { dropout: 0.5, inputDropout: 0.2 };

/** Where a recurrent network overtakes convolutions. */
const MANY_TEXTS = 20_000;
const MANY_SERIES = 5000;
/** Steps that a few series need: blocks of convolutions begin far from what they become. */
const STEPS_OF_SERIES = 600;

/**
 * Options of the model. Of a few thousand texts, groups of words tell the most, and of as many series their shapes: convolutions are
 * better than a recurrent network there, beside an LSTM where series are read; and worse on tens of thousands.
 */
export function chooseModel(
  { input, examples }: { readonly input: string; readonly examples: number },
  given: EncoderOptions,
): EncoderOptions {
  if (input === "series" && impliedEncoder(given) === undefined && examples < MANY_SERIES)
    return { encoder: "lstm-fcn" };
  if (input !== "text") return {};
  const encoder = impliedEncoder(given) ?? (examples < MANY_TEXTS ? "convolutional" : "recurrent");
  // Which drops within its layers too.
  const dropout = encoder === "transformer" ? 0.3 : TEXT_DEFAULTS.dropout;
  return { encoder, ...TEXT_DEFAULTS, dropout };
}

/** Options of its training. */
export function chooseFit<S extends ClassifierScores | MultiLabelScores>(
  data: TrainingStatistics & { readonly encoder?: EncoderName | undefined },
  given: FitOptions<S> & ClassifierFitExtra<never, never> = {},
): Partial<FitOptions<S>> {
  const { examples, encoder } = data;
  const batchSize = examples < 5000 ? 16 : examples < 50_000 ? 32 : 64;
  const usual = wholeWithin(1000 / Math.sqrt(examples), 4, 60);
  const run =
    encoder === "lstm-fcn"
      ? fallingRun(data, given, {
          epochs: Math.max(usual, Math.ceil((STEPS_OF_SERIES * batchSize) / examples)),
          batchSize,
        })
      : chooseRun(data, given, { epochs: usual, batchSize });
  // Where labels are to count alike, they do in the score that decides.
  const alike = given.classWeights === "balanced" || given.sampling === "balanced";
  return alike ? { ...run, metric: "macroF1" } : run;
}

/** With batch normalization a falling rate does what averages do elsewhere. */
function fallingRun<S extends Scores>(
  data: TrainingStatistics,
  given: FitOptions<S>,
  sizes: { epochs: number; batchSize: number },
): Partial<FitOptions<S>> {
  const { averageShare: _, ...run } = chooseRun(data, { schedule: "linear", ...given }, sizes);
  return { ...run, schedule: "linear" };
}
