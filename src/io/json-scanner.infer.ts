// The same questions asked of what `JSON.parse` made: a third of the code. What it lets pass, equal keys above all (the
// last counts), the checks behind it do not: a header's entries must still cover the data, each byte once.
import type { ScanProblem } from "./json-scanner.js";

export class JsonScanner {
  #value: unknown;
  readonly #fail: (problem: ScanProblem) => never;

  constructor(
    bytes: Uint8Array,
    begin: number,
    end: number,
    fail: (problem: ScanProblem) => never,
  ) {
    this.#fail = fail;
    try {
      const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
      this.#value = JSON.parse(utf8.decode(bytes.subarray(begin, end)));
    } catch (cause) {
      fail({ expected: "JSON", got: String(cause) });
    }
  }

  object(what: string, maxKeys: number, member: (key: string) => void): void {
    const entries = Object.entries(this.#check(what, "an object", isObject));
    if (entries.length > maxKeys)
      this.#fail({ expected: `at most ${maxKeys} keys in ${what}`, got: String(entries.length) });
    for (const [key, value] of entries) {
      this.#value = value;
      member(key);
    }
  }

  integers(what: string, maxLength: number): number[] {
    return this.#check(
      what,
      `at most ${maxLength} whole numbers`,
      (value): value is number[] =>
        Array.isArray(value) &&
        value.length <= maxLength &&
        value.every((one) => Number.isSafeInteger(one) && one >= 0),
    );
  }

  string(what: string): string {
    return this.#check(what, "a string", (value) => typeof value === "string");
  }

  /** The parser has found the end. */
  end(): void {}

  #check<T>(what: string, expected: string, is: (value: unknown) => value is T): T {
    const value = this.#value;
    return is(value)
      ? value
      : this.#fail({ expected: `${expected}, ${what}`, got: JSON.stringify(value) });
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
