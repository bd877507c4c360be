// What functions ask of their arguments, in a line: plain JavaScript is checked as TypeScript is.
import { described, isPlain } from "./described.js";
import { OptionError } from "./errors.js";
import { MAX_ELEMENTS } from "./shape.js";

/** A parameter or an option, as {@link parsed} takes it from a signature, and what was right for it last: mostly the next, too. */
type Parameter = [text: string, name: string, mark: string, types: string, last?: string];

interface Signature {
  readonly parameters: readonly Parameter[];
  readonly options: readonly Parameter[] | undefined;
  /** Whether an option may not be missing. */
  readonly asks: boolean;
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
 *   `list` (an array, or a typed one), a class (`Uint8Array`), `null`, or what `typeof` gives; where none stand, anything but null, to be
 *   checked as it is used. What has a `?` may be missing; an option may, unless it has a `!`.
 * @param cure what helps where the options are wrong
 */
export function checkCall(
  op: string,
  given: ArrayLike<unknown>,
  signature: string,
  cure?: string,
): void {
  const { parameters, options: known, asks } = signatures.get(signature) ?? parsed(signature);
  const count = parameters.length;
  for (let i = 0; i < count; i++) {
    const parameter = parameters[i]!;
    checkValue(op, parameter, given[i], parameter[2] === "?");
  }
  if (known && (asks || given[count] !== undefined))
    checkOptions(op, given[count], known, signature, cure);
  if (given.length > count + (known ? 1 : 0) && !(count === 1 && isMapped(given)))
    throw new OptionError({
      op,
      expected: formOf(op, signature),
      got: `${given.length} arguments, the last ${described(given[given.length - 1])}`,
    });
}

/** The options of a call alone: `"axis keepdim:boolean"`. */
export function checkKeys(op: string, options: unknown, known: string): void {
  checkCall(op, [options], `{${known}}`);
}

function checkOptions(
  op: string,
  options: unknown,
  known: readonly Parameter[],
  signature: string,
  cure: string | undefined,
): void {
  const plain = isPlain(options);
  let named = plain;
  let key = "";
  for (key in options as object) {
    named = known.some((option) => option[1] === key);
    if (!named) break;
  }
  // An object of another class may hold options, but a tensor or a Map holds none.
  if (!named)
    throw new OptionError({
      op,
      expected: plain
        ? `options among ${known.map((option) => option[1]).join(", ")}`
        : `options in an object, as in ${formOf(op, signature)}`,
      got: plain ? `"${key}"` : described(options),
      cure,
    });
  for (const option of known)
    checkValue(op, option, (options as Record<string, unknown>)[option[1]], option[2] !== "!");
}

function checkValue(op: string, parameter: Parameter, value: unknown, optional: boolean): void {
  const types = parameter[3];
  const name = parameter[1];
  if (value === undefined ? !optional : !fits(op, parameter, value))
    throw new OptionError({
      op,
      expected: types
        ? `${name} of type ${TRAINING ? types.replaceAll("|", " or ") : types}`
        : name,
      got: described(value),
      cure: TRAINING && types.startsWith("tensor") ? "Make one by tensor(…)." : undefined,
    });
}

// Called for every argument of every call: nothing is made on the way.
function fits(op: string, parameter: Parameter, value: unknown): boolean {
  const types = parameter[3];
  if (value === null) return types.includes("null");
  if (!types) return true;
  const { address } = value as { address?: unknown };
  const isTensor = typeof address === "function";
  const type = isTensor ? "tensor" : Array.isArray(value) ? "list" : typeof value;
  if (type === parameter[4] || types.includes(type)) {
    // One of the other build, or one that is gone, is refused there.
    if (isTensor) address.call(value, op);
    parameter[4] = type;
    return true;
  }
  if (types.includes("list") && ArrayBuffer.isView(value) && "length" in value) return true;
  return types.split("|").includes(Object.prototype.toString.call(value).slice(8, -1));
}

/** As in `tensors.map(relu)`: a callback gets an element, its index, the array. */
function isMapped(given: ArrayLike<unknown>): boolean {
  return (given[2] as readonly unknown[])?.[given[1] as number] === given[0];
}

/** `sort(x:tensor, axis?:number, {descending:boolean})` */
function formOf(op: string, signature: string): string {
  return `${op}(${signature.replaceAll(" ", ", ").slice(0, 180)})`;
}

function parsed(signature: string): Signature {
  const [parameters, options] = signature
    .split(/[{}]/)
    .map((part) => [...part.matchAll(/([\w.]+)([?!]?):?(\S*)/g)] as unknown as Parameter[]);
  const found = { parameters: parameters!, options, asks: signature.includes("!") };
  signatures.set(signature, found);
  return found;
}

/** The list for {@link checkKeys} of options that have the types of their defaults. */
export function keysOf(defaults: object): string {
  return Object.entries(defaults)
    .map(([name, value]) => `${name}:${Array.isArray(value) ? "list" : typeof value}`)
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

/** Options of which any may be missing, or undefined. */
export type Given<T> = { [K in keyof T]?: T[K] | undefined };

type DefinedOnly<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
