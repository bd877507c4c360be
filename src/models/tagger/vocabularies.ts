// The vocabularies of a tagger: of what its sentences have.
import type { TagScheme } from "../../metrics/spans.js";
import { tally } from "../../core/tally.js";
import { CharacterSurvey } from "../../text/blank-survey.js";
import { Vocabulary } from "../../text/vocabulary.js";
import { WordCounts, type WordEncoderSettings } from "../parts/word-encoder.js";
import { SchemeSurvey } from "../../metrics/scheme-survey.js";
import type { TaggedSentence } from "./sentence.js";

export interface TaggerVocabularies<Label extends string, Intent extends string> {
  readonly words: Vocabulary;
  readonly characters: Vocabulary;
  readonly labels: Vocabulary<Label>;
  /** Empty where sentences have none. */
  readonly intents: Vocabulary<Intent>;
}

/** Counts what sentences have, one after another. */
export class SentenceCounts<Label extends string, Intent extends string> {
  readonly survey = new SchemeSurvey();
  readonly #words: WordCounts;
  readonly #cut = new CharacterSurvey();
  readonly #labels = new Map<Label, number>();
  readonly #intents = new Map<Intent, number>();

  constructor(words: WordEncoderSettings) {
    this.#words = new WordCounts(words);
  }

  add({ words, tags, intent }: TaggedSentence<Label, Intent>): void {
    this.#words.add(words);
    this.#cut.see(words);
    tally(this.#labels, tags);
    this.survey.see(tags);
    if (intent !== undefined) tally(this.#intents, [intent]);
  }

  /** Kinds of spans, where tags mark them. */
  get types(): number {
    const marks = [...this.#labels.keys()].filter((tag) => tag !== "O");
    return new Set(marks.map((tag) => tag.slice(2))).size;
  }

  /** What texts must be cut into, where the sentences are cut into other than words. */
  get tokens(): { tokens?: "characters" | undefined } {
    return this.#cut.ofCharacters ? { tokens: "characters" } : {};
  }

  /**
   * @param minCount rarer words are unknown
   * @param known words that are in the vocabulary though they may never have come
   * @param scheme of the tags: then the well-formed version of each tag sequence is among the labels too
   */
  vocabularies(
    minCount: number,
    scheme: TagScheme | "none",
    known?: Iterable<string>,
  ): TaggerVocabularies<Label, Intent> {
    const labels = new Map<Label, number>(this.#labels);
    if (scheme !== "none")
      for (const [tag, count] of this.survey.wellFormed(scheme))
        labels.set(tag as Label, (labels.get(tag as Label) ?? 0) + count);
    return {
      ...this.#words.vocabularies(minCount, known),
      labels: Vocabulary.fromCounts(labels),
      intents: Vocabulary.fromCounts(this.#intents),
    };
  }
}
