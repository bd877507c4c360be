// Regular expressions of a tokenizer.json, which are Oniguruma's (Ruby's syntax), as JavaScript's.
import { partOf, refused, type Part } from "./fields.js";

/** White space and word characters as Unicode has them; JavaScript's own `\s` and `\w` differ. */
export const SPACE = "\\p{White_Space}";
const ALPHABETIC = "\\p{Alphabetic}\\p{M}\\p{Nd}\\p{Pc}";
export const WORD_CHARACTERS = `${ALPHABETIC}\\p{Join_Control}`;
/** Oniguruma's, which has Latin-1's raised digits and fractions, and no joiners. */
const WORD = `${ALPHABETIC}\\u{b2}\\u{b3}\\u{b9}\\u{bc}-\\u{be}`;
const EDGE = `(?:(?<=[${WORD}])(?![${WORD}])|(?<![${WORD}])(?=[${WORD}]))`;

/** A pattern's field: `{ "String": … }`, or `{ "Regex": … }`. */
export function patternOf(part: Part, place: string): RegExp {
  const pattern = partOf(part.pattern, `${place}.pattern`);
  if (typeof pattern.String === "string") return new RegExp(escaped(pattern.String), "gu");
  if (typeof pattern.Regex === "string") return translated(pattern.Regex, `${place}.pattern.Regex`);
  throw refused("a String or a Regex", Object.keys(pattern).join(), `${place}.pattern`);
}

export function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}

function translated(source: string, place: string): RegExp {
  const unread = (what: string) =>
    refused("a regular expression that JavaScript can have", what, place);
  try {
    return new RegExp(new Translation(source, unread).text, "gu");
  } catch (error) {
    if (error instanceof SyntaxError) throw unread(source);
    throw error;
  }
}

/** What stands for itself behind a backslash, within a class and elsewhere. */
const CLASSES: Readonly<Record<string, string>> = {
  ...{ s: SPACE, S: "\\P{White_Space}", d: "\\p{Nd}", D: "\\P{Nd}", w: WORD, h: "0-9a-fA-F" },
};
const ANCHORS: Readonly<Record<string, string>> = {
  ...{ A: "(?<![\\s\\S])", z: "(?![\\s\\S])", b: EDGE, W: `[^${WORD}]` },
};
const CONTROLS = /[tnrfv0]/;

class Translation {
  text = "";
  readonly #source: string;
  readonly #unread: (what: string) => Error;
  #at = 0;
  /** Where the last thing that can be repeated begins in `text`. */
  #atom = 0;
  /** Groups that are open: where each begins, and whether letters fold outside of it. */
  readonly #groups: { start: number; folds: boolean }[] = [];
  #folds = false;
  #atomics = 0;

  constructor(source: string, unread: (what: string) => Error) {
    this.#source = source;
    this.#unread = unread;
    while (this.#at < source.length) this.#next();
  }

  #next(): void {
    const rest = this.#source.slice(this.#at);
    const repeat = /^(?:[*+?]|\{\d*,?\d*\})/.exec(rest)?.[0];
    if (repeat !== undefined && repeat !== "{}") return this.#repeat(repeat);
    if (rest.startsWith("(")) return this.#open(rest);
    if (rest.startsWith("|")) return this.#put("|", 1);
    if (rest.startsWith(")")) {
      const group = this.#groups.pop();
      if (!group) throw this.#unread(")");
      this.#put(")", 1);
      this.#atom = group.start;
      this.#folds = group.folds;
      return;
    }
    this.#atom = this.text.length;
    if (rest.startsWith("[")) return this.#class(rest);
    if (rest.startsWith("\\")) {
      const [escape, length] = this.#escape(rest, false);
      return this.#put(escape, length);
    }
    if (rest.startsWith(".")) return this.#put("[^\\n]", 1);
    if (rest.startsWith("^")) return this.#put("(?<![^\\n])", 1);
    if (rest.startsWith("$")) return this.#put("(?![^\\n])", 1);
    const character = String.fromCodePoint(rest.codePointAt(0)!);
    this.#put(this.#folded(character), character.length);
  }

