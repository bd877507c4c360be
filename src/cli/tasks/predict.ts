// Lines in, lines out, in the same order: as much at once as has come.
import { cutAtBlanks } from "../../data/parallel.js";
import { lineChunks, type TextSource } from "../../data/source.js";
import type { SequenceClassifier } from "../../models/sequence-classifier.js";
import type { SequenceTagger } from "../../models/sequence-tagger.js";
import type { Tagging } from "../../models/tagger/sentence.js";
import { wordTokenize } from "../../text/words.js";

export interface TextOptions {
  /** How a tagger's texts become words. */
  readonly cut: "blanks" | "words";
  readonly json: boolean;
}

/** A label for each line. */
export async function* labelTexts(
  model: SequenceClassifier,
  source: TextSource,
  { json }: Pick<TextOptions, "json">,
): AsyncGenerator<string, void> {
  for await (const lines of lineChunks(source))
    for (const said of model.predictBatch(lines)) yield json ? JSON.stringify(said) : said.label;
}

/** The tags of each line's words. */
export async function* tagTexts(
  model: SequenceTagger,
  source: TextSource,
  { cut, json }: TextOptions,
): AsyncGenerator<string, void> {
  const words = cut === "blanks" ? cutAtBlanks : (line: string) => wordTokenize(line);
  for await (const lines of lineChunks(source))
    for (const said of model.predictBatch(lines.map(words)))
      yield json ? JSON.stringify(said) : tagsText(said);
}

function tagsText({ tags, intent }: Tagging): string {
  return tags.join(" ") + (intent === undefined ? "" : `\t${intent}`);
}

/** Each word's line with its tag behind; empty lines as they are. */
export async function* tagColumns(
  model: SequenceTagger,
  source: TextSource,
): AsyncGenerator<string, void> {
  let pending: string[] = [];
  for await (const lines of lineChunks(source)) {
    pending.push(...lines);
    const end = pending.findLastIndex((line) => !isWord(line)) + 1;
    yield* tagged(model, pending.slice(0, end));
    pending = pending.slice(end);
  }
  yield* tagged(model, pending);
}

function* tagged(model: SequenceTagger, lines: readonly string[]): Generator<string, void> {
  const sentences: string[][] = [[]];
  for (const line of lines)
    if (isWord(line)) sentences.at(-1)!.push(cutAtBlanks(line)[0]!);
    else sentences.push([]);
  const tags = model.predictBatch(sentences).map((said) => said.tags);
  let sentence = 0;
  let word = 0;
  for (const line of lines) {
    if (isWord(line)) yield withColumn(line, tags[sentence]![word++]!);
    else {
      yield isMark(line) ? withColumn(line, "O") : line;
      sentence++;
      word = 0;
    }
  }
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
