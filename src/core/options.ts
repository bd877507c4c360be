// An option is declared once: kind, default, a line of help. From its table come validation, the command's flags
// and help, what checkpoints and model files store; a test compares the defaults in the JSDoc.
import { definedOnly } from "./check.js";
import { checkRecord } from "./check-like.js";
import { described } from "./described.js";
import { quoted } from "./code-points.js";
import { OptionError } from "./errors.js";

export interface Option<T = unknown> {
  /** How it is given on the command line; `"api"`: not at all. */
  readonly kind: "value" | "choice" | "flag" | "api";
  /** Undefined: none, or chosen by the data. */
  readonly default: T | undefined;
  /** One line. Where `default` is undefined, it says what happens without the option. */
  readonly help: string;
  /** What a value must be, for errors: `"a whole number of at least 1"`. */
  readonly form: string;
  readonly choices?: readonly string[] | undefined;
  fits(value: unknown): boolean;
  /** A value from the text of the command line; what does not fit is refused by `fits`. */
  parse(text: string): unknown;
}

/** The options of an interface, in the order of the help. */
export type OptionTable<O extends object = Record<string, unknown>> = {
  readonly [K in keyof O]-?: Option<Exclude<O[K], undefined>>;
};

/** Every option with its value: undefined only of those that have no default, `Unset`. */
export type Settings<O extends object, Unset extends keyof O = never> = {
  readonly [K in keyof O]-?: Exclude<O[K], undefined> | (K extends Unset ? undefined : never);
};

interface Bounds {
  least?: number | undefined;
  above?: number | undefined;
  most?: number | undefined;
  below?: number | undefined;
}

/** A whole number of at least `least`. */
export function whole(least: number, value: number | undefined, help: string): Option<number> {
  const fits = (given: unknown) => Number.isSafeInteger(given) && (given as number) >= least;
  const form = `a whole number of at least ${least}`;
  return { kind: "value", default: value, help, form, fits, parse: numberFrom };
}

/** A number within bounds; `above` and `below` leave the bound itself out. */
export function number(bounds: Bounds, value: number | undefined, help: string): Option<number> {
  const { least = -Infinity, above = -Infinity, most = Infinity, below = Infinity } = bounds;
  const texts = [
    least > -Infinity && `of at least ${least}`,
    above > -Infinity && `above ${above}`,
    most < Infinity && `of at most ${most}`,
    below < Infinity && `below ${below}`,
  ].filter((text) => text !== false);
  const fits = (given: unknown) =>
    Number.isFinite(given) &&
    (given as number) >= least &&
    (given as number) > above &&
    (given as number) <= most &&
    (given as number) < below;
  const form = ["a number", texts.join(" and ")].join(" ").trim();
  return { kind: "value", default: value, help, form, fits, parse: numberFrom };
}

/** A probability of dropping: 1 would drop everything. */
export function probability(value: number | undefined, help: string): Option<number> {
  return number({ least: 0, below: 1 }, value, help);
}

export function choice<const T extends string>(
  choices: readonly T[],
  value: T | undefined,
  help: string,
): Option<T> {
  const fits = (given: unknown) => choices.includes(given as T);
  const form = `one of ${choices.join(", ")}`;
  return { kind: "choice", default: value, help, form, choices, fits, parse: (text) => text };
}

/** On the command line `--name`, or `--no-name` where the default is true. */
export function flag(value: boolean, help: string): Option<boolean> {
  const fits = (given: unknown) => typeof given === "boolean";
  return { kind: "flag", default: value, help, form: "true or false", fits, parse: Boolean };
}

export function text(value: string | undefined, help: string): Option<string> {
  const fits = (given: unknown) => typeof given === "string";
  return { kind: "value", default: value, help, form: "a text", fits, parse: (given) => given };
}

/** Whole numbers of at least `least`; on the command line with commas between. */
export function wholes(
  least: number,
  value: readonly number[] | undefined,
  help: string,
): Option<readonly number[]> {
  const fits = (given: unknown) =>
    Array.isArray(given) &&
    given.length > 0 &&
    given.every((one) => Number.isSafeInteger(one) && (one as number) >= least);
  const form = `at least one whole number of at least ${least}, in a list`;
  const parse = (given: string) => given.split(",").map(numberFrom);
  return { kind: "value", default: value, help, form, fits, parse };
}

