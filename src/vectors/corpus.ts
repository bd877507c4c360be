// Texts to learn words from: opened anew for each pass, words between blanks, sentences between line ends.
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { tally } from "../core/tally.js";
import { turnOfOthers } from "../core/yield.js";
import { opened } from "../data/source.js";
import type { OpenStream } from "../data/stream-batches.js";

/**
 * A text; or a function that opens a stream, from its beginning each time, of chunks of text, cut anywhere, or of sentences as
 * lists of words: `() => readText("text8.gz")`. Words stand between blanks (spaces, tabs), sentences between line ends.
 */
export type Corpus = string | OpenStream<string | readonly string[]>;

/** Stands among words where a sentence ends. */
const END = "\n";

/** Characters of a whole text that are read at a time. */
const PIECE = 1 << 16;

/** Words piece by piece, END where a sentence ends. */
async function* wordsOf(op: string, corpus: Corpus): AsyncGenerator<readonly string[], void> {
  checkCorpus(op, corpus);
  let cut = "";
  for await (const piece of typeof corpus === "string" ? piecesOf(corpus) : opened(corpus)) {
    await turnOfOthers();
    if (typeof piece !== "string") {
      if (!Array.isArray(piece)) throw noText(op, piece);
      yield [...(piece as readonly string[]), END];
      continue;
    }
    const words = (cut + piece).match(/[^ \t\r\n]+|\n/g) ?? [];
    // The last word may go on in the next piece.
    cut = /[ \t\r\n]$/.test(piece) || piece === "" ? "" : (words.pop() ?? "");
    yield words;
  }
  yield cut === "" ? [END] : [cut, END];
}

function* piecesOf(text: string): Generator<string, void> {
  for (let from = 0; from < text.length; from += PIECE) yield text.slice(from, from + PIECE);
}

function checkCorpus(op: string, corpus: unknown): void {
  if (typeof corpus !== "string" && typeof corpus !== "function") throw noText(op, corpus);
}

function noText(op: string, got: unknown): OptionError {
  return new OptionError({
    op,
    expected: "a text, or a function that opens a stream of texts or lists of words",
    got: described(got),
    cure: "() => readText(path) of hiddenstate/node reads a file.",
  });
}

/** Words by frequency, and how often each came. */
export interface CountedWords {
  readonly words: readonly string[];
  readonly counts: readonly number[];
}

/** Engines hold no more than 2^24 keys in a Map. */
const MOST_WORDS = 12_000_000;

/**
 * The words that come at least `minCount` times, the most frequent first, of equal ones what came first. Beyond twelve million
 * different ones the rarest are forgotten on the way, as in word2vec.c: first those met once, then those met twice, and so on.
 */
export async function countWords(
  op: string,
  corpus: Corpus,
  minCount: number,
  most = MOST_WORDS,
): Promise<CountedWords> {
  const counts = new Map<string, number>();
  let forgotten = 0;
  for await (const words of wordsOf(op, corpus)) {
    tally(counts, words);
    counts.delete(END);
    if (counts.size <= most) continue;
    forgotten++;
    for (const [word, count] of counts) if (count <= forgotten) counts.delete(word);
  }
  const kept = [...counts].filter(([, count]) => count >= minCount);
  if (kept.length < 2)
    throw new OptionError({
      op,
      expected: `at least two words that come ${minCount} times`,
      got: `${kept.length} of ${counts.size} different words`,
      cure: "minCount can be lower; words stand between blanks.",
    });
  kept.sort(([, a], [, b]) => b - a);
  return { words: kept.map(([word]) => word), counts: kept.map(([, count]) => count) };
}

/** Numbers of words, -1 where a sentence ends. */
export interface Tokens {
  readonly ids: Int32Array;
  /** How many of them are words. */
  readonly words: number;
}

/**
 * The corpus by the numbers of its words, always `size` at a time but for the last; those that have no number are left out. What
 * it gives is a view, filled anew for the next.
 */
export async function* tokensOf(
  op: string,
  corpus: Corpus,
  numbers: ReadonlyMap<string, number>,
  size: number,
): AsyncGenerator<Tokens, void> {
  const ids = new Int32Array(size);
  let [used, words] = [0, 0];
  for await (const piece of wordsOf(op, corpus))
    for (const word of piece) {
      const id = word === END ? -1 : numbers.get(word);
      if (id === undefined) continue;
      if (id >= 0) words++;
      ids[used++] = id;
      if (used < size) continue;
      yield { ids, words };
      [used, words] = [0, 0];
    }
  if (used > 0) yield { ids: ids.subarray(0, used), words };
}
