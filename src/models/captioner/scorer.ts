// How good a captioner is: how probable right captions are to it, and how like them what it writes is.
import { BleuCounter } from "../../metrics/bleu.js";
import { captionTokens, CiderCounter } from "../../metrics/cider.js";
import { LOSS, POINTS, SHARE, type Metrics, type Scores } from "../../metrics/metric.js";
import type { Evaluation } from "../kit/ready-model.js";
import { FindingCounter, type Finding } from "../seq2seq/findings.js";

/**
 * - `cider`: CIDEr-D of what it writes, 0 to 10 (Vedantam et al. 2015), as coco-caption counts it.
 * - `bleu`: corpus BLEU of four-grams, 0 to 100, over the same tokens, not smoothed, as coco-caption has BLEU-4.
 * - `exactMatch`: share of the pictures whose caption is, letter by letter, one of the right ones.
 * - `perplexity` and `loss`, in nats: of a token of the right captions, each after the right ones before it; end marks count.
 */
export type CaptionScores = Scores &
  Readonly<Record<"cider" | "bleu" | "exactMatch" | "perplexity" | "loss", number>>;

export const CAPTION_METRICS: Metrics<CaptionScores> = {
  cider: POINTS,
  bleu: POINTS,
  exactMatch: SHARE,
  perplexity: LOSS,
  loss: LOSS,
};

/** What an evaluation tells beside the scores. */
export interface CaptionDetails {
  /** Tokens of the right captions, end marks among them. */
  readonly tokens: number;
  /** Captions that were written; of a training's validation data at most `decodedExamples`. */
  readonly written: number;
  /** Share of these that `maxLength` cut off. */
  readonly unfinished: number;
}

/** The right captions of a picture. */
export interface CaptionTarget {
  readonly texts: readonly string[];
  readonly ids: readonly Int32Array[];
}

/** How like the right ones captions are, whoever has written them. */
export class WrittenCaptions {
  readonly #bleu = new BleuCounter({ smoothing: "none" });
  readonly #cider = new CiderCounter();
  #exact = 0;
  /** Captions so far. */
  count = 0;

  add(written: string, right: readonly string[]): void {
    const [said, wanted] = [captionTokens(written), right.map(captionTokens)];
    this.#bleu.add(said, wanted);
    this.#cider.add(said, wanted);
    this.#exact += Number(right.includes(written));
    this.count++;
  }

  get scores() {
    return {
      cider: this.#cider.scores().score,
      bleu: this.#bleu.scores().score,
      exactMatch: this.#exact / this.count,
    };
  }
}

export class CaptionScorer {
  readonly #written = new WrittenCaptions();
  readonly #counter = new FindingCounter();

  add(finding: Finding, { texts }: CaptionTarget): void {
    this.#counter.add(finding);
    if (finding.written) this.#written.add(finding.written.text, texts);
  }

  get evaluation(): Evaluation<CaptionScores, CaptionDetails> {
    const { scores, details } = this.#counter;
    return { scores: { ...this.#written.scores, ...scores }, details };
  }
}
