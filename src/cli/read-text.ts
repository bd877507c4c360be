import { FormatError } from "../core/errors.js";
import { readBytes } from "../platform/node/files.js";

/** A text file, which must be UTF-8. Line ends become `\n`. */
export async function readText(path: string): Promise<string> {
  const bytes = await readBytes(path);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes).replaceAll("\r\n", "\n");
  } catch (cause) {
    throw new FormatError(
      {
        op: "readText",
        expected: "a text in UTF-8",
        got: `other bytes in ${path}`,
        cure: `Convert it first: iconv -f latin1 -t utf-8 ${path} > text.txt`,
      },
      { cause },
    );
  }
}
