// Word2Vec: vectors learnt from text.
import { checkCall } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import { FormatError, OptionError } from "../core/errors.js";
import { readOptions } from "../core/options.js";
import { readSafetensors, saveSafetensors } from "../io/safetensors.js";
import { Module } from "../nn/module.js";
import { filledParameter, uniformParameter } from "../nn/init.js";
import type { Parameter } from "../tensor/parameter.js";
import { f32 } from "../wasm/memory.js";
import { countWords, type Corpus, type CountedWords } from "./corpus.js";
import {
  WORD2VEC_OPTIONS,
  type Word2VecFitOptions,
  type Word2VecOptions,
  type Word2VecSettings,
} from "./options.js";
import { bucketsOf, subwordRows, type Subwords } from "./subwords.js";
import { trainWord2Vec } from "./train.js";
import { WordVectors } from "./word-vectors.js";

const MODEL_KEY = "hiddenstate.model";
const VERSION_KEY = "hiddenstate.version";
const KIND = "word2vec";
const VERSION = "1";
const ABOUT_KEY = "hiddenstate.word2vec";

interface About extends CountedWords {
  readonly options: Word2VecOptions;
}

/**
 * Vectors of words that predict their context, or are predicted by it, by negative sampling (Mikolov et al. 2013, "Distributed
 * representations of words and phrases and their compositionality"), by the conventions of word2vec.c; with n-grams of
 * letters as fastText has them (Bojanowski et al. 2017). Files of any size are read as they stream, once an epoch.
 *
 * @example
 * ```ts
 * const text = "the cat sat on the mat\nthe dog sat on the rug\n".repeat(20);
 * manualSeed(1);
 * const model = await Word2Vec.build(text, { vectorSize: 8, minCount: 1 });
 * await model.fit(text, { epochs: 2 });
 * model.vectors().size; // 7
 * // A file: const text = () => readText("text8.gz"), of hiddenstate/node
 * ```
 */
