// Tags that mark spans of words, read as conlleval reads them and written in the usual schemes.
import { quoted } from "../core/code-points.js";
import { checkCall, checkChoice, checkCount, checkKeys } from "../core/check.js";
import { OptionError } from "../core/errors.js";

/**
 * How spans are written as a tag for each word: `O` outside; inside a letter and the span's type, `B-PER`
 * (or the letter alone, where there is one type only).
 * - `"IOB1"`: `I`; a span's first word is `B` only where a span of the same type ends just before it.
 * - `"IOB2"` (also called BIO): the first word is `B`, the others are `I`.
 * - `"BIOES"` (IOBES): as IOB2, but the last word is `E`, and a word that is a span of its own is `S`.
 * - `"BILOU"`: BIOES with `L` for `E` and `U` for `S`. `"BMEWO"`: with `M` for `I` and `W` for `S`. `"BMES"`: with `M`
 *   for `I`.
 */
export type TagScheme = "IOB1" | "IOB2" | "BIOES" | "BILOU" | "BMEWO" | "BMES";

export const TAG_SCHEMES: readonly TagScheme[] = [
  "IOB1",
  "IOB2",
  "BIOES",
  "BILOU",
  "BMES",
  "BMEWO",
];

/** What a letter says of a word: the span's first, within it, its last, or a span of its own. */
export type TagRole = "B" | "I" | "E" | "S" | "O";

/** How each scheme writes the roles that it has. */
export const SCHEME_LETTERS: Readonly<
  Record<TagScheme, Readonly<Partial<Record<TagRole, string>>>>
> = {
  IOB1: { B: "B", I: "I" },
  IOB2: { B: "B", I: "I" },
  BIOES: { B: "B", I: "I", E: "E", S: "S" },
  BILOU: { B: "B", I: "I", E: "L", S: "U" },
  BMEWO: { B: "B", I: "M", E: "E", S: "W" },
  BMES: { B: "B", I: "M", E: "E", S: "S" },
};

/** The role of every letter of every scheme: no letter has two. */
const ROLES: Readonly<Record<string, TagRole>> = {
  ...{ O: "O", B: "B", I: "I", E: "E", S: "S" },
  ...{ M: "I", L: "E", U: "S", W: "S" },
};

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
 * {@link strictSpansOf} takes none but those that a scheme writes so.
 *
 * @throws OptionError for what is no tag, with its place
 * @example
 * ```ts
 * spansOf(["B-PER", "I-PER", "O"]); // [{ type: "PER", start: 0, end: 2 }]
 * ```
 */
export function spansOf<Tag extends string>(tags: readonly Tag[]): Span<SpanType<Tag>>[] {
  checkCall("spansOf", arguments, "tags:list");
  const spans: Span[] = [];
  let open: { type: string; start: number } | undefined;
  let before: TagRole = "O";
  const close = (end: number) => {
    if (open) spans.push({ ...open, end });
    open = undefined;
  };
  tags.forEach((tag, i) => {
    const { role, type } = parseTag("spansOf", tag, i);
    if (role === "O") close(i);
    else if (!open || "BS".includes(role) || "ES".includes(before) || type !== open.type) {
      close(i);
      open = { type, start: i };
    }
    before = role;
  });
  close(tags.length);
  return spans as Span<SpanType<Tag>>[];
}

/**
 * The spans that a sentence's tags mark just as a scheme writes them, in order; what is not written so is none: an `I`
 * without its `B`, in BIOES a `B` without its `E`, a letter of another scheme. seqeval counts so in its strict mode.
 *
 * @throws OptionError for what is no tag, with its place
 */
export function strictSpansOf<Tag extends string>(
  tags: readonly Tag[],
  scheme: TagScheme,
): Span<SpanType<Tag>>[] {
  checkCall("strictSpansOf", arguments, "tags:list scheme:string");
  checkChoice("strictSpansOf", "scheme", scheme, TAG_SCHEMES);
  const letters = SCHEME_LETTERS[scheme];
  const read = tags.map((tag, i) => {
    const { letter, role, type } = parseTag("strictSpansOf", tag, i);
    return letters[role] === letter ? { role, type } : { role: "O" as const, type: "" };
  });
  const spans: Span[] = [];
  for (let start = 0; start < read.length;) {
    const end = strictEnd(read, start, scheme);
    if (end > start) spans.push({ type: read[start]!.type, start, end });
    start = Math.max(end, start + 1);
  }
  return spans as Span<SpanType<Tag>>[];
}

/** Behind the span that begins at a place; the place itself where none does. */
function strictEnd(
  tags: readonly { readonly role: TagRole; readonly type: string }[],
  start: number,
  scheme: TagScheme,
): number {
  const { role, type } = tags[start]!;
  const before = tags[start - 1];
  if (role === "S") return start + 1;
  const goesOn = before !== undefined && before.role !== "O" && before.type === type;
  // In IOB1 a B stands only behind a span of its type, an I only where it goes on with none.
  const begins = scheme === "IOB1" ? role === (goesOn ? "B" : "I") : role === "B";
  if (!begins) return start;
  let end = start + 1;
  while (tags[end]?.role === "I" && tags[end]!.type === type) end++;
  if (SCHEME_LETTERS[scheme].E === undefined) return end;
  return tags[end]?.role === "E" && tags[end]!.type === type ? end + 1 : start;
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
      const letter = letterOf(scheme, i === start, i === end - 1, touches);
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
  const letters = Object.values(SCHEME_LETTERS[scheme]);
  const inside = [...types].flatMap((type) =>
    letters.map((letter) => (type === "" ? letter : `${letter}-${type}`)),
  );
  return ["O", ...inside];
}

/** A tag's letter, what that says in whichever scheme has it, and the type. */
export interface ParsedTag {
  readonly letter: string;
  readonly role: TagRole;
  readonly type: string;
}

/** What a tag says; undefined: it marks no span in any scheme. */
export function readTag(tag: string): ParsedTag | undefined {
  const letter = tag.charAt(0);
  const role = ROLES[letter];
  const isWhole = tag.length === 1 || (role !== "O" && tag[1] === "-" && tag.length > 2);
  return role !== undefined && isWhole ? { letter, role, type: tag.slice(2) } : undefined;
}

/** {@link readTag}, where nothing else is right. */
export function parseTag(op: string, tag: string, place: number): ParsedTag {
  checkCall(op, [tag], "tag:string");
  const parsed = readTag(tag);
  if (parsed) return parsed;
  throw new OptionError({
    op,
    expected: "tags such as O, B-PER, I-PER, E-PER, S-PER",
    got: `${quoted(tag)} at position ${place}`,
  });
}

/** The letter of a span's word; `touches`: a span of the same type ends just before. */
export function letterOf(
  scheme: TagScheme,
  first: boolean,
  last: boolean,
  touches: boolean,
): string {
  const { B, I, E = I, S = B } = SCHEME_LETTERS[scheme];
  if (scheme === "IOB1") return (first && touches ? B : I)!;
  return (first ? (last ? S : B) : last ? E : I)!;
}
