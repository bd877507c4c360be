// From calls that are right, calls that are wrong: each must be refused by an error that teaches.
import { HiddenstateError, Tensor, tensor } from "../../src/index.js";

/** What can stand where a value is expected. */
export type Kind =
  | ("undefined" | "null" | "number" | "string" | "boolean" | "function" | "bigint" | "array")
  | ("typed array" | "float tensor" | "int tensor" | "object" | "instance");

/** A way to call a function that is right, with every argument given. */
export interface Call {
  readonly run: (...given: unknown[]) => unknown;
  /** Fresh arguments. */
  readonly given: () => readonly unknown[];
  /** What else an argument (`"1"`) or an option (`"2.axis"`) can be, beside the kind it has in `given`. */
  readonly also: Readonly<Record<string, readonly Kind[]>>;
  /** Arguments whose names are the user's, so that none is unknown. */
  readonly named: readonly number[];
  /** Whether any number of arguments is right. */
  readonly variadic: boolean;
}

export interface CallNotes {
  also?: Readonly<Record<string, Kind | readonly Kind[]>>;
  named?: readonly number[];
  variadic?: boolean;
}

/** A right call: `call(norm, () => [x, { axis: 1 }])`. */
export function call(
  run: (...given: never[]) => unknown,
  given: () => readonly unknown[],
  { also = {}, named = [], variadic = false }: CallNotes = {},
): Call {
  const kinds = Object.entries(also).map(([place, kind]) => [place, [kind].flat()]);
  return { run: run as Call["run"], given, also: Object.fromEntries(kinds), named, variadic };
}

/** A right call of a constructor. */
export function made(
  Class: abstract new (...given: never[]) => unknown,
  given: () => readonly unknown[],
  notes?: CallNotes,
): Call {
  const Constructor = Class as unknown as new (...given: unknown[]) => unknown;
  return call((...args: unknown[]) => new Constructor(...args), given, notes);
}

/** A right call of a method: the object is made anew for each call. */
export function method<T extends object>(
  make: () => T | Promise<T>,
  name: keyof T & string,
  given: () => readonly unknown[],
  notes?: CallNotes,
): Call {
  const run = async (...args: unknown[]): Promise<unknown> => {
    const object = await make();
    const named = object[name] as unknown as (...given: unknown[]) => unknown;
    return named.apply(object, args);
  };
  return call(run, given, notes);
}

class Surprise {
  readonly ofTheirs = true;
}

/** One of each kind, and numbers that are none of the usual. */
const WRONG: readonly unknown[] = [
  ...[undefined, null, 7, -1.5, NaN, "text", "", true, 7n, () => 7],
  ...[[], [1, 2], [[1], [2]], ["a"], [undefined, null], [[[1, "a"]]]],
  ...[new Float32Array(500), {}, { unheardOf: 1 }, new Map([["a", 1]]), new Surprise()],
  ...["float", "int", "scalar"],
];

function wrongValues(): unknown[] {
  return WRONG.map((value) => {
    if (value === "float") return tensor([[1, 2]]);
    if (value === "int") return tensor(new Int32Array([1, 0]));
    return value === "scalar" ? tensor(1) : value;
  });
}

export function kindOf(value: unknown): Kind {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (ArrayBuffer.isView(value)) return "typed array";
  if (value instanceof Tensor) return value.dtype === "int32" ? "int tensor" : "float tensor";
  if (typeof value !== "object") return typeof value as Kind;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype ? "object" : "instance";
}

