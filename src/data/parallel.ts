// Texts side by side: line n of each belongs to example n.
import { checkCall } from "../core/check.js";
import { checkRecord } from "../core/check-like.js";
import { OptionError } from "../core/errors.js";
import { cutAtBlanks } from "../core/white-space.js";
import { formatFault, valuesOf, type Located } from "./fault.js";
import { linesOf, type TextSource } from "./source.js";

export interface ParallelOptions<Aligned extends string> {
  /**
   * The texts whose lines are cut at blanks (spaces and tabs), into equally many pieces each: words and their tags, `["words",
   * "tags"]`. The others are given as they are. Default: none.
   */
  aligned?: readonly Aligned[] | undefined;
  /** What errors call each text: its file. Default: its key. */
  names?: Readonly<Partial<Record<string, string>>> | undefined;
}

/** A line of each text: its pieces, where they are aligned. */
export type ParallelExample<Key extends string, Aligned extends string> = {
  [K in Key]: K extends Aligned ? string[] : string;
};

/**
 * Reads texts in step: `readParallel({ words, tags, intent }, { aligned: ["words", "tags"] })`.
 *
 * @throws FormatError where one text ends before another, or aligned lines have different lengths; it names the line
 * @example
 * ```ts
 * const [first] = await collect(readParallel({ source: "one two\n", target: "eins zwei\n" }));
 * first!.target; // "eins zwei"
 * ```
 */
export function readParallel<Key extends string, Aligned extends Key = never>(
  sources: Readonly<Record<Key, TextSource>>,
  options: ParallelOptions<Aligned> = {},
): AsyncGenerator<ParallelExample<Key, Aligned>, void> {
  checkCall("readParallel", arguments, "sources:object {aligned:list names:object}");
  checkRecord("readParallel", "texts by their keys", sources);
  checkRecord("readParallel", "names by the texts' keys", options.names ?? {});
  return valuesOf(parallelLines(sources, options));
}

/** The lines of the texts in step, with their number. */
export async function* parallelLines<Key extends string, Aligned extends Key = never>(
  sources: Readonly<Record<Key, TextSource>>,
  { aligned = [], names = {} }: ParallelOptions<Aligned> = {},
): AsyncGenerator<Located<ParallelExample<Key, Aligned>>, void> {
  const keys = Object.keys(sources) as Key[];
  const nameOf = (key: string): string => names[key] ?? key;
  checkKeys(keys, aligned);
  const texts = keys.map((key) => linesOf(sources[key]));
  try {
    for (let line = 1; ; line++) {
      const lines = await Promise.all(texts.map((text) => text.next()));
      const ended = lines.findIndex(({ done }) => done);
      if (ended >= 0) {
        const longer = lines.findIndex(({ done }) => !done);
        if (longer < 0) return;
        throw formatFault(
          "readParallel",
          `as many lines as ${nameOf(keys[ended]!)} has, ${line - 1}`,
          "one more",
          { name: nameOf(keys[longer]!), line },
        );
      }
      const values = keys.map((key, i) => {
        const text = lines[i]!.value!;
        return aligned.includes(key as Aligned) ? cutAtBlanks(text) : text;
      });
      checkAligned(keys, aligned, values, nameOf, line);
      const value = Object.fromEntries(keys.map((key, i) => [key, values[i]]));
      yield { value: value as ParallelExample<Key, Aligned>, at: line, unit: "line" };
    }
  } finally {
    // Also where the caller stops early: files are to be closed.
    await Promise.all(texts.map((text) => text.return()));
  }
}

function checkKeys(keys: readonly string[], aligned: readonly string[]): void {
  const unknown = aligned.findIndex((key) => !keys.includes(key));
  if (keys.length > 0 && unknown < 0) return;
  throw new OptionError({
    op: "readParallel",
    expected: keys.length > 0 ? `aligned texts among ${keys.join(", ")}` : "at least one text",
    got: keys.length > 0 ? String(aligned[unknown]) : "none",
  });
}

function checkAligned(
  keys: readonly string[],
  aligned: readonly string[],
  values: readonly (string | string[])[],
  nameOf: (key: string) => string,
  line: number,
): void {
  const [first, ...others] = aligned.map((key) => ({
    key,
    count: values[keys.indexOf(key)]!.length,
  }));
  const odd = others.find(({ count }) => count !== first?.count);
  if (first && odd)
    throw formatFault(
      "readParallel",
      `${first.count} pieces between blanks, as in ${nameOf(first.key)}`,
      String(odd.count),
      { name: nameOf(odd.key), line },
    );
}
