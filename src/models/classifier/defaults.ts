// How a classifier is sized and trained where the options say nothing: by what its examples are like.
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import { chooseRun, wholeWithin } from "../kit/run-length.js";
import { impliedEncoder, type EncoderOptions } from "../parts/encoder-options.js";
import type { ClassifierScores, MultiLabelScores } from "./example.js";
import type { ClassifierFitExtra } from "./options.js";

export const TEXT_DEFAULTS = { dropout: 0.5, inputDropout: 0.2 };

/** Where a recurrent network overtakes convolutions. */
const MANY_TEXTS = 20_000;

/**
 * Options of the model. Of a few thousand texts, groups of words tell the most: convolutions are better than a recurrent
 * network there, and worse on tens of thousands.
 */
export function chooseModel(
  { input, examples }: { readonly input: string; readonly examples: number },
  given: EncoderOptions,
): EncoderOptions {
  if (input !== "text") return {};
  const encoder = impliedEncoder(given) ?? (examples < MANY_TEXTS ? "convolutional" : "recurrent");
  // Which drops within its layers too.
  const dropout = encoder === "transformer" ? 0.3 : TEXT_DEFAULTS.dropout;
  return { encoder, ...TEXT_DEFAULTS, dropout };
}

/** Options of its training. */
export function chooseFit<S extends ClassifierScores | MultiLabelScores>(
  data: TrainingStatistics,
  given: FitOptions<S> & ClassifierFitExtra<never, never> = {},
): Partial<FitOptions<S>> {
  const { examples } = data;
  const run = chooseRun(data, given, {
    epochs: wholeWithin(1000 / Math.sqrt(examples), 4, 60),
    batchSize: examples < 5000 ? 16 : examples < 50_000 ? 32 : 64,
  });
  // Where labels are to count alike, they do in the score that decides.
  const alike = given.classWeights === "balanced" || given.sampling === "balanced";
  return alike ? { ...run, metric: "macroF1" } : run;
}
