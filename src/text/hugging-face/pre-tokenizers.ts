// How a text is cut into the pieces across which nothing is merged.
import { toByteLevel } from "./byte-level.js";
import { field, refused, stepsOf, wordOf, type Part } from "./fields.js";
import { escaped, patternOf, SPACE, WORD_CHARACTERS } from "./patterns.js";
import { BEHAVIORS, splitBy, type Behavior } from "./splitting.js";

/** Pieces of a piece; `first` where the whole text begins with it. */
type Splitter = (text: string, first: boolean) => string[];

export type PreTokenizer = (text: string, first: boolean) => string[];

/** GPT-2's. */
const GPT2 = new RegExp(
  `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${SPACE}\\p{L}\\p{N}]+|${SPACE}+(?!\\P{White_Space})|${SPACE}+`,
  "gu",
);
const WORDS = new RegExp(`[${WORD_CHARACTERS}]+|[^${WORD_CHARACTERS}${SPACE}]+`, "gu");
const SPACES = new RegExp(SPACE, "gu");
const PUNCTUATION = /[!-/:-@[-`{-~\p{P}]/gu;

export const SCHEMES = ["always", "first", "never"] as const;

export interface MetaspaceOptions {
  readonly replacement: string;
  readonly scheme: (typeof SCHEMES)[number];
}

/** Files from before the schemes say whether a blank is added at all. */
export function metaspaceOf(part: Part, place: string): MetaspaceOptions {
  const adds = field(part, "add_prefix_space", true, place);
  const replacement = field(part, "replacement", "\u2581", place);
  const scheme = wordOf(part, "prepend_scheme", SCHEMES, adds ? "always" : "never", place);
  if (!adds && scheme !== "never")
    throw refused("prepend_scheme never", scheme, `${place} beside add_prefix_space false`);
  return { replacement, scheme };
}

function behaviorOf(part: Part, place: string, fallback: Behavior): Behavior {
  return wordOf(part, "behavior", BEHAVIORS, fallback, place);
}

const MAKERS: Readonly<Record<string, (part: Part, place: string) => Splitter>> = {
  ByteLevel: (part, place) => {
    const prefix = field(part, "add_prefix_space", true, place);
    const cuts = field(part, "use_regex", true, place);
    return (text) => {
      const whole = prefix && !text.startsWith(" ") ? ` ${text}` : text;
      return (cuts ? splitBy(whole, GPT2, "Isolated") : [whole]).map(toByteLevel);
    };
  },
  Whitespace: () => (text) => splitBy(text, WORDS, "Removed", true),
  WhitespaceSplit: () => (text) => splitBy(text, SPACES, "Removed"),
  BertPreTokenizer: () => (text) =>
    splitBy(text, SPACES, "Removed").flatMap((piece) => splitBy(piece, PUNCTUATION, "Isolated")),
  Split: (part, place) => {
    const pattern = patternOf(part, place);
    const behavior = behaviorOf(part, place, "Isolated");
    const invert = field(part, "invert", false, place);
    return (text) => splitBy(text, pattern, behavior, invert);
  },
  CharDelimiterSplit: (part, place) => {
    const pattern = new RegExp(escaped(field(part, "delimiter", " ", place)), "gu");
    return (text) => splitBy(text, pattern, "Removed");
  },
  Punctuation: (part, place) => {
    const behavior = behaviorOf(part, place, "Isolated");
    return (text) => splitBy(text, PUNCTUATION, behavior);
  },
  Digits: (part, place) => {
    const behavior = field(part, "individual_digits", false, place) ? "Isolated" : "Contiguous";
    return (text) => splitBy(text, /\p{N}/gu, behavior);
  },
  Metaspace: (part, place) => {
    const { replacement, scheme } = metaspaceOf(part, place);
    const cuts = field(part, "split", true, place);
    const pattern = new RegExp(escaped(replacement), "gu");
    return (text, first) => {
      const marked = text.replaceAll(" ", replacement);
      const adds = scheme === "always" || (scheme === "first" && first);
      const whole = adds && !marked.startsWith(replacement) ? replacement + marked : marked;
      return cuts ? splitBy(whole, pattern, "MergedWithNext") : [whole];
    };
  },
};

export function preTokenizerOf(value: unknown): PreTokenizer {
  const steps = stepsOf(value, "pre_tokenizer", "pretokenizers", MAKERS);
  return (text, first) =>
    steps.reduce<string[]>(
      (pieces, step) => pieces.flatMap((piece, i) => step(piece, first && i === 0)),
      [text],
    );
}
