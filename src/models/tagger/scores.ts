// How good a tagger is.
import { EntityCounter, type EntityScores } from "../../metrics/entity-scores.js";
import type { Scores } from "../fit-model.js";

/**
 * - `accuracy`: of words, the share with the right label.
 * - `exact`: of sentences, the share where everything is right, the intent too.
 * - `precision`, `recall`, `f1` of spans, as conlleval counts them: where the tagger has a scheme.
 * - `intent`: of sentences, the share with the right intent: where the tagger has intents.
 */
export type TaggerScores = Scores &
  Readonly<Record<"accuracy" | "exact", number>> & {
    readonly precision?: number;
    readonly recall?: number;
    readonly f1?: number;
    readonly intent?: number;
  };

/** The names of the scores; the first says which weights are the best. */
export function taggerMetrics(spans: boolean, intents: boolean): (keyof TaggerScores & string)[] {
  return [
    ...(spans ? ["f1", "precision", "recall"] : []),
    "accuracy",
    "exact",
    ...(intents ? ["intent"] : []),
  ];
}

interface Labelled {
  readonly tags: readonly string[];
  readonly intent?: string | undefined;
}

/** Scores what a tagger says of sentences, one after another. */
export class TaggerScorer {
  readonly #entities: EntityCounter | undefined;
  #sentences = 0;
  #words = 0;
  #right = 0;
  #exact = 0;
  #intents = 0;
  #hasIntents = false;

  /** @param spans whether the tags mark spans */
  constructor(spans: boolean) {
    this.#entities = spans ? new EntityCounter() : undefined;
  }

  add(said: Labelled, { tags, intent }: Labelled): void {
    const hits = tags.filter((tag, t) => tag === said.tags[t]).length;
    const understood = said.intent === undefined || said.intent === intent;
    this.#sentences++;
    this.#words += tags.length;
    this.#right += hits;
    this.#intents += understood ? 1 : 0;
    this.#exact += understood && hits === tags.length ? 1 : 0;
    this.#hasIntents ||= said.intent !== undefined;
    this.#entities?.add(said.tags, tags);
  }

  /** Sentences so far. */
  get sentences(): number {
    return this.#sentences;
  }

  /** Of spans, where tags mark them: with the types. */
  get entities(): EntityScores | undefined {
    return this.#entities?.scores();
  }

  get scores(): TaggerScores {
    const found = this.entities;
    return {
      ...(found && { f1: found.f1, precision: found.precision, recall: found.recall }),
      accuracy: this.#right / this.#words,
      exact: this.#exact / this.#sentences,
      ...(this.#hasIntents && { intent: this.#intents / this.#sentences }),
    };
  }
}
