// A tagger's lines: tags for each line of words, or a column more for columns.
import { answersOf } from "../answers.js";
import { cutAtBlanks, isBlank } from "../../core/white-space.js";
import { cutColumns, lineKind } from "../../data/conll.js";
import { formatFault } from "../../data/fault.js";
import { jsonAt } from "../../data/json-lines.js";
import { lineChunks, type TextSource } from "../../data/source.js";
import { choice, flag, text } from "../../core/options.js";
import type { Tagging } from "../../models/tagger/sentence.js";
import type { SequenceTagger } from "../../models/tagger/sequence-tagger.js";
import { charactersOrPieces, visibleCharacters } from "../../text/blank-survey.js";
import { wordTokenize } from "../../text/words.js";
import { parseColumns, placesOf, type Column, type Columns } from "../data/columns.js";
import { CONLL_OPTIONS } from "../data/data-options.js";
import { valuesIn, type Fields } from "../data/fields.js";
import { conllLines } from "../data/formats.js";
import type { Given, Prediction } from "../task.js";
import { UsageError } from "../usage.js";

export const TAGGER_COLUMNS: readonly Column[] = [
  { name: "words", kind: "words" },
  { name: "tags", kind: "words", label: true },
  { name: "intent", kind: "text", label: true, optional: true },
];

export const predictTags: Prediction<SequenceTagger> = {
  byWorkers: true,
  options: {
    format: choice(
      ["text", "conll", "jsonl"],
      "text",
      "text: a sentence per line; conll: a word per line; jsonl: an object with words per line",
    ),
    columns: text(
      undefined,
      "which column or field has the words, with --format conll or jsonl (default: as in training)",
    ),
    ...CONLL_OPTIONS,
    split: choice(
      ["whitespace", "words", "characters"],
      undefined,
      "how a tagger's texts become words (default: at blanks; into characters, if it was trained on those)",
    ),
    json: flag(false, "JSON lines, with everything that the model finds"),
  },
  help: `  tagger       the tags, separated by spaces; a tab and the intent, where there is one
  with conll   each line of the input with the predicted tag as one more column
  with jsonl   the tags of the words in each object`,

  check({ format = "text", columns, split, json, delimiter, comments }) {
    const refuse = (flag: string, formats: string): never => {
      throw new UsageError({
        op: "predict",
        expected: `--format ${formats} with --${flag}`,
        got: `--format ${String(format)}`,
      });
    };
    if (format !== "text" && split !== undefined) refuse("split", "text");
    if (format === "conll" && json !== undefined) refuse("json", "text or jsonl");
    if (format === "text" && columns !== undefined) refuse("columns", "conll or jsonl");
    if (format !== "conll" && delimiter !== undefined) refuse("delimiter", "conll");
    if (format !== "conll" && comments !== undefined) refuse("comments", "conll");
  },

  lines(model, source, given) {
    if (given.format === "conll") return tagColumns(model, source, wordLines(model, given));
    return given.format === "jsonl"
      ? tagObjects(model, source, given)
      : tagTexts(model, source, given);
  },
};

/** What `--columns` says, else what it said in training of data of the same formats; words alone are needed. */
function columnsFor({ notes: { data } }: SequenceTagger, given: Given, formats: string[]): Columns {
  const before = formats.includes(String(data?.format)) ? data!.columns : undefined;
  const columns = (given.columns ?? before) as string | undefined;
  const roles = TAGGER_COLUMNS.map((one) => ({ ...one, optional: one.name !== "words" }));
  return columns === undefined ? {} : parseColumns(columns, roles);
}

/** How lines with columns are read. */
interface WordLines {
  readonly column: number;
  readonly separator?: string;
  readonly comment?: string;
}

/** As given, or else as the data that the model was trained on. */
function wordLines(model: SequenceTagger, given: Given): WordLines {
  const { data } = model.notes;
  const { words = 0 } = placesOf(columnsFor(model, given, ["conll"]));
  return { ...conllLines({ ...(data?.format === "conll" && data), ...given }), column: words };
}

