// A tagger's lines: tags for each line of words, or a column more for columns.
import { cutAtBlanks } from "../../data/parallel.js";
import { lineChunks, type TextSource } from "../../data/source.js";
import { choice, flag, text } from "../../core/options.js";
import type { Tagging } from "../../models/tagger/sentence.js";
import type { SequenceTagger } from "../../models/tagger/sequence-tagger.js";
import { wordTokenize } from "../../text/words.js";
import { parseColumns, placesOf, type Column } from "../data/columns.js";
import type { Given, Prediction } from "../task.js";
import { UsageError } from "../usage.js";

export const TAGGER_COLUMNS: readonly Column[] = [
  { name: "words", kind: "words" },
  { name: "tags", kind: "words" },
  { name: "intent", kind: "text", optional: true },
];

export const predictTags: Prediction<SequenceTagger> = {
  options: {
    format: choice(["text", "conll"], "text", "text: a sentence per line; conll: a word per line"),
    columns: text(
      undefined,
      "which column has the words, with --format conll (default: as in training)",
    ),
    split: choice(["whitespace", "words"], "whitespace", "how a tagger's texts become words"),
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
      ? tagColumns(model, source, wordsColumn(model, given))
      : tagTexts(model, source, given),
};

/** Where the words stand: as given, or else as in the data that the model was trained on. */
function wordsColumn({ notes: { data } }: SequenceTagger, given: Given): number {
  const before = data?.format === "conll" ? data.columns : undefined;
  const columns = (given.columns ?? before) as string | undefined;
  if (columns === undefined) return 0;
  const roles = TAGGER_COLUMNS.map((one) => ({ ...one, optional: one.name !== "words" }));
  return placesOf(parseColumns(columns, roles)).words!;
}

/** The tags of each line's words. */
async function* tagTexts(
  model: SequenceTagger,
  source: TextSource,
  { split, json }: Given,
): AsyncGenerator<string, void> {
  const words = split === "words" ? (line: string) => wordTokenize(line) : cutAtBlanks;
  for await (const lines of lineChunks(source))
    for (const tagging of model.predictBatch(lines.map(words)))
      yield json ? JSON.stringify(tagging) : tagsText(tagging);
}

function tagsText({ tags, intent }: Tagging): string {
  return tags.join(" ") + (intent === undefined ? "" : `\t${intent}`);
}

/** Each word's line with its tag behind; empty lines as they are. */
async function* tagColumns(
  model: SequenceTagger,
  source: TextSource,
  column: number,
): AsyncGenerator<string, void> {
  let pending: string[] = [];
  for await (const lines of lineChunks(source)) {
    pending.push(...lines);
    const end = pending.findLastIndex((line) => !isWord(line)) + 1;
    yield* tagged(model, pending.slice(0, end), column);
    pending = pending.slice(end);
  }
  yield* tagged(model, pending, column);
}

function* tagged(
  model: SequenceTagger,
  lines: readonly string[],
  column: number,
): Generator<string, void> {
  const sentences: string[][] = [[]];
  for (const line of lines)
    if (isWord(line)) sentences.at(-1)!.push(wordIn(line, column));
    else sentences.push([]);
  const tags = model.predictBatch(sentences).flatMap((tagging) => tagging.tags);
  let word = 0;
  for (const line of lines)
    if (isWord(line)) yield withColumn(line, tags[word++]!);
    else yield isMark(line) ? withColumn(line, "O") : line;
}

function wordIn(line: string, column: number): string {
  const values = cutAtBlanks(line);
  const word = values.at(column);
  if (word !== undefined) return word;
  throw new UsageError({
    op: "predict",
    expected: `the word in column ${column}`,
    got: `${values.length} columns in ${JSON.stringify(line)}`,
    cure: "Say with --columns which column has the words, such as --columns _,words,_.",
  });
}

/** `-DOCSTART-` lines stand between sentences. */
function isMark(line: string): boolean {
  return line.startsWith("-DOCSTART-");
}

function isWord(line: string): boolean {
  return line.trim() !== "" && !isMark(line);
}

function withColumn(line: string, value: string): string {
  return line.trimEnd() + (line.includes("\t") ? "\t" : " ") + value;
}
