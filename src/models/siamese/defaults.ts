// How a Siamese network is sized and trained where the options say nothing: by what its examples are like.
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import { chooseRun, wholeWithin } from "../kit/run-length.js";
import { impliedEncoder } from "../parts/encoder-options.js";
import type { SiameseFitExtra, SiameseOptions } from "./options.js";
import type { SiameseScores } from "./pair-scores.js";
import type { TrainingExamples } from "./training-examples.js";

/**
 * Options of the network. Words tell the most by themselves: their mean learns from few pairs what they weigh. Letters need
 * their order.
 */
export function chooseModel(
  { input, characters }: { readonly input: string; readonly characters: boolean },
  given: SiameseOptions,
): SiameseOptions {
  if (input !== "text") return {};
  const encoder = impliedEncoder(given) ?? (characters ? "recurrent" : "mean");
  return encoder === "mean" ? { encoder, hiddenSize: 0, outputSize: 0 } : { encoder };
}

/** Options of its training. */
export function chooseFit(
  data: TrainingStatistics,
  given: FitOptions<SiameseScores>,
  examples: TrainingExamples,
): Partial<FitOptions<SiameseScores> & Pick<SiameseFitExtra, "loss">> {
  const run = chooseRun(data, given, {
    epochs: wholeWithin(1000 / Math.sqrt(data.examples), 4, 60),
    batchSize: data.examples < 2000 ? 32 : 64,
  });
  const graded = examples.kind === "graded pairs";
  return { ...run, loss: examples.loss, ...(graded && data.validated && { metric: "spearman" }) };
}
