// A strict scanner for small JSON texts whose shape is known beforehand (RFC 8259). `JSON.parse` will not
// do for a file from outside: it keeps the last of two equal keys in silence, turns 2^53 + 1 into 2^53, and
// builds whatever a hostile text asks for. Here the caller says what must come next, so nothing else is
// built, nesting cannot exceed the caller's own calls, and keys are compared after their escapes are decoded.

import { hasLoneSurrogate, quoted } from "../core/code-points.js";

/** What a scanner found wrong; the reader of a format turns it into its own error. */
export interface ScanProblem {
  expected: string;
  got: string;
  cure?: string | undefined;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const ZERO = 0x30;

export class JsonScanner {
  /** Index of the next byte. */
  position: number;
  readonly #bytes: Uint8Array;
  readonly #end: number;
  readonly #fail: (problem: ScanProblem) => never;
  // A byte order mark inside a name is a character like any other: it must not vanish.
  readonly #utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

  constructor(
    bytes: Uint8Array,
    begin: number,
    end: number,
    fail: (problem: ScanProblem) => never,
  ) {
    this.#bytes = bytes;
    this.position = begin;
    this.#end = end;
    this.#fail = fail;
  }

  /** Reads an object, calling `member` for each key with the scanner on its value; no key may repeat. */
  object(what: string, maxKeys: number, member: (key: string) => void): void {
    this.#expect("{", what);
    const keys = new Set<string>();
    if (this.#take("}")) return;
    do {
      const at = this.#skipSpace();
      const key = this.string(`a key in ${what}`);
      if (keys.has(key)) {
        this.#fail({
          expected: `every key of ${what} once`,
          got: `${quoted(key)} again at byte ${at}`,
          cure: "Readers disagree on which of the two counts: write the file again with distinct names.",
        });
      }
      if (keys.size === maxKeys) {
        this.#fail({
          expected: `at most ${maxKeys} keys in ${what}`,
          got: `one more, ${quoted(key)}, at byte ${at}`,
        });
      }
      keys.add(key);
      this.#expect(":", `after the key ${quoted(key)} of ${what}`);
      member(key);
    } while (this.#take(","));
    this.#expect("}", `or "," in ${what}`);
  }

  /** Reads an array of at most `maxLength` integers from 0 to 2^53 − 1, written as plain digits. */
  integers(what: string, maxLength: number): number[] {
    const values: number[] = [];
    this.#expect("[", what);
    if (this.#take("]")) return values;
    do {
      if (values.length === maxLength) {
        this.#fail({
          expected: `at most ${maxLength} numbers in ${what}`,
          got: `one more at byte ${this.position}`,
        });
      }
      values.push(this.#integer(what));
    } while (this.#take(","));
    this.#expect("]", `or "," in ${what}`);
    return values;
  }

  /** Reads a string, escapes decoded; what is not well-formed Unicode is refused. */
  string(what: string): string {
    const at = this.#skipSpace();
    if (!this.#take('"')) this.#fail({ expected: `a string, ${what}`, got: this.#found() });
    let escaped = false;
    let index = this.position;
    for (; ; index++) {
      if (index >= this.#end) {
        this.#fail({ expected: `a closing quote for ${what} begun at byte ${at}`, got: "the end" });
      }
      const byte = this.#bytes[index]!;
      if (byte === QUOTE) break;
      if (byte === BACKSLASH) {
        escaped = true;
        index++;
      } else if (byte < 0x20) {
        this.#fail({
          expected: `no control character inside ${what}`,
          got: `byte 0x${hex(byte)} at byte ${index}`,
        });
      }
    }
    const raw = this.#bytes.subarray(this.position, index);
    this.position = index + 1;
    const text = this.#decode(raw, what, at);
    return escaped ? this.#unescape(text, what, at) : text;
  }

  /** Fails unless nothing but white space is left. */
  end(what: string): void {
    this.#skipSpace();
    if (this.position < this.#end) {
      this.#fail({ expected: `nothing but white space after ${what}`, got: this.#found() });
    }
  }

  #integer(what: string): number {
    const at = this.#skipSpace();
    let value = 0;
    let end = at;
    for (; end < this.#end && isDigit(this.#bytes[end]!); end++) {
      // Rounding beyond 2^53 does no harm: the rounded value is beyond it as well, and refused.
      value = value * 10 + (this.#bytes[end]! - ZERO);
    }
    const digits = end - at;
    const whole = digits > 0 && (digits === 1 || this.#bytes[at] !== ZERO);
    if (!whole || !Number.isSafeInteger(value) || isNumberPart(this.#bytes[end]!)) {
      this.#refuseInteger(what, at);
    }
    this.position = end;
    return value;
  }

  #refuseInteger(what: string, at: number): never {
    let end = at;
    while (end < this.#end && end < at + 40 && isNumberPart(this.#bytes[end]!)) end++;
    const text = String.fromCharCode(...this.#bytes.subarray(at, end));
    return this.#fail({
      expected: `an integer from 0 to 2^53 - 1 in ${what}`,
      got: text === "" ? this.#found() : `${text} at byte ${at}`,
    });
  }

  #decode(raw: Uint8Array, what: string, at: number): string {
    try {
      return this.#utf8.decode(raw);
    } catch {
      return this.#fail({
        expected: `${what} in UTF-8`,
        got: `bytes that are no UTF-8 in the string at byte ${at}`,
      });
    }
  }

  #unescape(text: string, what: string, at: number): string {
    let plain: string;
    try {
      plain = JSON.parse(`"${text}"`) as string;
    } catch {
      return this.#fail({
        expected: `JSON escapes in ${what}`,
        got: `${quoted(text)} at byte ${at}`,
      });
    }
    if (hasLoneSurrogate(plain)) {
      this.#fail({
        expected: `whole Unicode characters in ${what}`,
        got: `half a surrogate pair in ${quoted(text)} at byte ${at}`,
      });
    }
    return plain;
  }

  #skipSpace(): number {
    const bytes = this.#bytes;
    let index = this.position;
    while (index < this.#end && isSpace(bytes[index]!)) index++;
    return (this.position = index);
  }

  #take(character: string): boolean {
    this.#skipSpace();
    if (this.position >= this.#end || this.#bytes[this.position] !== character.charCodeAt(0)) {
      return false;
    }
    this.position++;
    return true;
  }

  #expect(character: string, what: string): void {
    if (!this.#take(character)) {
      this.#fail({ expected: `${JSON.stringify(character)} ${what}`, got: this.#found() });
    }
  }

  #found(): string {
    if (this.position >= this.#end) return `the end at byte ${this.position}`;
    const byte = this.#bytes[this.position]!;
    const shown =
      byte > 0x20 && byte < 0x7f ? quoted(String.fromCharCode(byte)) : `byte 0x${hex(byte)}`;
    return `${shown} at byte ${this.position}`;
  }
}

function isSpace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

function isDigit(byte: number): boolean {
  return byte >= ZERO && byte <= ZERO + 9;
}

// Everything a JSON number may be made of, so that the error can show the whole of "-1.5e3".
function isNumberPart(byte: number): boolean {
  return isDigit(byte) || [0x2b, 0x2d, 0x2e, 0x45, 0x65].includes(byte);
}

function hex(byte: number): string {
  return byte.toString(16).padStart(2, "0");
}
