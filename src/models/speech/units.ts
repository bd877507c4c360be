// Texts as the labels of a recognizer, and back.
import { byCodePoint, quoted } from "../../core/code-points.js";
import { OptionError } from "../../core/errors.js";
import { tally } from "../../core/tally.js";
import { cutAtBlanks } from "../../core/white-space.js";
import { Vocabulary } from "../../text/vocabulary.js";
import type { SpeechUnits } from "./options.js";

/** The class that is no label. */
export const BLANK = 0;

/** A word, and the places of its first and last label. */
export interface LabelledWord {
  readonly word: string;
  readonly first: number;
  readonly last: number;
}

/** Where each word comes so often on average, and there are no more than so many, they are labels. */
const [OFTEN, MOST_WORDS] = [20, 1000];

/** Counts the words of texts. */
export class UnitCounter {
  readonly #words = new Map<string, number>();
  #count = 0;

  add(text: string): void {
    const words = cutAtBlanks(text);
    tally(this.#words, words);
    this.#count += words.length;
  }

  get chosen(): SpeechUnits {
    const { size } = this.#words;
    return size > 0 && size <= MOST_WORDS && this.#count >= OFTEN * size ? "words" : "characters";
  }

  /** @throws OptionError for texts without a word */
  units(op: string, kind: SpeechUnits): TextUnits {
    const words = [...this.#words.keys()];
    if (words.length === 0)
      throw new OptionError({ op, expected: "a text with a word", got: "only empty ones" });
    const characters = new Set(words.flatMap((word) => [...word]));
    // A blank separates words: one alone needs none.
    if (kind === "characters") characters.add(" ");
    // The same examples in any order give the same model.
    const tokens = kind === "words" ? words : [...characters];
    return new TextUnits(kind, new Vocabulary(tokens.sort(byCodePoint)));
  }
}

/** Labels are 1 and more, in the vocabulary's order. */
export class TextUnits {
  readonly kind: SpeechUnits;
  readonly vocabulary: Vocabulary;

  constructor(kind: SpeechUnits, vocabulary: Vocabulary) {
    this.kind = kind;
    this.vocabulary = vocabulary;
  }

  /** Labels and the blank. */
  get classes(): number {
    return this.vocabulary.size + 1;
  }

  /** The labels of a text; undefined where it has some that the vocabulary lacks. */
  known(text: string): Int32Array | undefined {
    const tokens = this.#tokensOf(text);
    if (tokens.some((token) => !this.vocabulary.has(token))) return undefined;
    return Int32Array.from(tokens, (token) => this.vocabulary.id(token) + 1);
  }

  /** @throws OptionError for a text with a word or character that the vocabulary lacks */
  encode(op: string, text: string): Int32Array {
    const labels = this.known(text);
    if (labels) return labels;
    const stranger = this.#tokensOf(text).find((token) => !this.vocabulary.has(token))!;
    throw new OptionError({
      op,
      expected: `${this.kind} that the model was built with`,
      got: quoted(stranger),
      cure:
        this.kind === "words"
          ? 'Build with these examples, or with units "characters", which spell any word.'
          : "Build with these examples.",
    });
  }

  /** The words that labels are. */
  wordsOf(labels: ArrayLike<number>): LabelledWord[] {
    const tokens = Array.from(labels, (label) => this.vocabulary.token(label - 1));
    if (this.kind === "words")
      return tokens.map((word, place) => ({ word, first: place, last: place }));
    const words: LabelledWord[] = [];
    let first = -1;
    tokens.forEach((token, place) => {
      if (token === " ") return void (first = -1);
      if (first < 0) words.push({ word: token, first: (first = place), last: place });
      else words.push({ word: words.pop()!.word + token, first, last: place });
    });
    return words;
  }

  textOf(labels: ArrayLike<number>): string {
    return this.wordsOf(labels)
      .map(({ word }) => word)
      .join(" ");
  }

  #tokensOf(text: string): string[] {
    const words = cutAtBlanks(text);
    return this.kind === "words" ? words : [...words.join(" ")];
  }
}

/** Steps that labels need: each one, and a repeated one a blank before it. */
export function stepsFor(labels: Int32Array): number {
  return labels.reduce((steps, label, i) => steps + (i > 0 && label === labels[i - 1] ? 2 : 1), 0);
}