/** The tags of each object's words. */
async function* tagObjects(
  model: SequenceTagger,
  source: TextSource,
  given: Given,
): AsyncGenerator<string, void> {
  const { order, names } = columnsFor(model, given, ["jsonl", "json"]);
  if (order) throw new UsageError({ op: "--columns", expected: "words=field", got: order.join() });
  const parsed: Columns = names ? { names } : {};
  const words = TAGGER_COLUMNS.filter(({ name }) => name === "words");
  const file = "standard input";
  let number = 0;
  const wordsIn = (text: string): readonly string[] => {
    const value = jsonAt(text, "a JSON object in one line", { name: file, line: number });
    const place = { file, text: `${file}, line ${number}` };
    const values = valuesIn(Object(value) as Fields, parsed, words, {}, place);
    return values.words as readonly string[];
  };
  for await (const lines of lineChunks(source)) {
    const sentences: (readonly string[])[] = [];
    for (const line of lines) {
      number++;
      if (!isBlank(line)) sentences.push(wordsIn(line));
    }
    for (const tagging of await answersOf(model, sentences))
      yield given.json ? JSON.stringify(tagging) : tagsText(tagging);
  }
}

/** The tags of each line's words. */
async function* tagTexts(
  model: SequenceTagger,
  source: TextSource,
  { split, json }: Given,
): AsyncGenerator<string, void> {
  const words = splitter(model, split);
  for await (const lines of lineChunks(source))
    for (const tagging of await answersOf(model, lines.map(words)))
      yield json ? JSON.stringify(tagging) : tagsText(tagging);
}

/** As asked; else at blanks, as training data are cut, and where those are characters, texts without blanks into them. */
function splitter(
  { options: { tokens, wordRules: rules } }: SequenceTagger,
  split: unknown,
): (line: string) => string[] {
  if (split === "characters") return visibleCharacters;
  if (split === "words") return (line) => wordTokenize(line, { rules });
  return split === undefined && tokens === "characters" ? charactersOrPieces : cutAtBlanks;
}

function tagsText({ tags, intent }: Tagging): string {
  return tags.join(" ") + (intent === undefined ? "" : `\t${intent}`);
}

/** Each word's line with its tag behind; empty lines and comments as they are. */
async function* tagColumns(
  model: SequenceTagger,
  source: TextSource,
  reading: WordLines,
): AsyncGenerator<string, void> {
  let pending: string[] = [];
  let number = 1;
  for await (const lines of lineChunks(source)) {
    pending.push(...lines);
    const end = pending.findLastIndex((line) => endsSentence(line, reading)) + 1;
    yield* tagged(model, pending.slice(0, end), number, reading);
    pending = pending.slice(end);
    number += end;
  }
  yield* tagged(model, pending, number, reading);
}

/** @param number of the first line */
async function* tagged(
  model: SequenceTagger,
  lines: readonly string[],
  number: number,
  reading: WordLines,
): AsyncGenerator<string, void> {
  const sentences: string[][] = [[]];
  lines.forEach((line, i) => {
    if (endsSentence(line, reading)) sentences.push([]);
    else if (lineKind(line, reading) === "word")
      sentences.at(-1)!.push(wordIn(line, number + i, reading));
  });
  const tags = (await answersOf(model, sentences)).flatMap((tagging) => tagging.tags);
  let word = 0;
  for (const line of lines) {
    const kind = lineKind(line, reading);
    if (kind === "word") yield withColumn(line, tags[word++]!, reading);
    else yield kind === "mark" ? withColumn(line, "O", reading) : line;
  }
}

function wordIn(line: string, number: number, { column, separator }: WordLines): string {
  const values = cutColumns(line, separator);
  const word = values.at(column);
  if (word !== undefined) return word;
  throw formatFault(
    "predict",
    `the word in column ${column}`,
    `${values.length} columns`,
    { name: "standard input", line: number },
    "Say with --columns which column has the words, such as --columns _,words,_.",
  );
}

/** `-DOCSTART-` lines stand between sentences. */
function endsSentence(line: string, reading: WordLines): boolean {
  return ["empty", "mark"].includes(lineKind(line, reading));
}

function withColumn(line: string, value: string, { separator }: WordLines): string {
  if (separator !== undefined) return line + separator + value;
  const own = line.replace(/[ \t]+$/, "");
  return own + (own.includes("\t") ? "\t" : " ") + value;
}
