// A word a line, with its columns; an empty line ends a sentence.
import { OptionError } from "../core/errors.js";
import { formatFault, UNNAMED, type NamedSource } from "./fault.js";
import { linesOf, type TextSource } from "./source.js";

export interface ConllOptions<Name extends string> extends NamedSource {
  /** The columns to read by their place from 0; -1 is the last: `{ word: 0, tag: -1 }`. */
  columns: Readonly<Record<Name, number>>;
  /** What stands between columns: `"\t"`, `" "`. Default: blanks and tabs, any number of them. */
  separator?: string;
  /** Lines that begin so are no words: `"#"`. Default: none, since a word may be `#`. */
  comment?: string;
  /** Whether to read `-DOCSTART-` lines, which mark the documents of CoNLL-2003, as words. Default false. */
  docstart?: boolean;
}

/** A sentence: of each column, the values of its words. */
export type ConllSentence<Name extends string> = Record<Name, string[]>;

/**
 * The sentences of a text in columns (CoNLL-2000, 2002, 2003 and what is like them), one by one:
 * `for await (const { word, tag } of readConll(text, { columns: { word: 0, tag: -1 } }))`.
 *
 * @throws FormatError for a line with more or fewer columns than the first; it names the line
 * @example
 * ```ts
 * const [sentence] = await collect(readConll("Ada B-PER\nwon O\n", { columns: { words: 0, tags: -1 } }));
 * sentence!.words; // ["Ada", "won"]
 * ```
 */
export async function* readConll<Name extends string>(
  source: TextSource,
  options: ConllOptions<Name>,
): AsyncGenerator<ConllSentence<Name>, void> {
  const { columns, separator, comment, docstart = false, name = UNNAMED } = options;
  const wanted = Object.entries<number>(columns) as [Name, number][];
  checkColumns(wanted);
  const empty = () =>
    Object.fromEntries(wanted.map(([column]) => [column, [] as string[]])) as ConllSentence<Name>;
  let sentence = empty();
  let words = 0;
  let width: number | undefined;
  let line = 0;
  for await (const text of linesOf(source)) {
    line++;
    if (text.trim() === "") {
      if (words > 0) yield sentence;
      sentence = empty();
      words = 0;
      continue;
    }
    if (comment !== undefined && text.startsWith(comment)) continue;
    if (!docstart && text.startsWith("-DOCSTART-")) continue;
    const values = separator === undefined ? text.trim().split(/[ \t]+/) : text.split(separator);
    width ??= widthFor(wanted, values.length, { name, line });
    if (values.length !== width)
      throw formatFault(
        "readConll",
        `${width} columns, as in the first line`,
        `${values.length}`,
        { name, line, column: text.length + 1 },
        "Columns need one separator throughout; an empty line ends a sentence.",
      );
    for (const [column, place] of wanted) sentence[column].push(values.at(place)!);
    words++;
  }
  if (words > 0) yield sentence;
}

function checkColumns(wanted: readonly [string, number][]): void {
  if (wanted.length > 0 && wanted.every(([, place]) => Number.isInteger(place))) return;
  throw new OptionError({
    op: "readConll",
    expected: "columns by name, each with its place as a whole number",
    got: JSON.stringify(Object.fromEntries(wanted)),
  });
}

/** The number of columns in the first line, which must have those that are wanted. */
function widthFor(
  wanted: readonly [string, number][],
  width: number,
  place: { name: string; line: number },
): number {
  const missing = wanted.find(([, at]) => at >= width || at < -width);
  if (missing === undefined) return width;
  throw formatFault(
    "readConll",
    `a column ${missing[1]}, for "${missing[0]}"`,
    `${width} columns`,
    place,
    "Places count from 0, or from -1 at the end.",
  );
}
