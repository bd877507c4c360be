// Parts of a tokenizer.json, and what is said of those that are not read.
import { described } from "../../core/described.js";
import { quoted } from "../../core/code-points.js";
import { FormatError } from "../../core/errors.js";

export const OP = "HuggingFaceTokenizer";

/** An object of the file: names and values, not looked at yet. */
export type Part = Readonly<Record<string, unknown>>;

/** Refuses what the file has at a place. */
export function refused(expected: string, got: unknown, place: string, cure?: string): FormatError {
  const text = typeof got === "string" ? quoted(got) : described(got);
  return new FormatError({ op: OP, expected, got: `${text} at ${place}`, cure });
}

export function partOf(value: unknown, place: string): Part {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Part;
  throw refused("an object", value, place);
}

export function listOf(value: unknown, place: string): readonly unknown[] {
  if (Array.isArray(value)) return value;
  throw refused("a list", value, place);
}

/** A field that has a type of its own: `typeof` names it. Missing or null, it is the default. */
export function field<T extends string | boolean | number>(
  part: Part,
  name: string,
  fallback: T,
  place: string,
): T {
  const value = part[name] ?? fallback;
  if (typeof value === typeof fallback) return value as T;
  throw refused(`a ${typeof fallback}`, value, `${place}.${name}`);
}

/** One of the words that a field may have. */
export function wordOf<const T extends string>(
  part: Part,
  name: string,
  words: readonly T[],
  fallback: T,
  place: string,
): T {
  const value = field<string>(part, name, fallback, place);
  if (words.includes(value as T)) return value as T;
  throw refused(`one of ${words.join(", ")}`, value, `${place}.${name}`);
}

/** Makes a step of a kind, or all those of a Sequence, by the makers of each type. */
export function stepsOf<T>(
  value: unknown,
  place: string,
  sequence: string,
  makers: Readonly<Record<string, (part: Part, place: string) => T>>,
): T[] {
  if (value === undefined || value === null) return [];
  const part = partOf(value, place);
  const type = String(part.type);
  if (type === "Sequence") {
    return listOf(part[sequence], `${place}.${sequence}`).flatMap((one, i) =>
      stepsOf(one, `${place}.${sequence}[${i}]`, sequence, makers),
    );
  }
  if (Object.hasOwn(makers, type)) return [makers[type]!(part, place)];
  throw refused(
    `one of ${[...Object.keys(makers), "Sequence"].join(", ")}`,
    part.type,
    `${place}.type`,
  );
}
