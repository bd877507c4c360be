// What a captioner is made of, and how it is trained and searched.
import {
  api,
  byTheData,
  choice,
  flag,
  probability,
  whole,
  wholes,
  withDefaults,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import type { Examples } from "../../data/examples.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { FIT_OPTIONS, type FitOptions } from "../kit/fit-options.js";
import { OF_A_RUN } from "../kit/run-length.js";
import { SEARCH_OPTIONS, PREDICT_OPTIONS, type SearchOptions } from "../seq2seq/search-options.js";
import { PAIR_TOKEN_OPTIONS, type TokenKind } from "../seq2seq/token-options.js";
import type { CaptionExample } from "./example.js";
import type { CaptionScores } from "./scorer.js";

export interface CaptionerOptions {
  /**
   * Channels of each stage of convolutions; behind each a picture has half its width and height. Default `[16, 32, 64]`;
   * `Captioner.build`: 16, and twice as many with each further stage, until 128 places are left at the most.
   */
  channels?: readonly number[] | undefined;
  /** Size of a token's vector. Default 128. */
  embeddingSize?: number | undefined;
  /** Size of the decoder's state. Default 256. */
  hiddenSize?: number | undefined;
  /** The decoder's cell. Default `"lstm"`. */
  cell?: "lstm" | "gru" | undefined;
  /** Layers of the decoder. Default 1. */
  numLayers?: number | undefined;
  /**
   * How the decoder looks at the places of a picture (Xu et al. 2015), as in `Attention`; `"none"`: it begins with one vector of
   * the picture and has nothing else (Vinyals et al. 2015). Default `"additive"`.
   */
  attention?: "none" | "dot" | "scaledDot" | "general" | "additive" | undefined;
  /**
   * Where attention stands, behind the decoder (`"output"`, Luong et al. 2015), there and read again in the next step
   * (`"inputFeeding"`, ibid.), or from the first layer into all others (`"gnmt"`, Wu et al. 2016). Default: `"inputFeeding"`;
   * without attention none.
   */
  placement?: "output" | "inputFeeding" | "gnmt" | undefined;
  /**
   * Probability of dropping, in training: of tokens' vectors, between layers of the decoder, and before the output, the same
   * units at every step (Gal & Ghahramani 2016). Default 0.3; `Captioner.build`: 0.1 of characters and of 5,000 pictures and more.
   */
  dropout?: number | undefined;
  /**
   * Tokens of a caption at the most, the end mark among them, where `maxLength` does not say. Default 50; `Captioner.build`: a
   * quarter more than the longest has.
   */
  captionLength?: number | undefined;
  /** Whether captions are read in lower case, and so written and scored. Default false. */
  lowercase?: boolean | undefined;
}

export type CaptionerSettings = Settings<CaptionerOptions, "placement">;

export const CAPTIONER_OPTIONS: OptionTable<CaptionerOptions> = {
  channels: wholes(1, [16, 32, 64], "channels of each stage, which halves the picture: 16,32,64"),
  embeddingSize: whole(1, 128, "size of a token's vector"),
  hiddenSize: whole(1, 256, "size of the decoder's state"),
  cell: choice(["lstm", "gru"], "lstm", "the decoder's cell"),
  numLayers: whole(1, 1, "layers of the decoder"),
  attention: choice(
    ["none", "dot", "scaledDot", "general", "additive"],
    "additive",
    "how the decoder looks at the picture; none: it begins with one vector of it",
  ),
  placement: choice(
    ["output", "inputFeeding", "gnmt"],
    undefined,
    "where attention stands in the decoder (default: inputFeeding)",
  ),
  dropout: probability(0.3, "share of values dropped in training"),
  captionLength: whole(1, 50, "tokens of a caption at the most"),
  lowercase: flag(false, "read captions in lower case, and write so"),
};

/** How pictures are read, as far as options say. */
export interface CaptionerImageOptions {
  /** Width of pictures as the model reads them. Default: the largest of the data; where a side is longer than 128, less. */
  width?: number | undefined;
  /** Height of pictures as the model reads them. Default: as for width. */
  height?: number | undefined;
  /** Whether it reads colors. Default: where a picture has any. */
  colors?: "gray" | "rgb" | undefined;
  /**
   * What becomes of a picture with other proportions: `"stretch"`, it fills width and height; `"contain"`, it keeps its proportions,
   * with the mean color at its sides. Default: `"contain"` where pictures differ in their proportions.
   */
  resize?: "stretch" | "contain" | undefined;
}

export const CAPTIONER_IMAGE_OPTIONS: OptionTable<CaptionerImageOptions> = {
  width: whole(1, undefined, "width of pictures as they are read (default: by the data)"),
  height: whole(1, undefined, "height of pictures as they are read (default: by the data)"),
  colors: choice(["gray", "rgb"], undefined, "whether colors are read (default: by the data)"),
  resize: choice(
    ["stretch", "contain"],
    undefined,
    "what becomes of pictures with other proportions (default: by the data)",
  ),
};

/** How captions become tokens. */
export interface CaptionerTokenOptions {
  /** What a token is. Default: by the texts; words of few different ones, subwords of many, characters of numbers. */
  tokens?: TokenKind | undefined;
  /** Words: rarer ones are unknown, and never written. Default 2. */
  minCount?: number | undefined;
  /** Most tokens of a vocabulary of words or subwords. Default: of words any number; of subwords by the texts, 1,000 to 8,000. */
  maxSize?: number | undefined;
  /**
   * Words and subwords: words, numbers and marks are apart, or only what white space separates. Default: `"words"`; `"whitespace"`
   * where the texts tell that tokens are words.
   */
  split?: "words" | "whitespace" | undefined;
  /** A tokenizer, instead of one for what is seen. Default: none. */
  tokenizer?: Tokenizer | undefined;
}

export const CAPTIONER_TOKEN_OPTIONS: OptionTable<CaptionerTokenOptions> = {
  tokens: { ...PAIR_TOKEN_OPTIONS.target, help: "what a token is (default: by the texts)" },
  minCount: PAIR_TOKEN_OPTIONS.minCount,
  maxSize: PAIR_TOKEN_OPTIONS.maxSize,
  split: PAIR_TOKEN_OPTIONS.split,
  tokenizer: api("object", "a tokenizer"),
};

/** Options that mean something for some tokens only. */
export const PAIRED_WITH: readonly (readonly [
  keyof CaptionerTokenOptions,
  readonly TokenKind[],
])[] = [
  ["tokens", ["characters", "words", "subwords"]],
  ["minCount", ["words"]],
  ["split", ["words", "subwords"]],
  ["maxSize", ["words", "subwords"]],
];

/** Options of `Captioner.build`. */
export interface BuildCaptionerOptions
  extends CaptionerOptions, CaptionerImageOptions, CaptionerTokenOptions {}

export const BUILD_CAPTIONER_OPTIONS: OptionTable<BuildCaptionerOptions> = {
  ...CAPTIONER_IMAGE_OPTIONS,
  ...CAPTIONER_TOKEN_OPTIONS,
  ...byTheData(CAPTIONER_OPTIONS, ["channels", "dropout", "captionLength"]),
};

/** What else the training of a captioner has. */
export interface CaptionerFitExtra {
  /** Share of the target that is spread over all tokens (Szegedy et al. 2016). Default 0.1; of characters 0. */
  labelSmoothing?: number | undefined;
  /**
   * Validation pictures that a caption is written for (greedily) at each evaluation of a training, the first so many: CIDEr, BLEU
   * and exact match are of those; loss and perplexity of all. Default 1000.
   */
  decodedExamples?: number | undefined;
}

/**
 * Options of `Captioner.fit`. The learning rate rises in 2 % of the steps and falls to 0 by a cosine; gradients have a norm
 * of 1 at most. With validation data the weights that are kept are those with the best CIDEr, or, where tokens are characters,
 * the most exact matches.
 */
export interface CaptionerFitOptions extends FitOptions<CaptionScores>, CaptionerFitExtra {
  /** Pictures that decide which weights are kept. Default: none, the last are. */
  validation?: Examples<CaptionExample> | undefined;
}

export const CAPTIONER_FIT_OPTIONS = {
  ...withDefaults(
    byTheData(FIT_OPTIONS as OptionTable<FitOptions<CaptionScores>>, [...OF_A_RUN, "metric"]),
    { maxNorm: 1, warmup: 0.02 },
  ),
  labelSmoothing: probability(0.1, "share of the target spread over all tokens; 0 of characters"),
  decodedExamples: whole(1, 1000, "validation pictures captioned at each evaluation"),
};

/** How captions are searched for: see {@link Captioner.predict}. */
export type CaptionSearchOptions = Omit<SearchOptions, "replaceUnknown">;

const { replaceUnknown: _, ...ofSearch } = SEARCH_OPTIONS;
export const CAPTION_SEARCH_OPTIONS: OptionTable<CaptionSearchOptions> = {
  ...ofSearch,
  maxLength: { ...ofSearch.maxLength, help: "tokens at the most (default: captionLength)" },
};

/** How captions are searched for, and what of them is told. */
export interface CaptionPredictOptions extends CaptionSearchOptions {
  /** How many of the best captions to tell, at most `beams`. Default 1. */
  alternatives?: number | undefined;
  /** Whether to tell where the model looked. Needs a model with attention. Default false. */
  attention?: boolean | undefined;
}

export const CAPTION_PREDICT_OPTIONS: OptionTable<CaptionPredictOptions> = {
  ...CAPTION_SEARCH_OPTIONS,
  alternatives: PREDICT_OPTIONS.alternatives,
  attention: PREDICT_OPTIONS.attention,
};
