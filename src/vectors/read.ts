// Files of word vectors, read as they stream: memory holds the vectors, the words and a chunk.
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { turnOfOthers } from "../core/yield.js";
import { ByteReader } from "./byte-reader.js";
import { chunksFrom, type ByteSource, type OpenBytes } from "./byte-source.js";
import { Collector, isBlank, type VectorsRead } from "./collector.js";
import { byteFault, lineFault, type FileName, type VectorFormat } from "./format.js";

export interface ReadVectorsOptions {
  /** Default: as the file's first bytes say. */
  format?: VectorFormat | undefined;
  /** Read only so many words, from the first on: files have the most frequent first. Default: all. */
  limit?: number | undefined;
  /** Keep only the words for which it gives true. Default: all. */
  filter?: ((word: string) => boolean) | undefined;
  /** Take what is not UTF-8 as U+FFFD instead of refusing it. Default false. */
  lenient?: boolean | undefined;
  /** What errors call the file. Default `"the file"`. */
  name?: string | undefined;
}

/** The longest line of text, and word of a binary file, that is no sign of another format. */
const LONGEST_LINE = 1 << 24;
const LONGEST_WORD = 1 << 16;
const MOST_DIMENSIONS = 1 << 20;

const SPACE = 0x20;
const NEWLINE = 0x0a;
const RETURN = 0x0d;

export async function readVectors(
  op: string,
  source: OpenBytes,
  { format, limit = Infinity, filter, lenient = false, name = "the file" }: ReadVectorsOptions,
): Promise<VectorsRead> {
  const file = { op, name };
  if (!(limit === Infinity || (Number.isSafeInteger(limit) && limit >= 1)))
    throw new OptionError({
      op,
      expected: "limit to be a whole number of at least 1",
      got: described(limit),
    });
  const open = (): ByteSource => (typeof source === "function" ? source() : source);
  const reader = new ByteReader(chunksFrom(op, name, open()));
  try {
    const header = await readHeader(file, reader, format);
    const collector = new Collector(file, { limit, filter, lenient });
    if (header === undefined) {
      // Without a number of words the memory would have to grow, old and new at once. A file can be read twice.
      const lines = typeof source === "function" ? await countLines(op, name, source()) : undefined;
      await readLines(file, reader, collector, { blanks: true, lines });
    } else {
      const { words, dimension, binary } = header;
      collector.begin(dimension, Math.min(words, limit));
      if (binary) await readRecords(file, reader, collector, words);
      else await readLines(file, reader, collector, { blanks: false, words });
    }
    return collector.end();
  } finally {
    await reader.close();
  }
}

interface Header {
  readonly words: number;
  readonly dimension: number;
  readonly binary: boolean;
}

/** The numbers of the first line, unless there are none: then the file is as GloVe's are. */
async function readHeader(
  file: FileName,
  reader: ByteReader,
  format: VectorFormat | undefined,
): Promise<Header | undefined> {
  if (format === "glove") return undefined;
  let end = await reader.find(NEWLINE, LONGEST_LINE);
  if (end < 0) end = reader.rest.length;
  const first = String.fromCharCode(...reader.rest.subarray(0, Math.min(end, 64)));
  const match = /^(\d{1,15})[ \t]+(\d{1,15})[ \t\r]*$/.exec(first);
  if (!match) {
    if (format === undefined && reader.rest.length > 0) return undefined;
    throw lineFault(
      file,
      1,
      "the numbers of words and of dimensions",
      reader.rest.length === 0 ? "an empty file" : described(first),
      'A file without them is read by { format: "glove" }.',
    );
  }
  const [words, dimension] = [Number(match[1]), Number(match[2])];
  if (dimension < 1 || dimension > MOST_DIMENSIONS)
    throw lineFault(file, 1, `from 1 to ${MOST_DIMENSIONS} dimensions`, String(dimension));
  reader.take(Math.min(end + 1, reader.rest.length));
  const binary =
    format === undefined ? await looksBinary(reader, dimension) : format === "word2vec-binary";
  return { words, dimension, binary };
}

/** Whether what stands behind the first word can be no text of numbers. */
async function looksBinary(reader: ByteReader, dimension: number): Promise<boolean> {
  const blank = await reader.find(SPACE, LONGEST_WORD);
  if (blank < 0) return false;
  await reader.hold(blank + 1 + 4 * dimension);
  const after = reader.rest.subarray(blank + 1, blank + 1 + 4 * dimension);
  const newline = after.indexOf(NEWLINE);
  const line = newline < 0 ? after : after.subarray(0, newline);
  return (
    line.length === 0 || line.some((byte) => !/[-+.\deE \t\r]/.test(String.fromCharCode(byte)))
  );
}

