// Vectors by word: read, searched, scored, written.
import { checkCall, checkChoice, checkCount } from "../core/check.js";
import { checkIterable } from "../core/check-like.js";
import { described } from "../core/described.js";
import { quoted } from "../core/code-points.js";
import { OptionError, ShapeError } from "../core/errors.js";
import type { TextSource } from "../data/source.js";
import type { OpenBytes } from "./byte-source.js";
import {
  scoreAnalogies,
  scorePairs,
  type AnalogyScores,
  type EvaluateVectorsOptions,
  type PairScores,
} from "./evaluate.js";
import { VECTOR_FORMATS, type VectorFormat } from "./format.js";
import { readVectors, type ReadVectorsOptions } from "./read.js";
import { Best, dot, inverseLengths, unit } from "./search.js";
import { WordTable } from "./word-table.js";
import { dimensionOf, joined, tableOf } from "./given-vectors.js";
import { writeVectors } from "./write.js";

/** A word, and how similar it is: the cosine of the angle between the vectors, from -1 to 1. */
export interface Neighbour {
  readonly word: string;
  readonly similarity: number;
}

/** What to add and what to take away: words, or vectors. */
export interface VectorQuery {
  positive?: readonly (string | ArrayLike<number>)[] | undefined;
  negative?: readonly (string | ArrayLike<number>)[] | undefined;
}

export interface NeighbourOptions {
  /** How many. Default 10. */
  count?: number | undefined;
  /** Search only so many words, from the first on, which are the most frequent in files. Default: all. */
  restrict?: number | undefined;
}

const EVALUATE = "restrict:number caseInsensitive:boolean dummy4unknown:boolean";

/**
 * Vectors of words: one array of numbers, and the words as bytes.
 *
 * @example
 * ```ts
 * const vectors = new WordVectors(["king", "queen", "man", "woman"], [
 *   [1, 1], [1, -1], [0.1, 1], [0.1, -1],
 * ]);
 * vectors.mostSimilar({ positive: ["king", "woman"], negative: ["man"] }, { count: 1 })[0]!.word; // "queen"
 * ```
 */
export class WordVectors {
  /** @internal As it is printed, whatever a bundler calls it. */
  static readonly name: string = "WordVectors";
  /** The numbers of all vectors, word by word. */
  readonly values: Float32Array;
  /** Numbers of a vector. */
  readonly dimension: number;
  readonly #table: WordTable;
  #inverse: Float64Array | undefined;

