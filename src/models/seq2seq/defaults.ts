// How a model is sized and trained where the options say nothing: by what its pairs are like.
import type { FitOptions } from "../kit/fit-options.js";
import type { TrainingStatistics } from "../kit/ready-model.js";
import { chooseRun, wholeWithin } from "../kit/run-length.js";
import type { Seq2SeqFitExtra } from "./fit-options.js";
import type { Seq2SeqOptions, Seq2SeqSettings } from "./options.js";
import type { TokenKind } from "./token-options.js";
import type { Seq2SeqScores } from "./scorer.js";

/** What is known of pairs before the model is made. */
export interface PairStatistics {
  readonly architecture: Seq2SeqSettings["architecture"];
  readonly pairs: number;
  /** Whether both sides have one vocabulary. */
  readonly joint: boolean;
  readonly targetKind: TokenKind | undefined;
  /** The largest share that a target has of its source's tokens and {@link SLACK} more. */
  readonly ratio: number;
}

/** Tokens that a short source has more for the limit of what is written. */
export const SLACK = 10;

/** How much longer than any example a text may get. */
const LONGER = 1.25;

/** From so many pairs on, there is less to forget by dropout. */
const MANY_PAIRS = 200_000;

/** Options of the model. */
export function chooseModel(known: PairStatistics): Seq2SeqOptions {
  const { architecture, pairs, joint, targetKind, ratio } = known;
  const characters = targetKind === "characters";
  // A Transformer drops in more places.
  const most = architecture === "transformer" ? 0.2 : 0.3;
  return {
    tieEmbeddings: joint ? "all" : "target",
    // What letters spell leaves little to learn by heart.
    dropout: characters || pairs >= MANY_PAIRS ? 0.1 : most,
    // Two digits: it is shown, and saved.
    lengthRatio: Math.ceil(100 * LONGER * ratio) / 100,
  };
}

/**
 * A Transformer's: a lower rate, a longer rise to it, and second moments that follow gradients as they change (Vaswani et al.
 * 2017 have beta2 0.98).
 */
const OF_TRANSFORMER = { learningRate: 1.5e-3, warmup: 0.05, beta2: 0.98 } as const;

/**
 * Options of its training.
 *
 * @param model.characters whether the target is cut into characters
 */
export function chooseFit(
  data: TrainingStatistics,
  given: FitOptions<Seq2SeqScores> & Seq2SeqFitExtra,
  { architecture, characters }: Pick<Seq2SeqSettings, "architecture"> & { characters: boolean },
): Partial<FitOptions<Seq2SeqScores> & Seq2SeqFitExtra> {
  const { examples, validated } = data;
  const { batchTokens } = given;
  // Of batches by tokens, the pairs that one has on average decide how often to score.
  const pairs = batchTokens && Math.max(1, Math.floor((batchTokens * examples) / data.length));
  const run = chooseRun(data, pairs ? { ...given, batchSize: pairs } : given, {
    epochs: wholeWithin(5000 / Math.sqrt(examples), 5, 100),
    batchSize: examples < 2000 ? 16 : examples < 10_000 ? 32 : 64,
  });
  const ends = given.steps !== undefined || given.epochs !== undefined;
  const { batchSize, ...others } = run;
  const { warmup, ...ofOptimizer } = OF_TRANSFORMER;
  return {
    ...others,
    ...(architecture === "transformer" && { warmup, ...(!given.optimizer && ofOptimizer) }),
    ...(batchTokens === undefined && { batchSize }),
    // A rate that falls helps most at the end, if it is known.
    ...(ends && { schedule: "linear" as const }),
    ...(characters && { labelSmoothing: 0 }),
    ...(validated && { metric: characters ? "exactMatch" : "bleu" }),
  };
}