async function countLines(op: string, name: string, source: ByteSource): Promise<number> {
  let lines = 0;
  let last = NEWLINE;
  for await (const chunk of chunksFrom(op, name, source)) {
    // Empty lines hold no words.
    for (const byte of chunk) {
      if (byte === NEWLINE && last !== NEWLINE) lines++;
      last = byte;
    }
    await turnOfOthers();
  }
  return last === NEWLINE ? lines : lines + 1;
}

/** A word and numbers in each line; empty lines are skipped. */
async function readLines(
  file: FileName,
  reader: ByteReader,
  collector: Collector,
  given: { blanks: boolean; words?: number; lines?: number | undefined },
): Promise<void> {
  // Behind the header.
  let line = given.words === undefined ? 0 : 1;
  let seen = 0;
  while (!collector.full) {
    let length = reader.findHeld(NEWLINE);
    if (length < 0) {
      await turnOfOthers();
      length = await reader.find(NEWLINE, LONGEST_LINE);
    }
    const last = length < 0;
    if (last) length = reader.rest.length;
    if (length > LONGEST_LINE)
      throw lineFault(file, line + 1, "lines of text", `more than ${LONGEST_LINE} bytes`);
    const bytes = reader.take(length);
    if (!last) reader.take(1);
    line++;
    const end = trimmedEnd(bytes);
    if (end > 0) {
      if (seen++ === given.words)
        throw lineFault(file, line, `${given.words} words, as the first line says`, "more");
      if (!collector.begun) collector.begin(fieldsIn(file, line, bytes, end), given.lines ?? 0);
      collector.addLine(bytes, end, line, given.blanks);
    }
    if (!last) continue;
    if (given.words !== undefined && seen < given.words)
      throw lineFault(file, line, `${given.words} words, as the first line says`, `only ${seen}`);
    if (!collector.begun) throw lineFault(file, 1, "a word and its numbers", "an empty file");
    return;
  }
}

/** Numbers behind the first word of a file without a header. */
function fieldsIn(file: FileName, line: number, bytes: Uint8Array, end: number): number {
  let fields = 0;
  for (let at = 1; at < end; at++) if (isBlank(bytes[at]!) && !isBlank(bytes[at - 1]!)) fields++;
  if (fields >= 1 && fields <= MOST_DIMENSIONS) return fields;
  throw lineFault(
    file,
    line,
    "a word and its numbers",
    described(new TextDecoder().decode(bytes.subarray(0, Math.min(end, 80)))),
  );
}

/** Words, a blank behind each, and their numbers as float32. */
async function readRecords(
  file: FileName,
  reader: ByteReader,
  collector: Collector,
  words: number,
): Promise<void> {
  const bytes = 4 * collector.dimension;
  for (let word = 0; word < words && !collector.full; word++) {
    let length = reader.findHeld(SPACE);
    if (length < 0 || reader.rest.length < length + 1 + bytes) {
      await turnOfOthers();
      length = await reader.find(SPACE, LONGEST_WORD);
    }
    if (length < 0 || length > LONGEST_WORD || !(await reader.hold(length + 1 + bytes)))
      throw byteFault(
        file,
        reader.position,
        `word ${word + 1} of ${words} and ${collector.dimension} numbers`,
        length < 0 && reader.rest.length > LONGEST_WORD ? "no blank" : "the end of the file",
        "Is it whole, and not of another format?",
      );
    const at = reader.position;
    const record = reader.take(length + 1 + bytes);
    let from = 0;
    while (record[from] === NEWLINE || record[from] === RETURN) from++;
    if (from === length) throw byteFault(file, at, "a word", "none");
    collector.addRecord(record.subarray(from, length), record.subarray(length + 1), at);
  }
  if (collector.full) return;
  do {
    const rest = reader.rest;
    const other = rest.findIndex((byte) => byte !== NEWLINE && byte !== RETURN && byte !== 0);
    if (other >= 0)
      throw byteFault(
        file,
        reader.position + other,
        `the end of the file behind ${words} words`,
        "more",
      );
    reader.take(rest.length);
  } while (await reader.hold(1));
}

/** Where a line ends but for blanks and a carriage return. */
function trimmedEnd(bytes: Uint8Array): number {
  let end = bytes.length;
  while (end > 0 && (isBlank(bytes[end - 1]!) || bytes[end - 1] === RETURN)) end--;
  return end;
}
