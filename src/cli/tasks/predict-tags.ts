// A tagger's lines: tags for each line of words, or a column more for columns.
import { cutAtBlanks } from "../../core/white-space.js";
import { cutColumns, lineKind } from "../../data/conll.js";
import { formatFault } from "../../data/fault.js";
import { lineChunks, type TextSource } from "../../data/source.js";
import { choice, flag, text } from "../../core/options.js";
import type { Tagging } from "../../models/tagger/sentence.js";
import type { SequenceTagger } from "../../models/tagger/sequence-tagger.js";
import { visibleCharacters } from "../../text/blank-survey.js";
import { wordTokenize } from "../../text/words.js";
import { parseColumns, placesOf, type Column } from "../data/columns.js";
import type { DataOptions } from "../data/data-options.js";
import { conllLines } from "../data/formats.js";
import type { Given, Prediction } from "../task.js";
import { UsageError } from "../usage.js";

export const TAGGER_COLUMNS: readonly Column[] = [
  { name: "words", kind: "words" },
  { name: "tags", kind: "words", label: true },
  { name: "intent", kind: "text", label: true, optional: true },
];

export const predictTags: Prediction<SequenceTagger> = {
  options: {
    format: choice(["text", "conll"], "text", "text: a sentence per line; conll: a word per line"),
    columns: text(
      undefined,
      "which column has the words, with --format conll (default: as in training)",
    ),
    split: choice(
      ["whitespace", "words", "characters"],
      undefined,
      "how a tagger's texts become words (default: at blanks; into characters, if it was trained on those)",
    ),
    json: flag(false, "JSON lines, with everything that the model finds"),
  },
  help: `  tagger       the tags, separated by spaces; a tab and the intent, where there is one
  with conll   each line of the input with the predicted tag as one more column`,

  check({ format, columns, split, json }) {
    const [needed, got] = format === "conll" ? ["text", "conll"] : ["conll", "text"];
    const unread = Object.entries(format === "conll" ? { split, json } : { columns });
    for (const [name, value] of unread)
      if (value !== undefined)
        throw new UsageError({
          op: "predict",
          expected: `--format ${needed} with --${name}`,
          got: `--format ${got}`,
        });
  },

  lines: (model, source, given) =>
    given.format === "conll"
      ? tagColumns(model, source, wordLines(model, given))
      : tagTexts(model, source, given),
};

/** How lines with columns are read. */
interface WordLines {
  readonly column: number;
  readonly separator?: string;
  readonly comment?: string;
}

/** As given, or else as the data that the model was trained on. */
function wordLines({ notes: { data } }: SequenceTagger, given: Given): WordLines {
  const before: DataOptions = data?.format === "conll" ? data : {};
  const columns = (given.columns ?? before.columns) as string | undefined;
  const roles = TAGGER_COLUMNS.map((one) => ({ ...one, optional: one.name !== "words" }));
  const column = columns === undefined ? 0 : placesOf(parseColumns(columns, roles)).words!;
  return { ...conllLines(before), column };
}

/** The tags of each line's words. */
async function* tagTexts(
  model: SequenceTagger,
  source: TextSource,
  { split, json }: Given,
): AsyncGenerator<string, void> {
  const words = splitter(model, split as Split | undefined);
  for await (const lines of lineChunks(source))
    for (const tagging of model.predictBatch(lines.map(words)))
      yield json ? JSON.stringify(tagging) : tagsText(tagging);
}

type Split = "whitespace" | "words" | "characters";

function splitter(
  { options: { tokens, wordRules: rules } }: SequenceTagger,
  split: Split = tokens === "characters" ? "characters" : "whitespace",
): (line: string) => string[] {
  if (split === "characters") return visibleCharacters;
  return split === "words" ? (line) => wordTokenize(line, { rules }) : cutAtBlanks;
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
function* tagged(
  model: SequenceTagger,
  lines: readonly string[],
  number: number,
  reading: WordLines,
): Generator<string, void> {
  const sentences: string[][] = [[]];
  lines.forEach((line, i) => {
    if (endsSentence(line, reading)) sentences.push([]);
    else if (lineKind(line, reading) === "word")
      sentences.at(-1)!.push(wordIn(line, number + i, reading));
  });
  const tags = model.predictBatch(sentences).flatMap((tagging) => tagging.tags);
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
