// What `--columns` says: which column of a file is what.
import { UsageError } from "../usage.js";

/** Something that examples consist of. */
export interface Column {
  /** As `--columns` calls it. */
  readonly name: string;
  /**
   * `"words"`: a list of strings, or a text split at blanks; `"numbers"`: a list of numbers, or of lists of them, or
   * a text of numbers; `"file"`: a path, from the folder of the data file.
   */
  readonly kind: "text" | "words" | "numbers" | "file";
  /**
   * Whether it is what is to be learnt: the name of a class, or one for each word. Never empty, without blanks at its
   * ends, and where the file has numbers, `--label-names` names them.
   */
  readonly label?: boolean;
  /** Whether an example may have several labels: a list, or a text cut at `--label-separator`. */
  readonly several?: boolean;
  readonly optional?: boolean;
}

/** In the order of the file, `_` for what is not read; or by the file's own names. Neither: as the format has it. */
export interface Columns {
  readonly order?: readonly string[];
  readonly names?: Readonly<Record<string, string>>;
}

const SKIPPED = "_";

/** Reads `words,_,_,tags` (their order) or `text=sentence,label=class` (their names). */
export function parseColumns(text: string, roles: readonly Column[]): Columns {
  const items = text.split(",").map((item) => item.trim());
  const pairs = items.map((item) => item.split("="));
  const named = pairs.every((pair) => pair.length === 2);
  const ordered = pairs.every((pair) => pair.length === 1);
  const given = pairs.map(([role = ""]) => role).filter((role) => !(ordered && role === SKIPPED));
  const known = roles.map(({ name }) => name);
  const missing = roles.filter(({ name, optional }) => !optional && !given.includes(name));
  if (
    (!named && !ordered) ||
    missing.length > 0 ||
    given.some((role, i) => !known.includes(role) || given.indexOf(role) !== i)
  )
    throw new UsageError({
      op: "--columns",
      expected: `${known.join(", ")}, each once, in the order of the file (${SKIPPED} for others), or as name=name in the file`,
      got: text,
    });
  return named ? { names: Object.fromEntries(pairs as [string, string][]) } : { order: items };
}

/** The places of columns that stand in an order, without those that are skipped, or are named by their numbers. */
export function placesOf({ order = [], names = {} }: Columns): Record<string, number> {
  const ordered = order.map((role, place) => [role, place] as const);
  const named = Object.entries(names).map(([role, place]) => [role, Number(place)] as const);
  return Object.fromEntries([...ordered, ...named].filter(([role]) => role !== SKIPPED));
}

/** An order with a name of its own for each column that is skipped. */
export function distinctNames(order: readonly string[]): string[] {
  return order.map((role, i) => (role === SKIPPED ? `${SKIPPED}${i}` : role));
}

/** Whether a row is a header that says what the order of the columns says. */
export function isHeader(
  row: Readonly<Record<string, unknown>>,
  order: readonly string[],
): boolean {
  const roles = order.filter((role) => role !== SKIPPED);
  return roles.every((role) => String(row[role]).trim().toLowerCase() === role);
}
