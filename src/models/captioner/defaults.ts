// How a captioner is sized and trained where the options say nothing: by what its pictures and captions are like.
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import { chooseRun, wholeWithin } from "../kit/run-length.js";
import type { TokenKind } from "../seq2seq/token-options.js";
import type { CaptionerFitExtra, CaptionerOptions } from "./options.js";
import type { CaptionScores } from "./scorer.js";

/** What is known of examples before the model is made. */
interface CaptionStatistics {
  readonly pictures: number;
  readonly width: number;
  readonly height: number;
  readonly kind: TokenKind | undefined;
  /** Tokens of the longest caption. */
  readonly longest: number;
}

/** Places that attention has to choose from at the most. */
const MOST_PLACES = 128;
/** Channels of the first stage. */
const CHANNELS = 16;
/** How much longer than any example a caption may get. */
const LONGER = 1.25;
/** From so many pictures on, there is less to forget by dropout. */
const MANY = 5000;
/** Tokens of a caption at the most: one odd example must not let all others write for minutes. */
const LONGEST = 1000;

/** Options of the model. */
export function chooseModel(known: CaptionStatistics): CaptionerOptions {
  const { pictures, width, height, kind, longest } = known;
  const halved = (size: number, stages: number) => size / (1 << stages);
  const places = (stages: number) => halved(width, stages) * halved(height, stages);
  let stages = 1;
  while (places(stages) > MOST_PLACES && halved(Math.min(width, height), stages) >= 2) stages++;
  return {
    channels: Array.from({ length: stages }, (_, i) => CHANNELS * (1 << i)),
    dropout: kind === "characters" || pictures >= MANY ? 0.1 : 0.3,
    captionLength: Math.min(LONGEST, Math.ceil(LONGER * longest)),
  };
}

/**
 * Options of its training.
 *
 * @param model.characters whether captions are cut into characters
 */
export function chooseFit(
  data: TrainingStatistics,
  given: FitOptions<CaptionScores> & CaptionerFitExtra,
  { characters }: { readonly characters: boolean },
): Partial<FitOptions<CaptionScores> & CaptionerFitExtra> {
  const { examples, validated } = data;
  const { evaluateEvery, epochs, batchSize, learningRate } = chooseRun(
    data,
    { ...given, schedule: "cosine" },
    {
      epochs: wholeWithin(4000 / Math.sqrt(examples), 10, 100),
      batchSize: examples < 2000 ? 16 : 32,
    },
  );
  return {
    ...{ epochs, batchSize, evaluateEvery },
    ...(!given.optimizer && { learningRate }),
    // Instead of averages, which were not compared with it: a rate that falls to 0.
    schedule: "cosine",
    ...(characters && { labelSmoothing: 0 }),
    ...(validated && { metric: characters ? "exactMatch" : "cider" }),
  };
}
