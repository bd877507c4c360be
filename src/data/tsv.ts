import { checkCall } from "../core/check.js";
import { valuesOf, type Located } from "./fault.js";
import { linesOf, type TextSource } from "./source.js";
import { recordsOf, type Row, type TableOptions } from "./table.js";

/**
 * The rows of a table with a tab between values, one by one. Quotes mean nothing and a value has no line end, as
 * the format's registration (text/tab-separated-values) has it; for others there is `hiddenstate/csv`. Empty lines
 * are skipped.
 *
 * @throws FormatError for a row with more or fewer values than there are columns; it names the line
 * @example
 * ```ts
 * for await (const { text, label } of readTsv("text\tlabel\nfine\tgood\n")) console.log(text, label);
 * ```
 */
export function readTsv<Name extends string = string>(
  source: TextSource,
  options: TableOptions<Name> = {},
): AsyncGenerator<Record<Name, string>, void> {
  checkCall("readTsv", arguments, "source {columns:list name:string}");
  return valuesOf(tsvRecords(source, options));
}

/** The rows, each with its line. */
export function tsvRecords<Name extends string = string>(
  source: TextSource,
  options: TableOptions<Name> = {},
): AsyncGenerator<Located<Record<Name, string>>, void> {
  return recordsOf("readTsv", rowsOf(source), options, CURE);
}

const CURE =
  'A tab always separates here; a table with quotes is read by readCsv with delimiter "\\t", or --format csv --delimiter tab.';

async function* rowsOf(source: TextSource): AsyncGenerator<Row, void> {
  let line = 0;
  for await (const text of linesOf(source)) {
    line++;
    if (text !== "") yield { values: text.split("\t"), line };
  }
}
