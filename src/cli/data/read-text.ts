// A text in one piece, as language models take it.
import { chunksOf, collect } from "../../data/source.js";
import { readText } from "../../platform/node/text.js";

/** The text of a file; one whose name ends in `.gz` is unpacked. Line ends become `\n`. */
export async function readWholeText(path: string, charset = "utf-8"): Promise<string> {
  const chunks = await collect(chunksOf(readText(path, { encoding: charset })));
  return chunks.join("");
}