  #put(text: string, length: number): void {
    this.text += text;
    this.#at += length;
  }

  /** A possessive one is a lookahead, which is never gone back into, and what it found. */
  #repeat(repeat: string): void {
    const behind = this.#source[this.#at + repeat.length];
    // Behind braces a plus repeats once more, in Ruby's syntax.
    if (behind !== "+" || repeat.startsWith("{")) {
      const lazy = behind === "?" && !repeat.startsWith("{") ? "?" : "";
      const braces = /^\{,/.test(repeat) ? `{0${repeat.slice(1)}` : repeat;
      if (repeat.startsWith("{") && (behind === "+" || behind === "?"))
        throw this.#unread(repeat + behind);
      return this.#put(braces + lazy, repeat.length + lazy.length);
    }
    const name = `atomic${this.#atomics++}`;
    const atom = this.text.slice(this.#atom);
    this.text = this.text.slice(0, this.#atom);
    this.#put(`(?:(?=(?<${name}>${atom}${repeat}))\\k<${name}>)`, repeat.length + 1);
  }

  #open(rest: string): void {
    this.#groups.push({ start: this.text.length, folds: this.#folds });
    if (rest.startsWith("(?i:")) {
      this.#folds = true;
      return this.#put("(?:", 4);
    }
    const known = /^\((?:\?(?::|=|!|<=|<!))?/.exec(rest)![0];
    if (known === "(" && rest[1] === "?") throw this.#unread(rest.slice(0, 4));
    // Its own groups would count what is possessive.
    this.#put(known === "(" ? "(?:" : known, known.length);
  }

  #class(rest: string): void {
    let at = 1;
    let text = "[";
    if (rest[at] === "^") text += rest[at++];
    const start = at;
    while (rest[at] !== "]" || at === start) {
      if (at >= rest.length) throw this.#unread(rest);
      if (rest[at] === "[" || rest.startsWith("&&", at)) throw this.#unread(rest.slice(at));
      if (rest[at] === "\\") {
        const [escape, length] = this.#escape(rest.slice(at), true);
        text += escape;
        at += length;
        continue;
      }
      const character = String.fromCodePoint(rest.codePointAt(at)!);
      const folds = this.#folds && rest[at + 1] !== "-" && rest[at - 1] !== "-";
      text += folds ? variantsOf(character).join("") : inClass(character, rest, at);
      at += character.length;
    }
    this.#put(`${text}]`, at + 1);
  }

  /** What an escape is in JavaScript, and its length here. */
  #escape(rest: string, within: boolean): [string, number] {
    const letter = rest[1] ?? "";
    const property = /^\\[pP]\{\^?[\w= ]+\}/.exec(rest)?.[0];
    if (property !== undefined) {
      const negated = property.includes("{^");
      const sign = (property[1] === "P") === negated ? "p" : "P";
      return [`\\${sign}${property.slice(2).replace("^", "")}`, property.length];
    }
    const coded = /^\\(?:x\{([0-9a-fA-F]+)\}|x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/.exec(rest);
    if (coded) return [`\\u{${coded[1] ?? coded[2] ?? coded[3]!}}`, coded[0].length];
    if (Object.hasOwn(CLASSES, letter)) {
      const known = CLASSES[letter]!;
      return [within ? known : `[${known}]`, 2];
    }
    if (!within && Object.hasOwn(ANCHORS, letter)) return [ANCHORS[letter]!, 2];
    if (CONTROLS.test(letter)) return [`\\${letter}`, 2];
    if (letter === "" || /[\p{L}\p{N}]/u.test(letter)) throw this.#unread(rest.slice(0, 2));
    const character = String.fromCodePoint(rest.codePointAt(1)!);
    return [
      within ? `\\u{${character.codePointAt(0)!.toString(16)}}` : escaped(character),
      1 + character.length,
    ];
  }

  #folded(character: string): string {
    const variants = this.#folds ? variantsOf(character) : [character];
    return variants.length > 1 ? `[${variants.join("")}]` : escaped(character);
  }
}

/** A minus stays one where it makes a range. */
function inClass(character: string, rest: string, at: number): string {
  const plain = /[\p{L}\p{N}\s]/u.test(character);
  const range = character === "-" && /[^[^]/.test(rest[at - 1]!) && rest[at + 1] !== "]";
  return plain || range ? character : `\\u{${character.codePointAt(0)!.toString(16)}}`;
}

/** A letter in both cases; of two, Unicode knows a third. */
function variantsOf(character: string): string[] {
  const more: Readonly<Record<string, string>> = { s: "\u017f", k: "\u212a" };
  const lower = character.toLowerCase();
  const all = [lower, character.toUpperCase(), more[lower] ?? lower];
  return [...new Set(all.filter((one) => [...one].length === 1))].map((one) =>
    /[\p{L}]/u.test(one) ? one : `\\u{${one.codePointAt(0)!.toString(16)}}`,
  );
}
