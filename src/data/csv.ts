/**
 * Tables with quotes (RFC 4180), by Papa Parse. An entry of its own, for the parser's size.
 *
 * @packageDocumentation
 */
import Papa from "papaparse";
import { checkCall } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import { formatFault, UNNAMED, valuesOf, type Located } from "./fault.js";
import { chunksOf, type TextSource } from "./source.js";
import { recordsOf, type Row, type TableOptions } from "./table.js";

export interface CsvOptions<Name extends string> extends TableOptions<Name> {
  /** What stands between values, one character. Default `","`. */
  delimiter?: string | undefined;
}

/**
 * The rows of a CSV table, one by one. A value in quotes may hold delimiters, line ends, and quotes, doubled. Empty
 * lines are skipped.
 *
 * @throws FormatError for a row with more or fewer values than there are columns, and for quotes that do not
 *   close where a value ends; it names the line, of quotes the column too
 * @example
 * ```ts
 * await collect(readCsv('text,label\n"good, I think",yes\n')); // [{ text: "good, I think", label: "yes" }]
 * ```
 */
export function readCsv<Name extends string = string>(
  source: TextSource,
  options: CsvOptions<Name> = {},
): AsyncGenerator<Record<Name, string>, void> {
  checkCall("readCsv", arguments, "source {delimiter:string columns:list name:string}");
  return valuesOf(csvRecords(source, options));
}

/** The rows, each with the line at which it begins. */
export function csvRecords<Name extends string = string>(
  source: TextSource,
  { delimiter = ",", ...options }: CsvOptions<Name> = {},
): AsyncGenerator<Located<Record<Name, string>>, void> {
  if (delimiter.length !== 1 || '"\r\n\ufeff'.includes(delimiter))
    throw new OptionError({
      op: "readCsv",
      expected: "a delimiter of one character, no quote and no line end",
      got: JSON.stringify(delimiter),
    });
  const rows = rowsOf(source, delimiter, options.name ?? UNNAMED);
  return recordsOf("readCsv", rows, options, "A value that holds the delimiter needs quotes.");
}

async function* rowsOf(
  source: TextSource,
  delimiter: string,
  name: string,
): AsyncGenerator<Row, void> {
  const parser = new Papa.Parser({ delimiter, newline: "\n" });
  let rest = "";
  let line = 1;
  const parse = function* (last: boolean): Generator<Row> {
    const { data, errors, meta } = parser.parse(rest, 0, !last) as Papa.ParseResult<string[]>;
    // Of a row that is still to be read on, nothing can be said.
    const fault = errors.find(({ row }) => last || row! < data.length);
    if (fault) {
      const before = rest.slice(0, fault.index).split("\n");
      throw formatFault(
        "readCsv",
        "a value in quotes to end with its second quote",
        fault.code === "MissingQuotes" ? "none" : "more behind it",
        { name, line: line + before.length - 1, column: before.at(-1)!.length },
        "A quote inside a value is written twice.",
      );
    }
    for (const values of data) {
      if (values.length > 1 || values[0] !== "") yield { values, line };
      line += 1 + values.reduce((sum, value) => sum + value.split("\n").length - 1, 0);
    }
    rest = rest.slice(meta.cursor);
  };
  for await (const chunk of chunksOf(source)) {
    rest += chunk;
    yield* parse(false);
  }
  if (rest !== "") yield* parse(true);
}
