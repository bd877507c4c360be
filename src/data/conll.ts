// A word a line, with its columns; an empty line ends a sentence.
import { checkCall } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import { OptionError } from "../core/errors.js";
import { cutAtBlanks, isBlank } from "../core/white-space.js";
import { formatFault, UNNAMED, valuesOf, type Located, type NamedSource } from "./fault.js";
import { linesOf, type TextSource } from "./source.js";

export interface ConllOptions<Name extends string> extends NamedSource {
  /** The columns to read by their place from 0; -1 is the last: `{ word: 0, tag: -1 }`. */
  columns: Readonly<Record<Name, number>>;
  /** What stands between columns: `"\t"`, `" "`. Default: blanks and tabs, any number of them. */
  separator?: string | undefined;
  /** Lines that begin so are no words: `"#"`. Default: none, since a word may be `#`. */
  comment?: string | undefined;
  /** Whether to read `-DOCSTART-` lines, which mark the documents of CoNLL-2003, as words. Default false. */
  docstart?: boolean | undefined;
}

/** A sentence: of each column, the values of its words. */
export type ConllSentence<Name extends string> = Record<Name, string[]>;

/**
 * The sentences of a text in columns (CoNLL-2000, 2002, 2003 and what is like them), one by one:
 * `for await (const { word, tag } of readConll(text, { columns: { word: 0, tag: -1 } }))`.
 *
 * @throws FormatError for a line with more or fewer columns than the first, or with nothing in a column that is read; it
 *   names the line
 * @example
 * ```ts
 * const [sentence] = await collect(readConll("Ada B-PER\nwon O\n", { columns: { words: 0, tags: -1 } }));
 * sentence!.words; // ["Ada", "won"]
 * ```
 */
export function readConll<Name extends string>(
  source: TextSource,
  options: ConllOptions<Name>,
): AsyncGenerator<ConllSentence<Name>, void> {
  checkCall(
    "readConll",
    arguments,
    "source {columns!:object separator:string comment:string docstart:boolean name:string}",
  );
  return valuesOf(conllSentences(source, options));
}

/** The sentences, each with the line of its first word. */
export async function* conllSentences<Name extends string>(
  source: TextSource,
  options: ConllOptions<Name>,
): AsyncGenerator<Located<ConllSentence<Name>>, void> {
  const { columns, separator, name = UNNAMED } = options;
  const wanted = Object.entries<number>(columns) as [Name, number][];
  checkColumns(wanted);
  checkTexts(options);
  let sentence: ConllSentence<Name> | undefined;
  let first: { readonly text: string; readonly width: number } | undefined;
  let begin = 0;
  let line = 0;
  for await (const text of linesOf(source)) {
    line++;
    const kind = lineKind(text, options);
    if (kind === "empty") {
      if (sentence) yield { value: sentence, at: begin, unit: "line" };
      sentence = undefined;
    }
    if (kind !== "word") continue;
    const values = cutColumns(text, separator);
    first ??= { text, width: widthFor(wanted, values.length, { name, line }) };
    if (values.length !== first.width)
      throw formatFault(
        "readConll",
        `${first.width} columns, as in the first line`,
        `${values.length}`,
        { name, line, column: text.length + 1 },
        [first.text, text].some((one) => one.startsWith("#"))
          ? 'Where # begins a comment, say so: comment: "#", or --comments "#".'
          : "Columns need one separator throughout; an empty line ends a sentence.",
      );
    if (!sentence) {
      sentence = Object.fromEntries(wanted.map(([column]) => [column, []])) as never;
      begin = line;
    }
    for (const [column, place] of wanted) {
      const value = values.at(place)!;
      if (value === "")
        throw formatFault("readConll", `a value in column ${place}, for "${column}"`, "none", {
          name,
          line,
        });
      sentence[column].push(value);
    }
  }
  if (sentence) yield { value: sentence, at: begin, unit: "line" };
}

/** What a line is: a word's, the end of a sentence, or one that is passed over. */
export function lineKind(
  text: string,
  { comment, docstart = false }: Pick<ConllOptions<string>, "comment" | "docstart">,
): "word" | "empty" | "comment" | "mark" {
  if (isBlank(text)) return "empty";
  if (comment !== undefined && text.startsWith(comment)) return "comment";
  return !docstart && text.startsWith("-DOCSTART-") ? "mark" : "word";
}

/** The columns of a word's line. */
export function cutColumns(text: string, separator: string | undefined): string[] {
  return separator === undefined ? cutAtBlanks(text) : text.split(separator);
}

function checkColumns(wanted: readonly [string, number][]): void {
  if (wanted.length > 0 && wanted.every(([, place]) => Number.isInteger(place))) return;
  throw new OptionError({
    op: "readConll",
    expected: "columns by name, each with its place as a whole number",
    got: quoted(JSON.stringify(Object.fromEntries(wanted))),
  });
}

/** An empty separator would cut letters apart, an empty comment leave out every line. */
function checkTexts({ separator, comment }: Pick<ConllOptions<string>, "separator" | "comment">) {
  for (const [name, text] of Object.entries({ separator, comment }))
    if (text === "")
      throw new OptionError({ op: "readConll", expected: `a ${name} that is a text`, got: '""' });
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
