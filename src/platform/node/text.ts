// Text files of any size: read in chunks, unpacked and decoded on the way.
import { createReadStream } from "node:fs";
import { pipeline } from "node:stream";
import { createGunzip } from "node:zlib";
import { checkCall } from "../../core/check.js";
import { FormatError, OptionError } from "../../core/errors.js";
import { readFault } from "./files.js";

export interface ReadTextOptions {
  /** Any that `TextDecoder` knows, such as `"windows-1252"`. Default `"utf-8"`. */
  encoding?: string | undefined;
  /** Take what is not of the encoding as U+FFFD instead of refusing it. Default false. */
  lenient?: boolean | undefined;
}

/**
 * The text of a file in chunks, for the readers of `hiddenstate/data`; one whose name ends in `.gz` is unpacked:
 * `readConll(readText("train.txt.gz"), { columns: { word: 0, tag: -1 }, name: "train.txt.gz" })`.
 *
 * @throws OptionError when there is no such file or encoding; FormatError when the file is damaged or of another
 *   encoding, with the line
 */
export function readText(
  path: string,
  options: ReadTextOptions = {},
): AsyncGenerator<string, void> {
  checkCall("readText", arguments, "path:string {encoding:string lenient:boolean}");
  return decodeText(bytesOf(path), path, options);
}

/**
 * The text of bytes that come in chunks, such as `process.stdin`.
 *
 * @param name what errors call it
 * @throws OptionError when there is no such encoding; FormatError for bytes of another, with the line
 */
export async function* decodeText(
  source: AsyncIterable<Uint8Array>,
  name: string,
  { encoding = "utf-8", lenient = false }: ReadTextOptions = {},
): AsyncGenerator<string, void> {
  const decoder = decoderOf(encoding, lenient);
  const lines = new LineCounter();
  for await (const bytes of source) {
    const chunk = decode(decoder, bytes, name, lines);
    yield chunk;
    lines.add(chunk);
  }
  yield decode(decoder, undefined, name, lines);
}

/**
 * The bytes of a file in chunks, unpacked where its name ends in `.gz`: what `WordVectors.read` takes.
 *
 * @throws OptionError when there is no such file; FormatError when a gzip file is damaged
 */
export function readChunks(path: string): AsyncGenerator<Uint8Array, void> {
  checkCall("readChunks", arguments, "path:string");
  return bytesOf(path, "readChunks");
}

/** Counts lines that end with `\n`, `\r\n` or `\r`, in chunks cut anywhere. */
class LineCounter {
  #line = 1;
  #endsWithCr = false;

  /** The line, from 1, that a text ends in, which goes on from what was added. */
  after(text: string): number {
    let count = 0;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) count++;
    for (let at = text.indexOf("\r"); at >= 0; at = text.indexOf("\r", at + 1))
      if (text[at + 1] !== "\n") count++;
    // The second half of a line end that was counted already.
    return this.#line + count - (this.#endsWithCr && text.startsWith("\n") ? 1 : 0);
  }

  add(text: string): void {
    this.#line = this.after(text);
    if (text !== "") this.#endsWithCr = text.endsWith("\r");
  }
}

function decoderOf(encoding: string, lenient: boolean): TextDecoder {
  try {
    return new TextDecoder(encoding, { fatal: !lenient });
  } catch (cause) {
    throw new OptionError(
      { op: "readText", expected: "an encoding that TextDecoder knows", got: encoding },
      { cause },
    );
  }
}

function decode(
  decoder: TextDecoder,
  bytes: Uint8Array | undefined,
  name: string,
  lines: LineCounter,
): string {
  try {
    return decoder.decode(bytes, { stream: bytes !== undefined });
  } catch (cause) {
    // The chunk may begin in the midst of a character that is right.
    const start = bytes?.findIndex((byte) => (byte & 0xc0) !== 0x80);
    const text = new TextDecoder(decoder.encoding).decode(bytes?.subarray(start));
    const good = text.split("\ufffd")[0]!;
    throw new FormatError(
      {
        op: "readText",
        expected: `a text in ${decoder.encoding}`,
        got: `other bytes (${name}, line ${lines.after(good)})`,
        cure: 'Name its encoding, such as "windows-1252".',
      },
      { cause },
    );
  }
}

async function* bytesOf(path: string, op = "readText"): AsyncGenerator<Uint8Array, void> {
  const file = createReadStream(path);
  // An error of the file ends the unpacking with it; the loop below throws it.
  const stream = path.endsWith(".gz") ? pipeline(file, createGunzip(), () => {}) : file;
  try {
    for await (const bytes of stream) yield bytes as Uint8Array;
  } catch (cause) {
    const { code = "" } = cause as NodeJS.ErrnoException;
    if (!code.startsWith("Z_")) throw readFault(op, path, cause);
    throw new FormatError(
      { op, expected: "a whole gzip file", got: `${path} (${String(cause)})` },
      { cause },
    );
  } finally {
    file.destroy();
  }
}