/** What is wrong with how a function treats wrong calls: one line each. */
export async function faultsOf(call: Call): Promise<string[]> {
  const faults: string[] = [];
  const right = call.given();
  try {
    await outcome(call, right);
  } catch (error) {
    return [`the right call fails: ${String(error)}`];
  }
  const check = async (given: readonly unknown[], what: string, accepts: boolean) => {
    const fault = await faultOf(call, given, accepts);
    if (fault) faults.push(`${what}: ${fault}`);
  };
  // What takes nothing ignores what it is given, as JavaScript's own methods do.
  if (!call.variadic && right.length > 0) {
    await check([...call.given(), 7], "a number more", false);
    await check([...call.given(), { unheardOf: 1 }], "an object more", false);
  }
  for (let place = 0; place < right.length; place++) {
    const kinds = kindsOf(call, String(place), right[place]);
    for (const value of wrongValues()) {
      const given = call.given().map((one, i) => (i === place ? value : one));
      const unheardOf = kindOf(value) === "object" && Object.keys(value as object).length > 0;
      const accepts = kinds.includes(kindOf(value)) && !(unheardOf && !call.named.includes(place));
      await check(given, `argument ${place + 1} = ${brief(value)}`, accepts);
    }
    if (kindOf(right[place]) !== "object" || call.named.includes(place)) continue;
    const options = right[place] as Record<string, unknown>;
    await check(withOption(call, place, "unheardOf", 7), `an option unheardOf`, false);
    for (const name of Object.keys(options)) {
      const allowed = kindsOf(call, `${place}.${name}`, options[name]);
      // An option that may be missing may be undefined.
      const without = { ...(call.given()[place] as object), [name]: undefined };
      const missing = { ...without } as Record<string, unknown>;
      delete missing[name];
      if ((await passes(call, place, missing)) && !(await passes(call, place, without)))
        faults.push(`option ${name} = undefined: is refused, and may be missing`);
      for (const value of wrongValues()) {
        const given = withOption(call, place, name, value);
        await check(given, `option ${name} = ${brief(value)}`, allowed.includes(kindOf(value)));
      }
    }
  }
  return faults;
}

async function passes(call: Call, place: number, options: object): Promise<boolean> {
  try {
    await outcome(
      call,
      call.given().map((one, i) => (i === place ? options : one)),
    );
    return true;
  } catch {
    return false;
  }
}

function withOption(call: Call, place: number, name: string, value: unknown): unknown[] {
  return call.given().map((one, i) => (i === place ? { ...(one as object), [name]: value } : one));
}

function kindsOf({ also }: Call, place: string, value: unknown): readonly Kind[] {
  const kinds = [kindOf(value), "undefined" as const, ...(also[place] ?? [])];
  // A list is a list.
  return kinds.includes("array") ? [...kinds, "typed array"] : kinds;
}

async function outcome(call: Call, given: readonly unknown[]): Promise<unknown> {
  const result: unknown = await call.run(...given);
  // What reads lazily refuses when it begins.
  if (typeof result === "object" && result !== null && Symbol.asyncIterator in result) {
    const iterator = (result as AsyncIterable<unknown>)[Symbol.asyncIterator]();
    await iterator.next();
    await iterator.return?.();
  }
  if (Object.prototype.toString.call(result) === "[object Generator]")
    (result as Generator<unknown>).next();
  return result;
}

async function faultOf(
  call: Call,
  given: readonly unknown[],
  accepts: boolean,
): Promise<string | undefined> {
  try {
    await outcome(call, given);
  } catch (error) {
    if (!(error instanceof HiddenstateError)) return `a raw error, ${brief(String(error))}`;
    const { message } = error;
    if (message.length > 300) return `a message of ${message.length} characters: ${brief(message)}`;
    if (message.includes("\n")) return `a message of several lines: ${brief(message)}`;
    if (message.includes("[object")) return `a message that shows nothing: ${message}`;
    return undefined;
  }
  return accepts ? undefined : "passes in silence";
}

function brief(value: unknown): string {
  if (value instanceof Tensor) return `${value.dtype} tensor [${value.shape.join(", ")}]`;
  if (typeof value === "string") return JSON.stringify(value.slice(0, 160));
  if (ArrayBuffer.isView(value)) return value.constructor.name;
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `${value}n`;
  if (value instanceof Map || value instanceof Surprise) return value.constructor.name;
  return value === undefined || Number.isNaN(value) ? String(value) : JSON.stringify(value);
}
