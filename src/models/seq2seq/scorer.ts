// How good a model is: how probable right texts are to it, and how like them what it writes is.
import { BleuCounter } from "../../metrics/bleu.js";
import { ChrfCounter } from "../../metrics/chrf.js";
import { perplexity } from "../../metrics/perplexity.js";
import { LOSS, SHARE, type Metrics, type Scores } from "../../metrics/metric.js";
import type { Evaluation } from "../kit/ready-model.js";
import type { Finding } from "./findings.js";

/**
 * - `bleu`: corpus BLEU of what it writes, 0 to 100, as sacreBLEU counts it.
 * - `chrf`: chrF2 of it, 0 to 100 (Popović 2015).
 * - `exactMatch`: share of the texts that are written exactly as they should be.
 * - `perplexity` and `loss`, in nats: of a token of the right texts, each after the right ones before it; end marks count.
 */
export type Seq2SeqScores = Scores &
  Readonly<Record<"bleu" | "chrf" | "exactMatch" | "perplexity" | "loss", number>>;

/** What is measured in points of a hundred. */
const POINTS = { better: "higher", as: "number" } as const;

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
  #loss = 0;
  #tokens = 0;
  #sourceTokens = 0;
  #unknown = 0;
  #unfinished = 0;

  /** @param unknownIn how many tokens of a source were not learnt */
  constructor(unknownIn: (source: Int32Array) => number, lowercase: boolean) {
    this.#texts = new WrittenScorer(lowercase);
    this.#unknownIn = unknownIn;
  }

  add({ losses, written }: Finding, { text }: { text: string }, source: Int32Array): void {
    for (const loss of losses.flatMap((one) => [...one])) this.#loss += loss;
    this.#tokens += losses.reduce((sum, { length }) => sum + length, 0);
    this.#sourceTokens += source.length;
    this.#unknown += this.#unknownIn(source);
    if (!written) return;
    this.#texts.add(written.text, text);
    this.#unfinished += Number(!written.finished);
  }

  get evaluation(): Evaluation<Seq2SeqScores, Seq2SeqDetails> {
    const { scores, signatures } = this.#texts.found;
    const { count: written } = this.#texts;
    const loss = this.#loss / this.#tokens;
    return {
      scores: { ...scores, perplexity: perplexity(loss), loss },
      details: {
        ...signatures,
        tokens: this.#tokens,
        unknownSource: this.#unknown / this.#sourceTokens,
        written,
        unfinished: this.#unfinished / written,
      },
    };
  }
}
