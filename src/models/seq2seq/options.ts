// What a Seq2Seq model is made of, and how it is trained.
import {
  api,
  byTheData,
  choice,
  flag,
  number,
  probability,
  readOptions,
  whole,
  withDefaults,
  type OptionNaming,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import { OptionError } from "../../core/errors.js";
import type { Examples } from "../../data/examples.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";
import { OF_A_RUN } from "../kit/run-length.js";
import type { SequencePair } from "./example.js";
import type { Seq2SeqScores } from "./scorer.js";

export interface Seq2SeqOptions {
  /** Size of a token's vector. Default 256. */
  embeddingSize?: number | undefined;
  /** Size of the decoder's state; of the encoder's in both directions together. Default 256. */
  hiddenSize?: number | undefined;
  /** The cell of encoder and decoder. Default `"lstm"`. */
  cell?: "lstm" | "gru" | undefined;
  /** Layers of encoder and decoder, each. Default 1. */
  numLayers?: number | undefined;
  /** Whether the encoder reads backwards too. Default true. */
  bidirectional?: boolean | undefined;
  /** Whether the source is read from its end on (Sutskever et al. 2014): for an encoder of one direction. Default false. */
  reverseSource?: boolean | undefined;
  /**
   * How the decoder looks at the source, as in `Attention`; `"none"`: it has the encoder's last state alone. Default
   * `"general"`.
   */
  attention?: "none" | "dot" | "scaledDot" | "general" | "additive" | undefined;
  /**
   * Where attention stands: behind the decoder (`"output"`, Luong et al. 2015), there and read again in the next step
   * (`"inputFeeding"`, ibid.), or from the first layer into all others (`"gnmt"`, Wu et al. 2016). Default:
   * `"inputFeeding"`; without attention none.
   */
  placement?: "output" | "inputFeeding" | "gnmt" | undefined;
  /** Whether each step reads the encoder's last state again, without attention say (Cho et al. 2014). Default false. */
  peeky?: boolean | undefined;
  /**
   * What the decoder begins with: tanh of a linear map of the encoder's last state (`"bridge"`), that state itself
   * (`"copy"`), or zeros, as `Bridge` has it. Default `"bridge"`.
   */
  bridge?: "bridge" | "copy" | "zeros" | undefined;
  /** Whether layers from the second on add what they read to what they write. Default false. */
  residual?: boolean | undefined;
  /**
   * Which weights are one: none; the target's embedding and the output layer (Press & Wolf 2017); the source's embedding
   * too, where both sides have one vocabulary. Default `"target"`; `Seq2Seq.build`: `"all"` for one vocabulary.
   */
  tieEmbeddings?: "none" | "target" | "all" | undefined;
  /**
   * Probability of dropping, in training: of embeddings, between layers, and before the output, the same units at every
   * step of a sequence (Gal & Ghahramani 2016). Default 0.3; `Seq2Seq.build`: by the data.
   */
  dropout?: number | undefined;
  /**
   * Tokens that are written at the most, where `maxLength` does not say: so many for each of the source and 10 more,
   * and 1,000 of any text. Default 1.5; `Seq2Seq.build`: a quarter more than any example has that is not odd: at most 2.5
   * times as many as 99 % of the examples have.
   */
  lengthRatio?: number | undefined;
  /** Whether texts are read in lower case, and so written and scored. Default false. */
  lowercase?: boolean | undefined;
}

export type Seq2SeqSettings = Settings<Seq2SeqOptions>;

export const SEQ2SEQ_OPTIONS: OptionTable<Seq2SeqOptions> = {
  embeddingSize: whole(1, 256, "size of a token's vector"),
  hiddenSize: whole(1, 256, "size of the decoder's state"),
  cell: choice(["lstm", "gru"], "lstm", "the cell of encoder and decoder"),
  numLayers: whole(1, 1, "layers of encoder and decoder, each"),
  bidirectional: flag(true, "read the source forwards only"),
  reverseSource: flag(false, "read the source from its end on"),
  attention: choice(
    ["none", "dot", "scaledDot", "general", "additive"],
    "general",
    "how the decoder looks at the source",
  ),
  placement: choice(
    ["output", "inputFeeding", "gnmt"],
    undefined,
    "where attention stands in the decoder (default: inputFeeding)",
  ),
  peeky: flag(false, "each step reads the encoder's last state again"),
  bridge: choice(["bridge", "copy", "zeros"], "bridge", "what the decoder begins with"),
  residual: flag(false, "layers from the second on add what they read"),
  tieEmbeddings: choice(
    ["none", "target", "all"],
    "target",
    "one matrix for target and output, or for the source too",
  ),
  dropout: probability(0.3, "share of values dropped in training"),
  lengthRatio: number(
    { above: 0, below: Infinity },
    1.5,
    "tokens that are written for one of the source, at the most",
  ),
  lowercase: flag(false, "read texts in lower case, and write so"),
};

/**
 * Refuses options that do not fit together.
 *
 * @param given before defaults are filled in
 * @param joint whether both sides have one vocabulary, or may have one as far as options say
 */
export function checkTogether(
  op: string,
  given: Seq2SeqOptions,
  joint: boolean,
  named: OptionNaming = (name) => name,
): void {
  const refuse = (expected: string, got: string): never => {
    throw new OptionError({ op, expected, got });
  };
  if (given.tieEmbeddings === "all" && !joint)
    refuse(`one vocabulary for both sides with ${named("tieEmbeddings")} all`, "one each");
  if (given.attention === "none" && given.placement !== undefined)
    refuse(`no ${named("placement")} where ${named("attention")} is none`, given.placement);
  const { numLayers, bidirectional, hiddenSize } = readOptions(op, SEQ2SEQ_OPTIONS, given);
  const stacked = given.placement === "gnmt";
  if (stacked && numLayers < 2)
    refuse(
      `${named("numLayers")} of at least 2 for ${named("placement")} "gnmt"`,
      String(numLayers),
    );
  if (bidirectional && !stacked && hiddenSize % 2 > 0)
    refuse(
      `an even ${named("hiddenSize")}, half of it for each direction of the encoder`,
      String(hiddenSize),
    );
  if (given.residual && numLayers === 1)
    refuse(
      `${named("numLayers")} above 1 with ${named("residual")}, which goes past a layer`,
      "one layer",
    );
}

/** Where attention stands; undefined: there is none. */
export function placementOf({
  attention,
  placement = "inputFeeding",
}: Seq2SeqSettings): Exclude<Seq2SeqOptions["placement"], undefined> | undefined {
  return attention === "none" ? undefined : placement;
}

/** What texts are cut into. */
export type TokenKind = "characters" | "words" | "subwords";

/** How the texts of pairs become tokens. */
export interface PairTokenOptions {
  /** What a token of the source is. Default: by the texts; subwords of sentences, characters of words, names and numbers. */
  source?: TokenKind | undefined;
  /** What a token of the target is. Default: by the texts, as for the source. */
  target?: TokenKind | undefined;
  /**
   * Subwords and words: one vocabulary for both sides, or one each. Default: `"joint"` where both are subwords, else
   * `"separate"`.
   */
  vocabulary?: "joint" | "separate" | undefined;
  /** Most tokens of a vocabulary of words or subwords. Default: of words any number; of subwords by the texts, 1,000 to 8,000. */
  maxSize?: number | undefined;
  /**
   * One vocabulary of subwords for both sides: a subword that comes less often on a side is taken apart there
   * (`SubwordTokenizer.restrictedTo`), so that none is read or written that only the other side has taught. subword-nmt
   * advises 50. Default: none.
   */
  vocabularyThreshold?: number | undefined;
  /** Words: rarer ones are unknown. Default 2. */
  minCount?: number | undefined;
  /**
   * Words and subwords: words, numbers and marks are apart, or only what white space separates. Default: `"words"`;
   * `"whitespace"` where the texts tell that tokens are words.
   */
  split?: "words" | "whitespace" | undefined;
  /** A tokenizer for the source, instead of one for what is seen. Default: none. */
  sourceTokenizer?: Tokenizer | undefined;
  /** A tokenizer for the target. Default: none. */
  targetTokenizer?: Tokenizer | undefined;
}

const KINDS = ["characters", "words", "subwords"] as const;

export const PAIR_TOKEN_OPTIONS: OptionTable<PairTokenOptions> = {
  source: choice(KINDS, undefined, "what a token of the source is (default: by the texts)"),
  target: choice(KINDS, undefined, "what a token of the target is (default: by the texts)"),
  vocabulary: choice(
    ["joint", "separate"],
    undefined,
    "one vocabulary for both sides, or one each (default: joint where both are subwords)",
  ),
  maxSize: whole(
    1,
    undefined,
    "most tokens of a vocabulary (default: of words any number, of subwords by the texts)",
  ),
  vocabularyThreshold: whole(
    1,
    undefined,
    "one vocabulary of subwords: rarer ones of a side are taken apart there (default: none)",
  ),
  minCount: whole(1, 2, "words: rarer ones are unknown"),
  split: choice(
    ["words", "whitespace"],
    undefined,
    "what separates words: marks too, or white space alone (default: words)",
  ),
  sourceTokenizer: api("object", "a tokenizer for the source"),
  targetTokenizer: api("object", "a tokenizer for the target"),
};

/** Options of `Seq2Seq.build`: those of the model, and what tokens are. */
export interface BuildSeq2SeqOptions extends Seq2SeqOptions, PairTokenOptions {}

export const BUILD_SEQ2SEQ_OPTIONS: OptionTable<BuildSeq2SeqOptions> = {
  ...PAIR_TOKEN_OPTIONS,
  ...byTheData(SEQ2SEQ_OPTIONS, ["tieEmbeddings", "dropout", "lengthRatio"]),
};

/** What else the training of a Seq2Seq model has. */
export interface Seq2SeqFitExtra {
  /**
   * Instead of `batchSize`: tokens of a batch at the most, padding among them, of the source and of the target each. A pair
   * that alone has more is a batch of its own. Batches are cut at the same lengths in every epoch. Not for streams. Default:
   * batches are counted in pairs.
   */
  batchTokens?: number | undefined;
  /** Share of the target that is spread over all tokens (Szegedy et al. 2016). Default 0.1; of characters 0. */
  labelSmoothing?: number | undefined;
  /**
   * Validation pairs whose source is translated (greedily) at each evaluation of a training, the first so many: BLEU,
   * chrF and exact match are of those; loss and perplexity of all. Default 1000.
   */
  decodedExamples?: number | undefined;
  /**
   * Probability of leaving out a merge each time that subwords are put together in training, so that words are read in
   * several pieces (BPE-dropout, Provilkov et al. 2020). Default 0; needs subwords.
   */
  subwordDropout?: number | undefined;
}

/** Refuses batches that would go by pairs and by tokens. */
export function checkBatching(
  op: string,
  given: Pick<FitOptions, "batchSize"> & Seq2SeqFitExtra,
  named: OptionNaming = (name) => name,
): void {
  if (given.batchSize === undefined || given.batchTokens === undefined) return;
  throw new OptionError({
    op,
    expected: `${named("batchSize")} or ${named("batchTokens")}`,
    got: "both",
  });
}

/**
 * Options of `Seq2Seq.fit`. `batchSize` is in pairs; a batch has pairs of about one length on both sides. The learning rate
 * rises in 2 % of the steps, and falls to 0 where `steps` or `epochs` say how long the run is; gradients have a norm of 1 at
 * most. With validation data the weights that are kept are those with the best BLEU, or, where the target is cut into
 * characters, the most exact matches.
 */
export interface Seq2SeqFitOptions extends FitOptions<Seq2SeqScores>, Seq2SeqFitExtra {
  /** Pairs that decide which weights are kept. Default: none, the last are. */
  validation?: Examples<SequencePair> | undefined;
}

export const SEQ2SEQ_FIT_OPTIONS = {
  ...withDefaults(
    byTheData(FIT_OPTIONS as OptionTable<FitOptions<Seq2SeqScores>>, [...OF_A_RUN, "metric"]),
    { maxNorm: 1, warmup: 0.02 },
  ),
  batchTokens: whole(
    1,
    undefined,
    "tokens of a batch on either side, at the most, instead of a batch size",
  ),
  labelSmoothing: probability(0.1, "share of the target spread over all tokens; 0 of characters"),
  decodedExamples: whole(1, 1000, "validation pairs that are translated at each evaluation"),
  subwordDropout: probability(0, "share of merges left out when subwords are put together"),
};
