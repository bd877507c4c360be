// How a tagger is sized and trained where the options say nothing: by what its sentences are like.
import type { TagScheme } from "../../metrics/spans.js";
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import { chooseRun, nearestPower, wholeWithin } from "../kit/run-length.js";
import type { SequenceTaggerOptions } from "./options.js";
import type { TaggerScores } from "./scorer.js";

/** With more types, tags for their ends are too rare to be learnt, and the CRF is slow. */
const MOST_TYPES = 10;

/** Options of the model. */
export function chooseModel({ scheme, types }: TaggerStatistics): Partial<SequenceTaggerOptions> {
  // IOB1 tells where a span begins only behind another.
  if (scheme === "none") return {};
  return { trainingScheme: types > MOST_TYPES ? "IOB2" : "BIOES" };
}

export interface TaggerStatistics {
  /** How the tags mark spans. */
  readonly scheme: TagScheme | "none";
  /** Kinds of spans. */
  readonly types: number;
}

/** Below so many words, steps count more than words. */
const FEW_WORDS = 15_000;

/** Options of its training; `length` is in words. */
export function chooseFit(
  data: TrainingStatistics,
  given: FitOptions<TaggerScores> = {},
): Partial<FitOptions<TaggerScores>> {
  const { examples, length } = data;
  const wordsAStep = length < FEW_WORDS ? 125 : 250;
  return chooseRun(data, given, {
    epochs: wholeWithin(10_000 / Math.sqrt(length), 4, 100),
    batchSize: nearestPower((wordsAStep * examples) / length, 4, 32),
  });
}
