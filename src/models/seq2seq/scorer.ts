// How good a model is: how probable the right texts are to it, and how like them what it writes is.
import { perplexity } from "../../metrics/perplexity.js";
import { LOSS, SHARE, type Metrics, type Scores } from "../../metrics/metric.js";
import type { Evaluation } from "../kit/ready-model.js";
import type { Side } from "./side.js";

/**
 * - `bleu`: corpus BLEU of what it writes, 0 to 100, as sacreBLEU counts it.
 * - `chrf`: chrF2, 0 to 100 (Popović 2015).
 * - `exactMatch`: share of the texts that are written exactly as they should be.
 * - `perplexity`, `loss`: of the right texts, token by token, each after the right ones before it; in nats, end marks
 *   included.
 */
export type Seq2SeqScores = Scores &
  Readonly<Record<"loss" | "perplexity" | "bleu" | "chrf" | "exactMatch", number>>;

/** What is measured in points. */
const POINTS = { better: "higher", as: "number" } as const;

export const SEQ2SEQ_METRICS: Metrics<Seq2SeqScores> = {
  loss: LOSS,
  perplexity: LOSS,
  bleu: POINTS,
  chrf: POINTS,
  exactMatch: SHARE,
};
void perplexity;
export type Q = Evaluation & Side;
