// Tokens that are found in a text before it is cut, such as `<|endoftext|>`.
import { field, listOf, partOf, type Part } from "./fields.js";
import { escaped, WORD_CHARACTERS } from "./patterns.js";

export interface AddedToken {
  readonly id: number;
  readonly content: string;
  /** Only where no letter or digit stands beside it. */
  readonly singleWord: boolean;
  /** Takes the white space before it, or behind it, with it. */
  readonly lstrip: boolean;
  readonly rstrip: boolean;
  /** Found in the normalized text, in its normalized form. */
  readonly normalized: boolean;
  /** Stands for no text: decoding leaves it out. */
  readonly special: boolean;
}

export function addedTokensOf(value: unknown): AddedToken[] {
  if (value === undefined || value === null) return [];
  return listOf(value, "added_tokens").map((one, i) => {
    const place = `added_tokens[${i}]`;
    const part: Part = partOf(one, place);
    const flag = (name: string) => field(part, name, false, place);
    return {
      ...{ id: field(part, "id", -1, place), content: field(part, "content", "", place) },
      ...{ singleWord: flag("single_word"), lstrip: flag("lstrip"), rstrip: flag("rstrip") },
      ...{ normalized: flag("normalized"), special: flag("special") },
    };
  });
}

/** A piece of a text, or the id of an added token. */
export type Section = string | number;

/** Finds added tokens, of several at one place the longest. */
export class AddedTokenFinder {
  readonly #tokens: ReadonlyMap<string, AddedToken>;
  readonly #pattern: RegExp | undefined;

  constructor(tokens: readonly AddedToken[], form: (text: string) => string = (text) => text) {
    this.#tokens = new Map(
      tokens.map((token) => [form(token.content), token] as const).filter(([text]) => text !== ""),
    );
    const longestFirst = [...this.#tokens.keys()].sort((a, b) => b.length - a.length);
    this.#pattern =
      longestFirst.length === 0 ? undefined : new RegExp(longestFirst.map(escaped).join("|"), "gu");
  }

  split(text: string): Section[] {
    if (!this.#pattern) return text === "" ? [] : [text];
    const sections: Section[] = [];
    let last = 0;
    for (const { 0: found, index } of text.matchAll(this.#pattern)) {
      const token = this.#tokens.get(found)!;
      let [start, end] = [index, index + found.length];
      if (
        token.singleWord &&
        (ENDS_WORD.test(text.slice(0, start)) || STARTS_WORD.test(text.slice(end)))
      )
        continue;
      if (token.lstrip) start = Math.max(last, text.slice(0, start).replace(BLANK_END, "").length);
      if (token.rstrip) end = text.length - text.slice(end).replace(BLANK_START, "").length;
      if (start > last) sections.push(text.slice(last, start));
      sections.push(token.id);
      last = end;
    }
    if (last < text.length) sections.push(text.slice(last));
    return sections;
  }
}

const ENDS_WORD = new RegExp(`[${WORD_CHARACTERS}]$`, "u");
const STARTS_WORD = new RegExp(`^[${WORD_CHARACTERS}]`, "u");
const BLANK_END = /\p{White_Space}+$/u;
const BLANK_START = /^\p{White_Space}+/u;
