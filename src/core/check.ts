import { OptionError } from "./errors.js";
import { MAX_ELEMENTS } from "./shape.js";

/** Refuses a number that is no whole number of at least `least`. */
export function checkCount(op: string, name: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least || value > MAX_ELEMENTS)
    throw new OptionError({
      op,
      expected: `${name} to be a whole number of at least ${least}`,
      got: String(value),
    });
}

/** Refuses what is no probability of dropping: 1 would drop everything and scale by infinity. */
export function checkProbability(op: string, p: number): void {
  if (!(p >= 0 && p < 1))
    throw new OptionError({
      op,
      expected: "a dropout probability from 0 to below 1",
      got: String(p),
    });
}

/** Refuses options that nobody reads: a typo, or another library's name, must not pass in silence. */
export function refuseUnknown(op: string, options: object, known: readonly string[]): void {
  const unknown = Object.keys(options).find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new OptionError({
      op,
      expected: `options among ${known.join(", ")}`,
      got: `"${unknown}"`,
    });
}

/** Refuses a value that is none of those an option can have. */
export function checkChoice(
  op: string,
  name: string,
  value: string,
  choices: readonly string[],
): void {
  if (!choices.includes(value))
    throw new OptionError({
      op,
      expected: `${name} to be one of ${choices.join(", ")}`,
      got: String(value),
    });
}

/** The options that are given, without those that are undefined. */
export function definedOnly<T extends object>(options: T): DefinedOnly<T> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as DefinedOnly<T>;
}

type DefinedOnly<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
