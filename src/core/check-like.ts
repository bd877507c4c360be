import { checkCall } from "./check.js";
import { described, isPlain } from "./described.js";
import { OptionError } from "./errors.js";

/** Refuses what does not have a method: `"a Module"` is what has `namedParameters`. */
export function checkLike(op: string, expected: string, method: string, value: unknown): void {
  if (typeof (Object(value) as Record<string, unknown>)[method] !== "function")
    throw new OptionError({ op, expected, got: described(value) });
}

/** Refuses what is no list of things: an array, or what else `for … of` goes through, but no text. */
export function checkIterable(op: string, expected: string, value: unknown): void {
  if (typeof value !== "object" || value === null || !(Symbol.iterator in value))
    throw new OptionError({ op, expected, got: described(value) });
}

/** Refuses what is no object as `{}` writes it: values by names. */
export function checkRecord(op: string, expected: string, value: unknown): void {
  if (!isPlain(value)) throw new OptionError({ op, expected, got: described(value) });
}

/** Refuses more than one argument, where the first is checked in a way of its own: a state, parsed JSON. */
export function checkAlone(op: string, given: ArrayLike<unknown>): void {
  if (given.length > 1) checkCall(op, given, "data?");
}