export class Word2Vec extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Word2Vec";
  readonly options: Word2VecSettings;
  /** The most frequent first. */
  readonly words: readonly string[];
  /** How often each came. */
  readonly counts: readonly number[];
  /**
   * `[words, vectorSize rounded up to a multiple of 4]`, zeros in the columns behind the vector; with n-grams, their rows
   * follow.
   */
  readonly input: Parameter;
  /** The vectors that scores are made with, `[words, …]` as `input`. */
  readonly output: Parameter;
  /** The text whose words were counted: its length is known. */
  readonly #corpus: Corpus | undefined;

  private constructor({ words, counts, options }: About, corpus: Corpus | undefined) {
    super();
    this.options = readOptions("Word2Vec", WORD2VEC_OPTIONS, options);
    this.words = words;
    this.counts = counts;
    this.#corpus = corpus;
    const { vectorSize, shortestNgram, longestNgram } = this.options;
    if (longestNgram < shortestNgram)
      throw new OptionError({
        op: "Word2Vec",
        expected: "a longestNgram of at least shortestNgram",
        got: `${longestNgram} and ${shortestNgram}`,
      });
    const width = Math.ceil(vectorSize / 4) * 4;
    const rows = words.length + (this.subwords?.buckets ?? 0);
    this.input = uniformParameter([rows, width], 0.5 / vectorSize);
    this.output = filledParameter([words.length, width], 0);
    const values = f32(this.input.address("Word2Vec"), rows * width);
    if (width > vectorSize)
      for (let row = 0; row < rows; row++)
        values.fill(0, row * width + vectorSize, (row + 1) * width);
  }

  /**
   * A model for the words of a text, with vectors drawn at random. Reads the text once.
   *
   * @throws OptionError where fewer than two words come often enough
   */
  static async build(corpus: Corpus, options: Word2VecOptions = {}): Promise<Word2Vec> {
    checkCall("Word2Vec.build", arguments, "corpus options?:object");
    const { minCount } = readOptions("Word2Vec", WORD2VEC_OPTIONS, options);
    const counted = await countWords("Word2Vec.build", corpus, minCount);
    return new Word2Vec({ ...counted, options }, corpus);
  }

  /** What {@link save} gave. */
  static load(bytes: Uint8Array): Word2Vec {
    checkCall("Word2Vec.load", arguments, "bytes:Uint8Array");
    const { tensors, metadata } = readSafetensors(bytes);
    const model = new Word2Vec(aboutOf(metadata), undefined);
    model.loadStateDict(tensors);
    for (const tensor of tensors.values()) tensor.dispose();
    return model.eval();
  }

  /** Both tables, the words and how often each came, as a safetensors file: to go on with the training. */
  save(): Uint8Array<ArrayBuffer> {
    checkCall("Word2Vec.save", arguments, "");
    const { words, counts, options } = this;
    return saveSafetensors(this.stateDict(), {
      metadata: {
        [MODEL_KEY]: KIND,
        [VERSION_KEY]: VERSION,
        [ABOUT_KEY]: JSON.stringify({ words, counts, options } satisfies About),
      },
    });
  }

  /**
   * Learns from a text. The seed of `manualSeed` decides all that is drawn, also of a run that was cut off and resumed.
   *
   * @param corpus that of `build`, or another, which is read once more to count its words
   * @throws NumericError where vectors are not finite any more; the signal's reason when the signal aborts
   */
  async fit(corpus: Corpus, options: Word2VecFitOptions = {}): Promise<{ readonly words: number }> {
    checkCall("Word2Vec.fit", arguments, "corpus options?:object");
    const counted =
      corpus === this.#corpus ? this.counts.reduce((sum, one) => sum + one, 0) : undefined;
    return trainWord2Vec(this, corpus, options, counted);
  }

  /** The vectors of all words, as they are now: a copy. */
  vectors(): WordVectors {
    checkCall("Word2Vec.vectors", arguments, "");
    const { words, subwords } = this;
    const { vectorSize } = this.options;
    const values = new Float32Array(words.length * vectorSize);
    const parts = subwords && subwordRows(words, subwords);
    for (let i = 0; i < words.length; i++) {
      const rows = parts?.rows.subarray(parts.starts[i], parts.starts[i + 1]) ?? [i];
      values.set(this.#mean(rows), i * vectorSize);
    }
    return new WordVectors(words, values);
  }

  /**
   * The vector of a word, also of one that never came where the model has n-grams: the mean of theirs.
   *
   * @throws OptionError for an unknown word, unless the model has n-grams and the word letters enough for one
   */
  vector(word: string): Float32Array {
    checkCall("Word2Vec.vector", arguments, "word:string");
    const { words, subwords } = this;
    const index = words.indexOf(word);
    const buckets = subwords
      ? bucketsOf(word, subwords).map((bucket) => words.length + bucket)
      : [];
    const rows = [...(index >= 0 ? [index] : []), ...buckets];
    if (rows.length > 0) return this.#mean(rows);
    throw new OptionError({
      op: "Word2Vec.vector",
      expected: `one of the ${words.length} words`,
      got: quoted(word),
      cure: subwords
        ? undefined
        : "A model with { ngrams: true } has vectors for unknown words too.",
    });
  }

  /** @internal */
  get subwords(): Subwords | undefined {
    const { ngrams, shortestNgram, longestNgram, buckets } = this.options;
    return ngrams ? { shortest: shortestNgram, longest: longestNgram, buckets } : undefined;
  }

  #mean(rows: ArrayLike<number>): Float32Array {
    const [count, width] = this.input.shape as [number, number];
    const table = f32(this.input.address("Word2Vec.vector"), count * width);
    const sum = new Float64Array(this.options.vectorSize);
    for (let i = 0; i < rows.length; i++)
      for (let j = 0; j < sum.length; j++) sum[j]! += table[rows[i]! * width + j]!;
    return Float32Array.from(sum, (value) => value / rows.length);
  }
}

function aboutOf(metadata: ReadonlyMap<string, string>): About {
  const fault = (got: string): FormatError =>
    new FormatError({
      op: "Word2Vec.load",
      expected: `a file of Word2Vec, version ${VERSION}`,
      got,
    });
  const kind = metadata.get(MODEL_KEY);
  if (kind !== KIND) throw fault(kind === undefined ? "another safetensors file" : quoted(kind));
  if (metadata.get(VERSION_KEY) !== VERSION) throw fault(`version ${metadata.get(VERSION_KEY)}`);
  try {
    const about = JSON.parse(metadata.get(ABOUT_KEY) ?? "") as About;
    const { words, counts, options } = about;
    const isWord = (word: unknown) => typeof word === "string";
    const isCount = (count: unknown) => Number.isSafeInteger(count) && (count as number) > 0;
    if (words.every(isWord) && counts.every(isCount) && words.length === counts.length && options)
      return about;
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof TypeError)) throw cause;
  }
  throw fault("other words and counts");
}
