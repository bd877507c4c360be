// Examples from the user's files, in any of the formats.
import { parseColumns } from "./columns.js";
import { checkForFormat, formatOf, type DataOptions, type Format } from "./data-options.js";
import {
  checkLists,
  parseLabelNames,
  valuesIn,
  type FieldPlace,
  type Fields,
  type Values,
} from "./fields.js";
import { READERS, type DataShape } from "./formats.js";

/** An example, and where it stands: `"train.tsv, line 3"`. */
export interface ReadExample {
  readonly values: Values;
  readonly place: string;
}

/** The examples of `files`, one after another: a path, or for parallel ones several with commas between. */
export async function* readExamples(
  files: string,
  options: DataOptions,
  shape: DataShape,
): AsyncGenerator<ReadExample, void> {
  const { columns } = shape;
  const format = options.format ?? formatOf(files, shape.format);
  checkForFormat(format, options);
  const parsed = options.columns === undefined ? {} : parseColumns(options.columns, columns);
  const form = { names: parseLabelNames(options.labelNames), separator: options.labelSeparator };
  // Columns of words and files side by side are named as they are read.
  const { names: _, ...unnamed } = parsed;
  const meant = format === "conll" ? unnamed : parsed;
  for await (const { value, at, unit } of READERS[format](files, { parsed, options, shape })) {
    const text = placeText(files, format, unit, at);
    const place: FieldPlace = { file: files, text };
    const values = valuesIn(Object(value) as Fields, meant, columns, form, place);
    checkLists(values, columns, place);
    yield { values, place: text };
  }
}

function placeText(files: string, format: Format, unit: string, at: number): string {
  return `${files}, ${format === "conll" ? "sentence from line" : unit} ${at}`;
}
