// Words as vectors: of the word itself, of its letters, and of how it is written.
import { randomUniform } from "../../core/random.js";
import { padCharacters } from "../../data/characters.js";
import { padSequences } from "../../data/padding.js";
import { CharacterCNN, CharacterLSTM } from "../../nn/characters.js";
import { Embedding } from "../../nn/embedding.js";
import { Module } from "../../nn/module.js";
import { embedding } from "../../ops/embedding.js";
import { concat } from "../../ops/join.js";
import { tensor } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { tally } from "../../core/tally.js";
import { Vocabulary } from "../../text/vocabulary.js";
import {
  choice,
  flag,
  number,
  readOptions,
  whole,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import { numWordShapes, wordShape } from "../../text/word-shape.js";
import { wordVectors } from "./word-vectors.js";

export interface WordEncoderOptions {
  /** Size of a word's vector. Default 100. */
  embeddingSize?: number | undefined;
  /** Words are looked up in lower case. Letters and shape still tell the case. Default false; `SequenceTagger.build`: true. */
  lowercase?: boolean | undefined;
  /** Words are looked up, and spelled, with 0 for every digit. Default false; `SequenceTagger.build`: true. */
  zeroDigits?: boolean | undefined;
  /** What reads the letters of a word. Default `"cnn"`. */
  characters?: "cnn" | "lstm" | "none" | undefined;
  /** Size of the vector that the letters give; even with `"lstm"`. Default 50. */
  characterSize?: number | undefined;
  /** Size of the vector of a word's shape, such as "Xxx" or "0000". Default 0: none; `SequenceTagger.build`: 10. */
  shapeSize?: number | undefined;
  /**
   * How readily words are replaced by the unknown word in training, so that it learns something: with
   * wordDropout / (wordDropout + count) for a word seen `count` times (Kiperwasser & Goldberg 2016). Default 0.25;
   * `SequenceTagger.build`: 1.
   */
  wordDropout?: number | undefined;
  /** Whether the words' vectors stay as they are in training, such as those of `vectors`. Default false. */
  freezeVectors?: boolean | undefined;
}

/** The vocabularies that an encoder looks words and characters up in. */
export interface WordVocabularies {
  readonly words: Vocabulary;
  readonly characters: Vocabulary;
}

/** Of longer words only so many characters are read. */
const MOST_CHARACTERS = 40;

const UNKNOWN = "<unk>";
const PADDING = "<pad>";

export const WORD_ENCODER_OPTIONS: OptionTable<WordEncoderOptions> = {
  embeddingSize: whole(1, 100, "size of a word's vector"),
  lowercase: flag(false, "look words up in lower case"),
  zeroDigits: flag(false, "read every digit as 0"),
  characters: choice(["cnn", "lstm", "none"], "cnn", "what reads a word's letters"),
  characterSize: whole(1, 50, "size of the vector that the letters give"),
  shapeSize: whole(0, 0, "size of the vector of a word's shape; 0: none"),
  wordDropout: number(
    { least: 0, below: Infinity },
    0.25,
    "how readily rare words are read as unknown in training",
  ),
  freezeVectors: flag(false, "keep the words' vectors as they are in training"),
};

export type WordEncoderSettings = Settings<WordEncoderOptions>;

/** Counts the words and characters of sentences, for vocabularies of them. */
export class WordCounts {
  readonly #words = new Map<string, number>();
  readonly #characters = new Map<string, number>();
  readonly #options: WordEncoderSettings;

  constructor(options: WordEncoderSettings) {
    this.#options = options;
  }

  add(words: readonly string[]): void {
    for (const word of words) {
      tally(this.#words, [lookedUp(word, this.#options)]);
      tally(this.#characters, spelled(word, this.#options));
    }
  }

  /** @param known words that are in the vocabulary though they may never have come */
  vocabularies(minCount: number, known: Iterable<string> = []): WordVocabularies {
    const special = { unknown: UNKNOWN, padding: PADDING };
    const words = new Map(this.#words);
    for (const word of known) {
      const token = lookedUp(word, this.#options);
      words.set(token, Math.max(minCount, words.get(token) ?? 0));
    }
    return {
      words: Vocabulary.fromCounts(words, { ...special, minCount }),
      characters: Vocabulary.fromCounts(this.#characters, special),
    };
  }
}

export class WordEncoder extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "WordEncoder";
  readonly embedding: Embedding;
  readonly characters: CharacterCNN | CharacterLSTM | undefined;
  readonly shapes: Embedding | undefined;
  /** Size of what a word becomes. */
  readonly outputSize: number;
  readonly #vocabularies: WordVocabularies;
  readonly #options: WordEncoderSettings;
  /** How often each word was seen; undefined: no word is replaced. */
  #counts: ReadonlyMap<string, number> | undefined;

  get wordCounts(): ReadonlyMap<string, number> | undefined {
    return this.#counts;
  }
  set wordCounts(counts: ReadonlyMap<string, number> | undefined) {
    this.#counts = counts;
  }

  constructor(vocabularies: WordVocabularies, options: WordEncoderOptions) {
    super();
    const settings = readOptions("WordEncoder", WORD_ENCODER_OPTIONS, options);
    const { embeddingSize, characters, characterSize, shapeSize, freezeVectors } = settings;
    const { words, characters: letters } = vocabularies;
    this.embedding = wordVectors(words.size, embeddingSize);
    if (TRAINING && freezeVectors) this.embedding.weight.requiresGrad = false;
    this.characters =
      characters === "none"
        ? undefined
        : characters === "cnn"
          ? new CharacterCNN(letters.size, { filters: characterSize })
          : new CharacterLSTM(letters.size, { hiddenSize: characterSize / 2 });
    this.shapes = shapeSize > 0 ? new Embedding(numWordShapes, shapeSize) : undefined;
    this.outputSize = embeddingSize + (this.characters?.outputSize ?? 0) + shapeSize;
    this.#vocabularies = vocabularies;
    this.#options = settings;
  }

  /**
   * Begins to count the words that a training will see, sentence by sentence; rare ones are replaced from then on, in
   * training.
   */
  countWords(): (words: readonly string[]) => void {
    const counts = new Map<string, number>();
    this.#counts = counts;
    return (words) => {
      for (const word of words) tally(counts, [lookedUp(word, this.#options)]);
    };
  }

  /** Sentences → `[batch, time, outputSize]`, time that of the longest, and their lengths. */
  forward(sentences: readonly (readonly string[])[]): { vectors: Tensor; lengths: Int32Array } {
    const { ids, lengths, shape } = padSequences(
      sentences.map((words) => words.map((word) => this.#idOf(word))),
    );
    const parts = [this.embedding.forward(tensor(ids, { shape }))];
    if (this.characters) parts.push(this.#spellings(this.characters, sentences));
    if (this.shapes) {
      const shapes = padSequences(sentences.map((words) => words.map(wordShape)));
      parts.push(this.shapes.forward(tensor(shapes.ids, { shape })));
    }
    return { vectors: parts.length > 1 ? concat(parts, 2) : parts[0]!, lengths };
  }

  /** A word as it is looked up in the vocabulary. */
  lookedUp(word: string): string {
    return lookedUp(word, this.#options);
  }

  #idOf(word: string): number {
    const token = this.lookedUp(word);
    const { words } = this.#vocabularies;
    if (!this.training || !this.#counts) return words.id(token);
    const { wordDropout } = this.#options;
    const count = this.#counts.get(token) ?? 0;
    const drops = wordDropout > 0 && randomUniform() * (wordDropout + count) < wordDropout;
    return words.id(drops ? UNKNOWN : token);
  }

  /** Each distinct word is read once. */
  #spellings(
    encoder: CharacterCNN | CharacterLSTM,
    sentences: readonly (readonly string[])[],
  ): Tensor {
    const places = new Map<string, number>();
    const rows = sentences.map((words) =>
      words.map((word) => {
        const place = places.get(word) ?? places.size;
        places.set(word, place);
        return place;
      }),
    );
    const distinct = Array.from(places.keys(), (word) => spelled(word, this.#options).join(""));
    const letters = padCharacters(distinct, this.#vocabularies.characters, {
      maxCharacters: MOST_CHARACTERS,
    });
    const spellings = encoder.forward(tensor(letters.ids, { shape: letters.shape }), {
      lengths: letters.lengths,
    });
    const { ids, shape } = padSequences(rows);
    return embedding(tensor(ids, { shape }), spellings);
  }
}

function lookedUp(word: string, { lowercase, zeroDigits }: WordEncoderSettings): string {
  const folded = lowercase ? word.toLowerCase() : word;
  return zeroDigits ? folded.replace(/\d/g, "0") : folded;
}

function spelled(word: string, { zeroDigits }: WordEncoderSettings): string[] {
  // An empty word has a letter too: nothing to read would be no word.
  return [...((zeroDigits ? word.replace(/\d/g, "0") : word) || " ")];
}
