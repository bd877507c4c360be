// What `--columns` says: which column of a file is what.
import { UsageError } from "../usage.js";

/** Something that examples consist of. */
export interface Column {
  /** As `--columns` calls it. */
  readonly name: string;
  /**
   * `"words"`: a list of strings, or a text split at whitespace; `"numbers"`: a list of numbers, or of lists of them, or
   * a text of numbers; `"file"`: a path, from the folder of the data file.
   */
  readonly kind: "text" | "words" | "numbers" | "file";
  readonly optional?: boolean;
}

/** In the order of the file, `_` for what is not read; or by the file's own names. */
export type Columns =
  | { readonly kind: "order"; readonly roles: readonly string[] }
  | { readonly kind: "names"; readonly names: ReadonlyMap<string, string> };

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
  return named
    ? { kind: "names", names: new Map(pairs as [string, string][]) }
    : { kind: "order", roles: items };
}

/** The places of roles that stand in an order, without those that are skipped. */
export function placesOf(roles: readonly string[]): Record<string, number> {
  const places = roles.map((role, place) => [role, place] as const);
  return Object.fromEntries(places.filter(([role]) => role !== SKIPPED));
}
