// The words of a map: of a file with a word in each line, and maybe its group behind a tab; or the most frequent ones.
import { OptionError } from "../../core/errors.js";
import { quoted } from "../../core/code-points.js";
import { formatFault } from "../../data/fault.js";
import { linesOf } from "../../data/source.js";
import { readText } from "../../platform/node/text.js";
import type { WordVectors } from "../../vectors/word-vectors.js";
import { readVectorFile } from "./word-vectors.js";

export interface PlottedWords {
  readonly words: string[];
  /** Of each word, where the file has groups. */
  readonly groups: string[] | undefined;
  /** One behind the other. */
  readonly values: Float32Array;
  readonly dimension: number;
}

/** The first words of a file of vectors. */
export async function firstWords(path: string, count: number): Promise<PlottedWords> {
  const vectors = await readVectorFile(path, { limit: count });
  return pick(vectors, Array.from(vectors.words()).slice(0, count), undefined);
}

/** Those that a file lists; the ones without a vector are named and left out. */
export async function listedWords(path: string, list: string): Promise<PlottedWords> {
  const listed = await readList(list);
  const vectors = await readVectorFile(path, { filter: (word) => listed.has(word) });
  const words = [...listed.keys()].filter((word) => vectors.has(word));
  const without = [...listed.keys()].filter((word) => !vectors.has(word));
  if (words.length === 0)
    throw new OptionError({
      op: "vectors",
      expected: `words of ${path} in ${list}`,
      got: `${without.length} others, as ${quoted(without[0]!)}`,
    });
  if (without.length > 0)
    console.error(
      `${without.length} of ${listed.size} words have no vector and are left out: ` +
        without.slice(0, 5).map(quoted).join(", ") +
        (without.length > 5 ? ", …" : ""),
    );
  const groups = words.map((word) => listed.get(word));
  return pick(vectors, words, groups[0] === undefined ? undefined : (groups as string[]));
}

/** Each word with its group; all have one, or none. */
async function readList(path: string): Promise<Map<string, string | undefined>> {
  const listed = new Map<string, string | undefined>();
  let line = 0;
  let first: { word: string; group: string | undefined } | undefined;
  for await (const text of linesOf(readText(path))) {
    line++;
    if (text.trim() === "") continue;
    const [word, group, ...rest] = text.split("\t") as [string, string?, ...string[]];
    first ??= { word, group };
    if (rest.length > 0 || (group === undefined) !== (first.group === undefined))
      throw formatFault(
        "vectors",
        first.group === undefined
          ? "a word in each line"
          : "a word, a tab and its group in each line",
        quoted(text),
        { name: path, line },
      );
    if (!listed.has(word)) listed.set(word, group);
  }
  if (listed.size > 0) return listed;
  throw new OptionError({ op: "vectors", expected: `a word in each line of ${path}`, got: "none" });
}

function pick(vectors: WordVectors, words: string[], groups: string[] | undefined): PlottedWords {
  const { dimension } = vectors;
  const values = new Float32Array(words.length * dimension);
  words.forEach((word, i) => {
    const from = vectors.indexOf(word) * dimension;
    values.set(vectors.values.subarray(from, from + dimension), i * dimension);
  });
  return { words, groups, values, dimension };
}
