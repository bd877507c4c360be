// Sentences with their labels: what a tagger learns from, and what it answers.
import { OptionError } from "../../core/errors.js";
import type { Span, SpanType } from "../../metrics/spans.js";

/** A sentence split into words, and for each its label. */
export interface TaggedSentence<Label extends string = string, Intent extends string = string> {
  readonly words: readonly string[];
  readonly tags: readonly Label[];
  /** What the whole sentence is about, where the tagger is to say that too. */
  readonly intent?: Intent | undefined;
}

/** A tagger's answer for a sentence. */
export interface Tagging<Label extends string = string, Intent extends string = string> {
  readonly words: readonly string[];
  /** One for each word. */
  readonly tags: readonly Label[];
  /** The spans that the tags mark, where the tagger has a scheme; else none. */
  readonly spans: readonly Span<SpanType<Label>>[];
  /** Undefined where the tagger has none. */
  readonly intent: Intent | undefined;
}

/** What a sentence is tagged with. */
export type Labelled<Label extends string = string, Intent extends string = string> = Pick<
  Tagging<Label, Intent>,
  "tags" | "intent"
>;

/** Refuses what no tagger can learn from or be measured by. */
export function checkSentence(op: string, { words, tags }: TaggedSentence): void {
  const refuse = (expected: string, got: string): never => {
    throw new OptionError({ op, expected, got });
  };
  const texts = (list: unknown): boolean =>
    Array.isArray(list) && list.every((one) => typeof one === "string");
  if (!texts(words) || !texts(tags)) refuse("words and tags, lists of strings", "something else");
  if (words.length === 0) refuse("sentences of at least one word", "none");
  if (words.length !== tags.length)
    refuse("as many tags as words", `${tags.length} for ${words.length} words`);
}
