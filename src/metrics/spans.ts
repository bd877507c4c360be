// Tags that mark spans of words, read as conlleval reads them and written in the usual schemes.
import { quoted } from "../core/code-points.js";
import { checkCall, checkChoice, checkCount, checkKeys } from "../core/check.js";
import { OptionError } from "../core/errors.js";

/**
 * How spans are written as a tag for each word: `O` outside; inside a letter and the span's type, `B-PER`
 * (or the letter alone, where there is one type only).
 * - `"IOB1"`: `I`; a span's first word is `B` only where a span of the same type ends just before it.
 * - `"IOB2"` (also called BIO): the first word is `B`, the others are `I`.
 * - `"BIOES"`: as IOB2, but the last word is `E`, and a word that is a span of its own is `S`.
 */
export type TagScheme = "IOB1" | "IOB2" | "BIOES";

export const TAG_SCHEMES: readonly TagScheme[] = ["IOB1", "IOB2", "BIOES"];

/** The types that tags speak of: of `"B-PER" | "I-LOC" | "O"` it is `"PER" | "LOC"`. */
export type SpanType<Tag extends string> = string extends Tag
  ? string
  : Tag extends `${string}-${infer Type}`
    ? Type
    : Tag extends "O"
      ? never
      : "";

/** Some words in a row that are one thing. */
export interface Span<Type extends string = string> {
  /** `"PER"`; the empty string where the tags name no type. */
  readonly type: Type;
  /** The first word. */
  readonly start: number;
  /** The word behind the last one. */
  readonly end: number;
}

/**
 * The spans that a sentence's tags mark, in order, by the rules of conlleval (Tjong Kim Sang 2004, with E and
 * S as its successors have them): a span starts at `B` and `S`, after `E` and `S`, where the type changes, and at
 * any other tag that follows an `O`. So tags of any scheme can be read, also mixed and inconsistent ones.
 *
 * @throws OptionError for what is no tag, with its place
 */
export function spansOf<Tag extends string>(tags: readonly Tag[]): Span<SpanType<Tag>>[] {
  checkCall("spansOf", arguments, "tags:list");
  const spans: Span[] = [];
  let open: { type: string; start: number } | undefined;
  let before = "O";
  const close = (end: number) => {
    if (open) spans.push({ ...open, end });
    open = undefined;
  };
  tags.forEach((tag, i) => {
    const { letter, type } = parseTag("spansOf", tag, i);
    if (letter === "O") close(i);
    else if (!open || "BS".includes(letter) || "ES".includes(before) || type !== open.type) {
      close(i);
      open = { type, start: i };
    }
    before = letter;
  });
  close(tags.length);
  return spans as Span<SpanType<Tag>>[];
}

/**
 * The tags of a sentence of `length` words that mark spans.
 *
 * @param spans in order, none over another
 * @throws OptionError for spans that overlap or go beyond the sentence
 */
export function tagsOf(spans: readonly Span[], length: number, scheme: TagScheme): string[] {
  checkCall("tagsOf", arguments, "spans:list length:number scheme:string");
  checkChoice("tagsOf", "scheme", scheme, TAG_SCHEMES);
  checkCount("tagsOf", "length", length, 0);
  const tags = new Array<string>(length).fill("O");
  let before: Span | undefined;
  for (const span of spans) {
    checkKeys("tagsOf", span, "type!:string start!:number end!:number");
    const { type, start, end } = span;
    if (!(start >= (before?.end ?? 0) && start < end && end <= length))
      throw new OptionError({
        op: "tagsOf",
        expected: `spans of at least one word, one after another, in ${length} words`,
        got: `${start} to ${end} after ${before?.end ?? 0}`,
      });
    const touches = before?.end === start && before.type === type;
    for (let i = start; i < end; i++) {
      const letter = LETTERS[scheme](i === start, i === end - 1, touches);
      tags[i] = type === "" ? letter : `${letter}-${type}`;
    }
    before = span;
  }
  return tags;
}

/** Tags of any scheme, written in another; what is inconsistent comes out as {@link spansOf} reads it. */
export function convertTags(tags: readonly string[], scheme: TagScheme): string[] {
  checkCall("convertTags", arguments, "tags:list scheme:string");
  return tagsOf(spansOf(tags), tags.length, scheme);
}

/** Every tag that a scheme has for the types of some tags. */
export function tagsInScheme(tags: readonly string[], scheme: TagScheme): string[] {
  const types = new Set(tags.flatMap((tag) => spansOf([tag]).map(({ type }) => type)));
  const letters = scheme === "BIOES" ? "BIES" : "BI";
  const inside = [...types].flatMap((type) =>
    Array.from(letters, (letter) => (type === "" ? letter : `${letter}-${type}`)),
  );
  return ["O", ...inside];
}

/** Letter and type of a tag. */
export function parseTag(op: string, tag: string, place: number): { letter: string; type: string } {
  checkCall(op, [tag], "tag:string");
  if (tag === "O") return { letter: "O", type: "" };
  if ("BIES".includes(tag.charAt(0)) && (tag.length === 1 || (tag[1] === "-" && tag.length > 2)))
    return { letter: tag.charAt(0), type: tag.slice(2) };
  throw new OptionError({
    op,
    expected: "tags such as O, B-PER, I-PER, E-PER, S-PER",
    got: `${quoted(tag)} at position ${place}`,
  });
}

/** The letter of a span's word; `touches`: a span of the same type ends just before. */
type LetterOf = (first: boolean, last: boolean, touches: boolean) => string;

const LETTERS: Readonly<Record<TagScheme, LetterOf>> = {
  IOB1: (first, _last, touches) => (first && touches ? "B" : "I"),
  IOB2: (first) => (first ? "B" : "I"),
  BIOES: (first, last) => (first ? (last ? "S" : "B") : last ? "E" : "I"),
};
