// Texts that come in pieces: a file of any size is read with the memory of one piece.

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
  const items: T[] = [];
  for await (const item of source) items.push(item);
  return items;
}

/** The chunks with `\n` for every line end, which may be `\r\n` or `\r`, and no byte order mark. */
export async function* chunksOf(source: TextSource): AsyncGenerator<string, void> {
  let first = true;
  // A line end may be cut in two.
  let held = "";
  for await (const chunk of typeof source === "string" ? [source] : source) {
    if (chunk === "") continue;
    let text = held + (first && chunk.startsWith("\ufeff") ? chunk.slice(1) : chunk);
    first = false;
    held = text.endsWith("\r") ? "\r" : "";
    if (held) text = text.slice(0, -1);
    yield text.replace(/\r\n?/g, "\n");
  }
  if (held) yield "\n";
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