  /**
   * @param words different ones, the most frequent first where some are
   * @param vectors one for each: rows, or their numbers one behind the other, which are kept, not copied
   */
  constructor(words: Iterable<string>, vectors: Float32Array | readonly ArrayLike<number>[]) {
    checkCall("WordVectors", arguments, "words vectors:list");
    checkIterable("WordVectors", "words in an array", words);
    this.#table = words instanceof WordTable ? words : tableOf(words);
    this.dimension = dimensionOf(this.#table.size, vectors);
    this.values = vectors instanceof Float32Array ? vectors : joined(vectors, this.dimension);
  }

  /**
   * Reads a file of word2vec or GloVe as it streams, gzipped or not. The first bytes tell its format. Memory holds the vectors and
   * the words once; of a file without a first line of sizes (GloVe's) that needs a function that opens it, as it is
   * read twice.
   *
   * @throws FormatError where the file breaks its format, with the line or byte
   * @example
   * ```ts
   * const bytes = new TextEncoder().encode("2 3\ncat 1 0 0.5\ndog 0.5 0 1\n");
   * const vectors = await WordVectors.read(bytes);
   * vectors.similarity("cat", "dog").toFixed(1); // "0.8"
   * // On Node: await WordVectors.read(() => createReadStream("glove.6B.100d.txt.gz"))
   * ```
   */
  static async read(source: OpenBytes, options: ReadVectorsOptions = {}): Promise<WordVectors> {
    const op = "WordVectors.read";
    checkCall(
      op,
      arguments,
      "source {format:string limit:number filter:function lenient:boolean name:string}",
    );
    if (options.format !== undefined) checkChoice(op, "format", options.format, VECTOR_FORMATS);
    const { table, values } = await readVectors(op, source, options);
    return new WordVectors(table, values);
  }

  /**
   * The bytes of a file in chunks. Text has the fewest digits that read as the same float32.
   *
   * @throws OptionError for a word with blanks or line ends in it, as the format cannot hold it
   */
  write(format: VectorFormat = "word2vec-binary"): Generator<Uint8Array<ArrayBuffer>, void> {
    const op = "WordVectors.write";
    checkCall(op, arguments, "format?:string");
    checkChoice(op, "format", format, VECTOR_FORMATS);
    const { values, dimension } = this;
    return writeVectors(op, { table: this.#table, values, dimension }, format);
  }

  /** How many words there are. */
  get size(): number {
    return this.#table.size;
  }

  /** The words in their order. */
  words(): Iterable<string> {
    checkCall("WordVectors.words", arguments, "");
    return this.#table;
  }

  has(word: string): boolean {
    checkCall("WordVectors.has", arguments, "word:string");
    return this.#table.indexOf(word) >= 0;
  }

  /** The number of a word, or -1. */
  indexOf(word: string): number {
    checkCall("WordVectors.indexOf", arguments, "word:string");
    return this.#table.indexOf(word);
  }

  /** @throws IndexError for a number of no word */
  wordAt(index: number): string {
    checkCall("WordVectors.wordAt", arguments, "index:number");
    return this.#table.wordAt("WordVectors.wordAt", index);
  }

  /**
   * A copy of a word's vector.
   *
   * @throws OptionError for an unknown word
   */
  vector(word: string): Float32Array {
    checkCall("WordVectors.vector", arguments, "word:string");
    return this.#row(this.#known("WordVectors.vector", word)).slice();
  }

  /** The cosine of the angle between the vectors of two words. */
  similarity(a: string, b: string): number {
    const op = "WordVectors.similarity";
    checkCall(op, arguments, "a:string b:string");
    return this.#cosine(this.#known(op, a), this.#known(op, b));
  }

  /** Which neighbour of the first word the second is: 1 for the most similar of all. */
  rank(word: string, other: string): number {
    const op = "WordVectors.rank";
    checkCall(op, arguments, "word:string other:string");
    const from = this.#known(op, word);
    const to = this.#known(op, other);
    const reached = this.#cosine(from, to);
    let rank = 1;
    for (let i = 0; i < this.size; i++)
      if (i !== from && i !== to && this.#cosine(from, i) > reached) rank++;
    return rank;
  }

  /**
   * The words whose vectors have the most similar direction to a sum: of the unit vectors of what is positive, less those of what
   * is negative. The words of the query are left out. `mostSimilar({ positive: ["king", "woman"], negative: ["man"] })`
   * asks what is to woman as king is to man (Mikolov et al. 2013, "Linguistic regularities").
   *
   * @param query a word, or words and vectors to add and to take away
   * @throws OptionError for an unknown word, or nothing to look for
   */
  mostSimilar(query: string | VectorQuery, options: NeighbourOptions = {}): Neighbour[] {
    const op = "WordVectors.mostSimilar";
    checkCall(op, arguments, "query:string|object {count:number restrict:number}");
    if (typeof query !== "string")
      checkCall(op, [query], "{positive:list negative:list}", "One word is given as it is.");
    const { positive = [], negative = [] } =
      typeof query === "string" ? { positive: [query] } : query;
    const sum = new Float64Array(this.dimension);
    const own: number[] = [];
    const add = (part: string | ArrayLike<number>, sign: number): void => {
      if (typeof part === "string") own.push(this.#known(op, part));
      const vector = typeof part === "string" ? this.#row(own.at(-1)!) : part;
      this.#checkVector(op, vector);
      unit(vector).forEach((value, i) => (sum[i]! += sign * value));
    };
    positive.forEach((part) => add(part, 1));
    negative.forEach((part) => add(part, -1));
    if (positive.length + negative.length === 0)
      throw new OptionError({ op, expected: "words or vectors to look for", got: "none" });
    return this.#nearest(op, sum, options, own);
  }

  /**
   * The words whose vectors have the most similar direction to one.
   *
   * @throws ShapeError for a vector of another size
   */
  nearest(vector: ArrayLike<number>, options: NeighbourOptions = {}): Neighbour[] {
    const op = "WordVectors.nearest";
    checkCall(op, arguments, "vector:list {count:number restrict:number}");
    this.#checkVector(op, vector);
    return this.#nearest(op, vector, options, []);
  }

  /**
   * The word that does not go with the others: its vector is the least similar to the mean of the unit vectors of all.
   *
   * @throws OptionError for an unknown word, or fewer than two words
   */
  doesntMatch(words: readonly string[]): string {
    const op = "WordVectors.doesntMatch";
    checkCall(op, arguments, "words:list");
    if (words.length < 2)
      throw new OptionError({ op, expected: "at least two words", got: described(words) });
    const units = words.map((word) => unit(this.#row(this.#known(op, word))));
    const mean = new Float64Array(this.dimension);
    for (const one of units) one.forEach((value, i) => (mean[i]! += value));
    let odd = 0;
    let least = Infinity;
    units.forEach((one, i) => {
      const likeness = one.reduce((sum, value, j) => sum + value * mean[j]!, 0);
      if (likeness < least) [least, odd] = [likeness, i];
    });
    return words[odd]!;
  }

  /**
   * Answers questions such as `Athens Greece Oslo Norway`, four words in a line, sections between titles that begin with a
   * colon: which word is to the third as the second is to the first. Counted as gensim does.
   *
   * @param source the file's text, such as `readText("questions-words.txt")`
   */
  async evaluateAnalogies(
    source: TextSource,
    options: EvaluateVectorsOptions = {},
  ): Promise<AnalogyScores> {
    checkCall("WordVectors.evaluateAnalogies", arguments, `source {${EVALUATE}}`);
    checkRestrict("WordVectors.evaluateAnalogies", options.restrict);
    return scoreAnalogies(this.#evaluated(), source, options);
  }

  /**
   * Compares similarities with judgements of people: two words and a number in each line, between tabs or blanks; lines that
   * begin with # are left out. Counted as gensim does.
   */
  async evaluatePairs(
    source: TextSource,
    options: EvaluateVectorsOptions = {},
  ): Promise<PairScores> {
    checkCall("WordVectors.evaluatePairs", arguments, `source {${EVALUATE}}`);
    checkRestrict("WordVectors.evaluatePairs", options.restrict);
    return scorePairs(this.#evaluated(), source, options, (a, b) => this.#cosine(a, b));
  }

  #nearest(
    op: string,
    query: ArrayLike<number>,
    { count = 10, restrict = Infinity }: NeighbourOptions,
    without: readonly number[],
  ): Neighbour[] {
    checkCount(op, "count", count);
    checkRestrict(op, restrict);
    const direction = unit(query);
    const best = new Best(count);
    const end = Math.min(this.size, restrict);
    const inverse = this.#inverses;
    for (let i = 0, from = 0; i < end; i++, from += this.dimension) {
      const score = dot(direction, this.values, from) * inverse[i]!;
      if (score > best.least && !without.includes(i)) best.add(i, score);
    }
    return best.indices.map((index, i) => ({
      word: this.#table.wordAt(op, index),
      similarity: best.scores[i]!,
    }));
  }

  #evaluated() {
    return {
      ...{ values: this.values, dimension: this.dimension, inverse: this.#inverses },
      count: this.size,
      word: (index: number) => this.#table.wordAt("WordVectors", index),
    };
  }

  get #inverses(): Float64Array {
    return (this.#inverse ??= inverseLengths(this.values, this.dimension));
  }

  #cosine(a: number, b: number): number {
    const inverse = this.#inverses;
    const product = dot(this.#row(a), this.values, b * this.dimension);
    return product * inverse[a]! * inverse[b]!;
  }

  #row(index: number): Float32Array {
    return this.values.subarray(index * this.dimension, (index + 1) * this.dimension);
  }

  #known(op: string, word: string): number {
    checkCall(op, [word], "word:string");
    const index = this.#table.indexOf(word);
    if (index >= 0) return index;
    throw new OptionError({
      op,
      expected: `one of the ${this.size} words`,
      got: quoted(word),
      cure:
        this.#table.indexOf(word.toLowerCase()) >= 0 ? "Its lower-case form is one." : undefined,
    });
  }

  #checkVector(op: string, vector: ArrayLike<number>): void {
    checkCall(op, [vector], "vector:list");
    if (vector.length !== this.dimension)
      throw new ShapeError({
        op,
        expected: `a vector of ${this.dimension} numbers`,
        got: `one of ${vector.length}`,
      });
  }
}

function checkRestrict(op: string, restrict: number | undefined): void {
  if (restrict !== undefined && restrict !== Infinity) checkCount(op, "restrict", restrict);
}
