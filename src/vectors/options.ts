// The options of Word2Vec and of its training.
import {
  api,
  choice,
  flag,
  number,
  whole,
  type OptionTable,
  type Settings,
} from "../core/options.js";
import type { AbortSignalLike } from "../core/platform.js";

export interface Word2VecOptions {
  /** Whether the words around predict a word together, or each by itself. Default `"cbow"`. */
  architecture?: "cbow" | "skip-gram" | undefined;
  /** Numbers of a vector. Default 100. */
  vectorSize?: number | undefined;
  /** Words that come less often are left out. Default 5. */
  minCount?: number | undefined;
  /** Whether letters take part: a word's vector is the mean of its own and of its n-grams', and unknown words have one. Default false. */
  ngrams?: boolean | undefined;
  /** Letters of the shortest n-gram, the brackets round the word included. Default 3. */
  shortestNgram?: number | undefined;
  /** Letters of the longest. Default 6. */
  longestNgram?: number | undefined;
  /** Vectors that n-grams share by their hash. Default 200000. */
  buckets?: number | undefined;
}

export interface Word2VecFitOptions {
  /** Passes over the text. Default 5. */
  epochs?: number | undefined;
  /** Words on each side at most; for each word the number is drawn anew, from 1 on. Default 5. */
  window?: number | undefined;
  /** Words drawn as noise for each that is predicted. Default 5. */
  negative?: number | undefined;
  /** Frequency above which words are left out by chance; 0: none are. Default 0.001. */
  sample?: number | undefined;
  /** The learning rate at first; it falls to 0 with the words read. Default: 0.05, for skip-gram 0.025. */
  learningRate?: number | undefined;
  /** Called after each 10,000 words or so. Default: none. */
  onProgress?: ((report: Word2VecProgress) => void) | undefined;
  /** Ends the run: a checkpoint is saved where `checkpoint` is given, then `signal.reason` is thrown. Default: none. */
  signal?: AbortSignalLike | undefined;
  /** Saves what a run needs to resume after a crash, to the same bits, and resumes from it. Default: none. */
  checkpoint?: Word2VecCheckpoint | undefined;
}

/** Where a training stands, as plain data. */
export interface Word2VecProgress {
  /** From 0. */
  readonly epoch: number;
  /** Words read in all, of those in the vocabulary. */
  readonly words: number;
  /** Words in all epochs. */
  readonly totalWords: number;
  readonly learningRate: number;
}

export interface Word2VecCheckpoint {
  /** Saves after this many reports of progress. Default: after each epoch. */
  every?: number | undefined;
  /** Keeps the bytes, all or nothing: `writeBytes` of hiddenstate/node, `ByteStore` of hiddenstate/browser. */
  save(bytes: Uint8Array, words: number): void | Promise<void>;
  /** Bytes that `save` kept: the run goes on from there. */
  resume?: Uint8Array | undefined;
  /** Notes for the reader of the file. */
  metadata?: Readonly<Record<string, string>> | undefined;
}

/** Random words that the kernel has at a time, less one. */
const MOST_NEGATIVE = 1000;

export const WORD2VEC_OPTIONS: OptionTable<Word2VecOptions> = {
  architecture: choice(
    ["cbow", "skip-gram"],
    "cbow",
    "what predicts a word: its context together, or each word of it",
  ),
  vectorSize: whole(1, 100, "numbers of a vector"),
  minCount: whole(1, 5, "words that come less often are left out"),
  ngrams: flag(false, "n-grams of letters too: unknown words have vectors"),
  shortestNgram: whole(1, 3, "letters of the shortest n-gram"),
  longestNgram: whole(1, 6, "letters of the longest n-gram"),
  buckets: whole(1, 200_000, "vectors that n-grams share"),
};

export const WORD2VEC_FIT_OPTIONS: OptionTable<Word2VecFitOptions> = {
  epochs: whole(1, 5, "passes over the text"),
  window: whole(1, 5, "words on each side at most"),
  negative: {
    ...whole(1, 5, "words drawn as noise for each that is predicted"),
    ...upTo(MOST_NEGATIVE),
  },
  sample: number(
    { least: 0, below: 1 },
    1e-3,
    "frequency above which words are left out by chance",
  ),
  learningRate: number(
    { above: 0, below: Infinity },
    undefined,
    "learning rate at first (default: 0.05, for skip-gram 0.025)",
  ),
  onProgress: api("function", "called after each 10,000 words"),
  signal: api("object", "ends the run"),
  checkpoint: api("object", "saves and resumes"),
};

export type Word2VecSettings = Settings<Word2VecOptions>;

function upTo(most: number) {
  return {
    form: `a whole number from 1 to ${most}`,
    fits: (value: unknown) =>
      Number.isSafeInteger(value) && (value as number) >= 1 && (value as number) <= most,
  };
}
