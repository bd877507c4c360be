// How good a model is: how probable right texts are to it, and how like them what it writes is.
import { BleuCounter } from "../../metrics/bleu.js";
import { ChrfCounter } from "../../metrics/chrf.js";
import { LOSS, POINTS, SHARE, type Metrics, type Scores } from "../../metrics/metric.js";
import type { Evaluation } from "../kit/ready-model.js";
import { FindingCounter, type Finding } from "./findings.js";

/**
 * - `bleu`: corpus BLEU of what it writes, 0 to 100, as sacreBLEU counts it.
 * - `chrf`: chrF2 of it, 0 to 100 (Popović 2015).
 * - `exactMatch`: share of the texts that are written exactly as they should be.
 * - `perplexity` and `loss`, in nats: of a token of the right texts, each after the right ones before it; end marks count.
 */
export type Seq2SeqScores = Scores &
  Readonly<Record<"bleu" | "chrf" | "exactMatch" | "perplexity" | "loss", number>>;

export const SEQ2SEQ_METRICS: Metrics<Seq2SeqScores> = {
  bleu: POINTS,
  chrf: POINTS,
  exactMatch: SHARE,
  perplexity: LOSS,
  loss: LOSS,
};

/** What an evaluation tells beside the scores. */
export interface Seq2SeqDetails {
  /** How BLEU was counted, as sacreBLEU writes it. */
  readonly bleuSignature: string;
  /** How chrF was counted. */
  readonly chrfSignature: string;
  /** Tokens of the right texts, end marks among them. */
  readonly tokens: number;
  /** Share of the sources' tokens that the model has not learnt. */
  readonly unknownSource: number;
  /** Texts that were written; of a training's validation data at most `decodedExamples`. */
  readonly written: number;
  /** Share of these that `maxLength` cut off. */
  readonly unfinished: number;
}

/** How like the right ones texts are, whoever has written them. */
export class WrittenScorer {
  readonly #bleu: BleuCounter;
  readonly #chrf: ChrfCounter;
  readonly #lowercase: boolean;
  #exact = 0;
  /** Texts so far. */
  count = 0;

  /** @param lowercase whether capitals count as small letters */
  constructor(lowercase: boolean) {
    this.#bleu = new BleuCounter({ lowercase });
    this.#chrf = new ChrfCounter({ lowercase });
    this.#lowercase = lowercase;
  }

  add(written: string, right: string): void {
    this.#bleu.add(written, [right]);
    this.#chrf.add(written, [right]);
    const [one, other] = this.#lowercase
      ? [written.toLowerCase(), right.toLowerCase()]
      : [written, right];
    this.#exact += Number(one === other);
    this.count++;
  }

  get found() {
    const [bleu, chrf] = [this.#bleu.scores(), this.#chrf.scores()];
    return {
      scores: { bleu: bleu.score, chrf: chrf.score, exactMatch: this.#exact / this.count },
      signatures: { bleuSignature: bleu.signature, chrfSignature: chrf.signature },
    };
  }
}

export class Seq2SeqScorer {
  readonly #texts: WrittenScorer;
  readonly #unknownIn: (source: Int32Array) => number;
  readonly #counter = new FindingCounter();
  #sourceTokens = 0;
  #unknown = 0;

  /** @param unknownIn how many tokens of a source were not learnt */
  constructor(unknownIn: (source: Int32Array) => number, lowercase: boolean) {
    this.#texts = new WrittenScorer(lowercase);
    this.#unknownIn = unknownIn;
  }

  add(finding: Finding, { text }: { text: string }, source: Int32Array): void {
    this.#counter.add(finding);
    this.#sourceTokens += source.length;
    this.#unknown += this.#unknownIn(source);
    if (finding.written) this.#texts.add(finding.written.text, text);
  }

  get evaluation(): Evaluation<Seq2SeqScores, Seq2SeqDetails> {
    const { scores: ofTexts, signatures } = this.#texts.found;
    const { scores, details } = this.#counter;
    const { tokens, ...ofWritten } = details;
    return {
      scores: { ...ofTexts, ...scores },
      details: {
        ...signatures,
        tokens,
        unknownSource: this.#unknown / this.#sourceTokens,
        ...ofWritten,
      },
    };
  }
}
