// The vocabularies of a tagger: of what its sentences have.
import { convertTags, type TagScheme } from "../../metrics/spans.js";
import { tally } from "../../text/tally.js";
import { Vocabulary } from "../../text/vocabulary.js";
import type { TaggedSentence } from "./sentence.js";
import { WordCounts, type WordEncoderOptions } from "./word-encoder.js";

export interface TaggerVocabularies<Label extends string, Intent extends string> {
  readonly words: Vocabulary;
  readonly characters: Vocabulary;
  readonly labels: Vocabulary<Label>;
  /** Empty where sentences have none. */
  readonly intents: Vocabulary<Intent>;
}

/** Counts what sentences have, one after another. */
export class SentenceCounts<Label extends string, Intent extends string> {
  readonly #words: WordCounts;
  readonly #labels = new Map<Label, number>();
  readonly #intents = new Map<Intent, number>();
  readonly #scheme: TagScheme | null;

  /** @param scheme of the tags: then those too are labels that tell the same spans without mistakes */
  constructor(words: Required<WordEncoderOptions>, scheme: TagScheme | null) {
    this.#words = new WordCounts(words);
    this.#scheme = scheme;
  }

  add({ words, tags, intent }: TaggedSentence<Label, Intent>): void {
    this.#words.add(words);
    tally(this.#labels, tags);
    if (this.#scheme) tally(this.#labels, convertTags(tags, this.#scheme) as Label[]);
    if (intent !== undefined) tally(this.#intents, [intent]);
  }

  /** @param minCount words that are seen less often are unknown */
  vocabularies(minCount: number): TaggerVocabularies<Label, Intent> {
    return {
      ...this.#words.vocabularies(minCount),
      labels: Vocabulary.fromCounts(this.#labels),
      intents: Vocabulary.fromCounts(this.#intents),
    };
  }
}
