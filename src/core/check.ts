// What functions ask of their arguments, in a line: plain JavaScript is checked as TypeScript is.
import { described, isPlain } from "./described.js";
import { OptionError } from "./errors.js";
import { MAX_ELEMENTS } from "./shape.js";

interface Parameter {
  readonly name: string;
  readonly optional: boolean;
  readonly types: readonly string[];
}

interface Signature {
  readonly parameters: readonly Parameter[];
  readonly options: readonly Parameter[] | undefined;
}

/** Those that were met. */
const signatures = /* @__PURE__ */ new Map<string, Signature>();

/**
 * Refuses a call with too many arguments, one missing, one of another type, or an option that nobody reads: a typo, or
 * another library's name, must not pass in silence. It is the first line of what users call:
 *
 *     export function sort(x: Tensor, axis = -1, options: SortOptions = {}): Tensor {
 *       checkCall("sort", arguments, "x:tensor axis?:number {descending:boolean}");
 *
 * @param signature the parameters; in braces, the options. Behind a colon stand types, with `|` between: `tensor`,
 *   `array`, `list` (or a typed array), `iterable`, or what `typeof` gives; where none stand, anything but null that
 *   is checked as it is used. Behind a question mark it may be undefined, as every option.
 */
export function checkCall(op: string, given: ArrayLike<unknown>, signature: string): void {
  const { parameters, options } = signatureOf(signature);
  const { length } = parameters;
  for (let i = 0; i < length; i++) checkValue(op, parameters[i]!, given[i]);
  if (options) checkOptions(op, given[length], options, signature);
  if (given.length > length + (options ? 1 : 0) && !isMapped(given, length))
    throw new OptionError({
      op,
      expected: formOf(op, signature),
      got: `${given.length} arguments, the last ${described(given[given.length - 1])}`,
    });
}

/** The options of a call alone: `"axis keepdim:boolean"`. */
export function checkKeys(op: string, given: unknown, known: string): void {
  const signature = `{${known}}`;
  checkOptions(op, given, signatureOf(signature).options!, signature);
}

function checkOptions(
  op: string,
  given: unknown,
  known: readonly Parameter[],
  signature: string,
): void {
  if (given === undefined) return;
  const plain = isPlain(given);
  let named = plain;
  for (const name in given as object) {
    const option = known.find((each) => each.name === name);
    named = option !== undefined;
    if (!option) {
      if (!plain) break;
      const names = known.map((each) => each.name).join(", ");
      throw new OptionError({ op, expected: `options among ${names}`, got: `"${name}"` });
    }
    checkValue(op, option, (given as Record<string, unknown>)[name]);
  }
  // An object of another class may have options, yet a Map or a tensor has none.
  if (!named)
    throw new OptionError({
      op,
      expected: `options in an object, ${formOf(op, signature)}`,
      got: described(given),
    });
}

function checkValue(op: string, { name, optional, types }: Parameter, value: unknown): void {
  if (value === undefined ? optional : fits(op, types, value)) return;
  const texts = types.map((type) => TEXTS[type] ?? `a ${type}`);
  throw new OptionError({
    op,
    expected: `${name} to be ${texts.join(" or ") || "given"}`,
    got: described(value),
    cure: types[0] === "tensor" && isList(value) ? "Make it one by tensor(…)." : undefined,
  });
}

const TEXTS: Readonly<Record<string, string>> = {
  array: "an array",
  boolean: "true or false",
  iterable: "an array or the like",
  list: "an array",
  object: "an object",
};

function fits(op: string, types: readonly string[], value: unknown): boolean {
  if (value === null || value !== value) return false;
  const type = typeof value;
  return types.length === 0 || types.some((each) => each === type || isA(op, each, value));
}

function isA(op: string, type: string, value: unknown): boolean {
  if (type === "array") return Array.isArray(value);
  if (type === "list") return isList(value);
  if (type === "iterable") return Symbol.iterator in Object(value) && typeof value !== "string";
  if (type !== "tensor" || typeof (value as Addressed).address !== "function") return false;
  // One of another build, or one that is gone, is refused there.
  (value as Addressed).address(op);
  return true;
}

/** A tensor, as seen from here. */
interface Addressed {
  address(op: string): unknown;
}

function isList(value: unknown): boolean {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && "length" in value);
}

/** As in `tensors.map(relu)`: what a callback of one argument gets is an element, its index, the array. */
function isMapped(given: ArrayLike<unknown>, count: number): boolean {
  const array = given[2];
  return (
    count === 1 &&
    given.length === 3 &&
    Array.isArray(array) &&
    array[given[1] as number] === given[0]
  );
}

/** `sort(x, axis, { descending })` */
function formOf(op: string, signature: string): string {
  const { parameters, options } = signatureOf(signature);
  const names = (list: readonly Parameter[]): string => list.map(({ name }) => name).join(", ");
  const all = [names(parameters), options && `{ ${names(options)} }`].filter(Boolean);
  return `${op}(${all.join(", ")})`;
}

function signatureOf(text: string): Signature {
  let signature = signatures.get(text);
  if (!signature) {
    const [parameters, options] = text.split(/[{}]/);
    signature = {
      parameters: parametersOf(parameters!),
      options: options === undefined ? undefined : parametersOf(options, true),
    };
    signatures.set(text, signature);
  }
  return signature;
}

function parametersOf(text: string, options = false): Parameter[] {
  return [...text.matchAll(/(\w+)(\??):?(\S*)/g)].map(([, name, optional, types]) => ({
    name: name!,
    optional: options || optional === "?",
    types: types ? types.split("|") : [],
  }));
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