/** What only programs can give: a function, a signal, a tokenizer. */
export function api<T>(type: "function" | "object" | "any", help: string): Option<T> {
  const fits = (given: unknown) => type === "any" || (typeof given === type && given !== null);
  const form = type === "any" ? "a value" : type === "object" ? "an object" : "a function";
  return { kind: "api", default: undefined, help, form, fits, parse: (given) => given };
}

/** A text that is no number is a text still, and refused as one. */
function numberFrom(given: string): unknown {
  return given.trim() === "" || Number.isNaN(Number(given)) ? given : Number(given);
}

/** A table with other defaults. */
export function withDefaults<O extends object>(
  table: OptionTable<O>,
  defaults: Partial<O>,
): OptionTable<O> {
  const entries = Object.entries<Option>(table as never).map(([name, option]) => [
    name,
    Object.hasOwn(defaults, name) ? { ...option, default: defaults[name as keyof O] } : option,
  ]);
  return Object.fromEntries(entries) as OptionTable<O>;
}

/** A table some of whose defaults the data choose. */
export function byTheData<O extends object>(
  table: OptionTable<O>,
  names: readonly (keyof O)[],
): OptionTable<O> {
  const plain = (help: string) => help.replace(/ \(default: .*\)$/, "");
  const entries = Object.entries<Option>(table as never).map(([name, option]) => [
    name,
    names.includes(name as keyof O)
      ? { ...option, default: undefined, help: `${plain(option.help)} (default: by the data)` }
      : option,
  ]);
  return Object.fromEntries(entries) as OptionTable<O>;
}

/** What tells a user of a table how an option is written: by its name, or as a flag. */
export type OptionNaming = (name: string) => string;

/**
 * Every option with its value: as given, else as chosen by the data, else the default; `Unset` have none.
 *
 * @throws OptionError for an option that the table does not have, or a value of another form
 */
export function readOptions<O extends object, Unset extends keyof O = never>(
  op: string,
  table: OptionTable<O>,
  given: Partial<O>,
  chosen: Partial<O> = {},
  named: OptionNaming = (name) => name,
): Settings<O, Unset> {
  checkOptions(op, table, given, named);
  const from = { ...definedOnly(chosen), ...definedOnly(given) } as Record<string, unknown>;
  const entries = Object.entries<Option>(table as never).map(([name, option]) => [
    name,
    from[name] ?? option.default,
  ]);
  return Object.fromEntries(entries) as Settings<O, Unset>;
}

/** Refuses unknown options and values of another form. */
export function checkOptions(
  op: string,
  table: Readonly<Record<string, Option>> | object,
  given: object,
  named: OptionNaming = (name) => name,
): void {
  const options = table as Readonly<Record<string, Option>>;
  checkRecord(op, "options in an object", given);
  for (const [name, value] of Object.entries(given) as [string, unknown][]) {
    if (value === undefined) continue;
    if (!Object.hasOwn(options, name)) {
      // What only a program can give has no flag.
      const known = Object.keys(options).filter(
        (one) => named(one) === one || options[one]!.kind !== "api",
      );
      throw unknownOption(op, name, known, named);
    }
    if (!options[name]!.fits(value))
      throw new OptionError({
        op,
        expected: `${named(name)} to be ${options[name]!.form}`,
        got: described(value),
      });
  }
}

function unknownOption(
  op: string,
  name: string,
  known: readonly string[],
  named: OptionNaming,
): OptionError {
  const plain = (word: string) => word.toLowerCase().replace(/[^a-z0-9]/g, "");
  const like = known.find(
    (one) => plain(one).startsWith(plain(name)) || plain(name).startsWith(plain(one)),
  );
  return new OptionError({
    op,
    expected: `options among ${known
      .map(named)
      .join(", ")
      .replace(/^(.{180,}?),.*/, "$1, …")}`,
    got: quoted(named(name)),
    cure: like && `Did you mean ${named(like)}?`,
  });
}

/** The options of a table out of more of them. */
export function pickOptions<O extends object>(table: OptionTable<O>, from: object): Partial<O> {
  return Object.fromEntries(
    Object.entries(from).filter(([name]) => Object.hasOwn(table, name)),
  ) as Partial<O>;
}
