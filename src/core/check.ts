// What every function asks of its arguments, so that plain JavaScript is checked as TypeScript is.
import { described, isPlain } from "./described.js";
import { OptionError } from "./errors.js";
import { MAX_ELEMENTS } from "./shape.js";

/**
 * Refuses a call with more than `count` arguments. Where `known` is given, the last of them are options, which
 * {@link checkKeys} checks. It is the first line of what users call:
 *
 *     export function norm(x: Tensor, p = 2, options: NormOptions = {}): Tensor {
 *       checkArguments("norm", arguments, 3, "axis keepdim:boolean");
 */
export function checkArguments(
  op: string,
  given: ArrayLike<unknown>,
  count: number,
  known?: string,
): void {
  if (given.length > count && !isMapped(given, count))
    throw new OptionError({
      op,
      expected: count > 1 ? `at most ${count} arguments` : count > 0 ? "one argument" : "none",
      got: `${given.length}, the last ${described(given[given.length - 1])}`,
    });
  if (known !== undefined) checkKeys(op, given[count - 1], known);
}

/** As in `tensors.map(relu)`: what a callback of one argument gets is an element, its index, the array. */
function isMapped({ length, ...given }: ArrayLike<unknown>, count: number): boolean {
  const array = given[2];
  return (
    count === 1 && length === 3 && Array.isArray(array) && array[given[1] as number] === given[0]
  );
}

/** The names and types of each list of options that was met. */
const tables = /* @__PURE__ */ new Map<string, ReadonlyMap<string, string | undefined>>();

/**
 * Refuses what is no object of options, an option that is none of `known` (a typo, or another library's name, must
 * not pass in silence), and one of another type. `undefined` is an option left out.
 *
 * @param known names with blanks between, each with what `typeof` must give behind a colon, or without where
 *   the value is checked as it is used: `"axis keepdim:boolean"`
 */
export function checkKeys(op: string, options: unknown, known: string): void {
  if (options === undefined) return;
  const table = tableOf(known);
  const plain = isPlain(options);
  let read = plain;
  for (const name in options as Record<string, unknown>) {
    if (!table.has(name)) throw unknownOption(op, plain ? `"${name}"` : described(options), table);
    checkType(op, name, (options as Record<string, unknown>)[name], table.get(name));
    read = true;
  }
  if (!read) throw unknownOption(op, described(options), table);
}

function tableOf(known: string): ReadonlyMap<string, string | undefined> {
  let table = tables.get(known);
  if (!table) {
    table = new Map(known.split(" ").map((each) => each.split(":") as [string, string?] as never));
    tables.set(known, table);
  }
  return table;
}

function unknownOption(op: string, got: string, table: ReadonlyMap<string, unknown>): OptionError {
  return new OptionError({ op, expected: `options among ${[...table.keys()].join(", ")}`, got });
}

/** Refuses null, NaN, and a value of another type than `type`, where one is given. */
export function checkType(op: string, name: string, value: unknown, type?: string): void {
  if (value === undefined) return;
  if (value === null || value !== value || (type && typeof value !== type))
    throw new OptionError({
      op,
      expected: type ? `${name} to be a ${type}` : `a value for ${name}, or undefined`,
      got: described(value),
    });
}

/** The list for {@link checkKeys} of options that have the types of their defaults. */
export function keysOf(defaults: object): string {
  return Object.entries(defaults)
    .map(([name, value]) => `${name}:${typeof value}`)
    .join(" ");
}

/** Refuses a number that is no whole number of at least `least`. */
export function checkCount(op: string, name: string, value: number, least = 1): void {
  if (!Number.isInteger(value) || value < least || value > MAX_ELEMENTS)
    throw new OptionError({
      op,
      expected: `${name} to be a whole number of at least ${least}`,
      got: described(value),
    });
}

/** Refuses what is no probability of dropping: 1 would drop everything and scale by infinity. */
export function checkProbability(op: string, p: number): void {
  if (!(typeof p === "number" && p >= 0 && p < 1))
    throw new OptionError({
      op,
      expected: "a dropout probability from 0 to below 1",
      got: described(p),
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
      got: described(value),
    });
}

/** The options that are given, without those that are undefined. */
export function definedOnly<T extends object>(options: T): DefinedOnly<T> {
  return Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as DefinedOnly<T>;
}

type DefinedOnly<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
