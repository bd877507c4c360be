// How a Seq2Seq model is trained.
import { OptionError } from "../../core/errors.js";
import {
  byTheData,
  probability,
  whole,
  withDefaults,
  type OptionNaming,
  type OptionTable,
} from "../../core/options.js";
import type { Examples } from "../../data/examples.js";
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";
import { OF_A_RUN } from "../kit/run-length.js";
import type { SequencePair } from "./example.js";
import type { Seq2SeqScores } from "./scorer.js";

/** What else the training of a Seq2Seq model has. */
export interface Seq2SeqFitExtra {
  /**
   * Instead of `batchSize`: tokens of a batch at the most, padding among them, of the source and of the target each. A pair
   * that alone has more is a batch of its own. Batches are cut at the same lengths in every epoch. Not for streams. Default:
   * batches are counted in pairs.
   */
  batchTokens?: number | undefined;
  /** Share of the target that is spread over all tokens (Szegedy et al. 2016). Default 0.1; of characters 0. */
  labelSmoothing?: number | undefined;
  /**
   * Validation pairs whose source is translated (greedily) at each evaluation of a training, the first so many: BLEU,
   * chrF and exact match are of those; loss and perplexity of all. Default 1000.
   */
  decodedExamples?: number | undefined;
  /**
   * Probability of leaving out a merge each time that subwords are put together in training, so that words are read in
   * several pieces (BPE-dropout, Provilkov et al. 2020). Default 0; needs subwords.
   */
  subwordDropout?: number | undefined;
}

/** Refuses batches that would go by pairs and by tokens. */
export function checkBatching(
  op: string,
  given: Pick<FitOptions, "batchSize"> & Seq2SeqFitExtra,
  named: OptionNaming = (name) => name,
): void {
  if (given.batchSize === undefined || given.batchTokens === undefined) return;
  throw new OptionError({
    op,
    expected: `${named("batchSize")} or ${named("batchTokens")}`,
    got: "both",
  });
}

/**
 * Options of `Seq2Seq.fit`. `batchSize` is in pairs; a batch has pairs of about one length on both sides. The learning rate
 * rises in 2 % of the steps (of a Transformer, whose rate is 0.0015 and beta2 0.98, in 5 %), and falls to 0 where `steps` or
 * `epochs` say how long the run is; gradients have a norm of 1 at most. With validation data the weights that are kept are
 * those with the best BLEU, or, where the target is cut into characters, the most exact matches.
 */
export interface Seq2SeqFitOptions extends FitOptions<Seq2SeqScores>, Seq2SeqFitExtra {
  /** Pairs that decide which weights are kept. Default: none, the last are. */
  validation?: Examples<SequencePair> | undefined;
}

export const SEQ2SEQ_FIT_OPTIONS = {
  ...withDefaults(
    byTheData(FIT_OPTIONS as OptionTable<FitOptions<Seq2SeqScores>>, [...OF_A_RUN, "metric"]),
    { maxNorm: 1, warmup: 0.02 },
  ),
  batchTokens: whole(
    1,
    undefined,
    "tokens of a batch on either side, at the most, instead of a batch size",
  ),
  labelSmoothing: probability(0.1, "share of the target spread over all tokens; 0 of characters"),
  decodedExamples: whole(1, 1000, "validation pairs that are translated at each evaluation"),
  subwordDropout: probability(0, "share of merges left out when subwords are put together"),
};
