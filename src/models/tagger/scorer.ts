// How good a tagger is.
import { EntityCounter, type EntityScores } from "../../metrics/entity-scores.js";
import { SHARE, type Metrics, type Scores } from "../../metrics/metric.js";
import type { TagScheme } from "../../metrics/spans.js";
import type { Evaluation } from "../kit/ready-model.js";
import type { Labelled } from "./sentence.js";

/**
 * - `accuracy`: share of the words with the right label.
 * - `sentenceAccuracy`: share of the sentences where everything is right, the intent too.
 * - `precision`, `recall`, `f1` of spans, as conlleval counts them: where the tagger has a scheme.
 * - `intent`: share of the sentences with the right intent: where the tagger has intents.
 */
export type TaggerScores = Scores &
  Readonly<Record<"accuracy" | "sentenceAccuracy", number>> & {
    readonly precision?: number | undefined;
    readonly recall?: number | undefined;
    readonly f1?: number | undefined;
    readonly intent?: number | undefined;
  };

/** What an evaluation tells beside the scores. */
export interface TaggerDetails {
  /** Spans, with the scores of each type: where the tagger has a scheme. */
  readonly entities: EntityScores | undefined;
  /**
   * The same of spans that are written just as the tagger's scheme writes them, as seqeval counts in its strict mode. They
   * differ where the tags of the data are inconsistent, or the tagger has no CRF.
   */
  readonly strictEntities: EntityScores | undefined;
  /** Share of the words that the tagger's vocabulary lacks. */
  readonly unknownWords: number;
}

/** What there is to score; the first decides. */
export function taggerMetrics(spans: boolean, intents: boolean): Metrics<TaggerScores> {
  return {
    ...(spans && { f1: SHARE, precision: SHARE, recall: SHARE }),
    accuracy: SHARE,
    sentenceAccuracy: SHARE,
    ...(intents && { intent: SHARE }),
  };
}

/** Scores a tagger's answers, one after another. */
export class TaggerScorer {
  readonly #entities: EntityCounter | undefined;
  readonly #strict: EntityCounter | undefined;
  readonly #isKnown: (word: string) => boolean;
  #sentences = 0;
  #words = 0;
  #unknown = 0;
  #right = 0;
  #wholes = 0;
  #intents = 0;
  #withIntent = 0;

  /**
   * @param scheme how the tags mark spans
   * @param isKnown whether a word is in the vocabulary
   */
  constructor(scheme: TagScheme | "none", isKnown: (word: string) => boolean = () => true) {
    if (scheme !== "none") {
      this.#entities = new EntityCounter();
      this.#strict = new EntityCounter({ strict: scheme });
    }
    this.#isKnown = isKnown;
  }

  /** @param gold where it has no intent, the answer's is not scored */
  add(answer: Labelled, gold: Labelled & { readonly words?: readonly string[] | undefined }): void {
    const hits = gold.tags.filter((tag, t) => tag === answer.tags[t]).length;
    const scoresIntent = answer.intent !== undefined && gold.intent !== undefined;
    const understood = !scoresIntent || answer.intent === gold.intent;
    this.#sentences++;
    this.#words += gold.tags.length;
    this.#unknown += gold.words?.filter((word) => !this.#isKnown(word)).length ?? 0;
    this.#right += hits;
    if (scoresIntent) this.#withIntent++;
    if (scoresIntent && understood) this.#intents++;
    if (understood && hits === gold.tags.length) this.#wholes++;
    this.#entities?.add(answer.tags, gold.tags);
    this.#strict?.add(answer.tags, gold.tags);
  }

  get evaluation(): Evaluation<TaggerScores, TaggerDetails> {
    const entities = this.#entities?.scores();
    const scores = {
      ...(entities && {
        f1: entities.f1,
        precision: entities.precision,
        recall: entities.recall,
      }),
      accuracy: this.#right / this.#words,
      sentenceAccuracy: this.#wholes / this.#sentences,
      ...(this.#withIntent > 0 && { intent: this.#intents / this.#withIntent }),
    };
    const strictEntities = this.#strict?.scores();
    const unknownWords = this.#unknown / this.#words;
    return { scores, details: { entities, strictEntities, unknownWords } };
  }
}
