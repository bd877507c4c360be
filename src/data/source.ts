// Texts that come in pieces: a file of any size is read with the memory of one piece.
import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";

/** A text: whole, or in chunks cut anywhere, as they come from a file, a network, or a user. */
export type TextSource = string | Iterable<string> | AsyncIterable<string>;

/**
 * Every item of a source that streams, as an array: for data that fits into memory.
 *
 * @example
 * ```ts
 * const rows = await collect(readTsv("text\tlabel\nfine\tgood\n"));
 * rows; // [{ text: "fine", label: "good" }]
 * ```
 */
export async function collect<T>(source: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  checkCall("collect", arguments, "source");
  if (!isSource(source))
    throw new OptionError({
      op: "collect",
      expected: "what for await goes through",
      got: described(source),
    });
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** The chunks with `\n` for every line end, which may be `\r\n` or `\r`, and no byte order mark. */
export async function* chunksOf(source: TextSource): AsyncGenerator<string, void> {
  let first = true;
  // A line end may be cut in two.
  let held = "";
  if (!isSource(source)) throw noText(source);
  for await (const chunk of typeof source === "string" ? [source] : source) {
    if (typeof chunk !== "string") throw noText(chunk);
    if (chunk === "") continue;
    let text = held + (first && chunk.startsWith("\ufeff") ? chunk.slice(1) : chunk);
    first = false;
    held = text.endsWith("\r") ? "\r" : "";
    if (held) text = text.slice(0, -1);
    yield text.replace(/\r\n?/g, "\n");
  }
  if (held) yield "\n";
}

/** Opens a stream of examples. */
export function opened<T>(
  open: () => AsyncIterable<T> | Iterable<T>,
): AsyncIterable<T> | Iterable<T> {
  const stream: unknown = open();
  if (isSource(stream)) return stream as Iterable<T>;
  throw new OptionError({
    op: "examples",
    expected: "a function that opens a stream of them",
    got: `one that gives ${described(stream)}`,
    cure: "An async function gives a promise: take an async function*.",
  });
}

/** Whether `for await` goes through it. */
export function isSource(value: unknown): boolean {
  const object = Object(value) as object;
  return Symbol.asyncIterator in object || Symbol.iterator in object;
}

function noText(got: unknown): OptionError {
  return new OptionError({
    op: "TextSource",
    expected: "a text, or chunks of one that are texts",
    got: described(got),
    cure: "readText of hiddenstate/node reads a file; TextDecoderStream makes texts of bytes.",
  });
}

/** The lines, without their ends; behind a last line end there is none. */
export async function* linesOf(source: TextSource): AsyncGenerator<string, void> {
  for await (const lines of lineChunks(source)) yield* lines;
}

/** The lines that each chunk completes: what can be dealt with before more has come. */
export async function* lineChunks(source: TextSource): AsyncGenerator<string[], void> {
  let rest = "";
  for await (const chunk of chunksOf(source)) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop()!;
    if (lines.length > 0) yield lines;
  }
  if (rest !== "") yield [rest];
}
