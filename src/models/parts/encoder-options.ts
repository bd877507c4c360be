// What reads a sequence and makes one vector of it.
import { definedOnly } from "../../core/check.js";
import {
  checkOptions,
  choice,
  flag,
  probability,
  readOptions,
  whole,
  wholes,
  type OptionNaming,
  type OptionTable,
  type Settings,
} from "../../core/options.js";
import { checkHeads } from "./check-heads.js";

interface EveryEncoder {
  /**
   * Probability of dropping, in training, what the last layer reads, and outputs between layers. Default 0.3; of a
   * classifier of texts 0.5, unless it is a transformer, which drops within its layers too.
   */
  dropout?: number | undefined;
  /**
   * Probability of dropping, in training, units of what is read, the same ones at every step of a sequence
   * (Gal & Ghahramani 2016). Default 0; of a classifier of texts 0.2.
   */
  inputDropout?: number | undefined;
}

/** The mean of all steps, then a dense layer (Iyyer et al. 2015): fast, and blind to order. */
export interface MeanOptions extends EveryEncoder {
  /** Default `"mean"`. */
  encoder: "mean";
  /** Size of the dense layer, with ReLU; 0: none. Default 128. */
  hiddenSize?: number | undefined;
}

/** A recurrent network, and how its outputs become one vector. */
export interface RecurrentEncoderOptions extends EveryEncoder {
  /**
   * Default `"recurrent"`; of a classifier of fewer than 20,000 texts convolutional, of fewer than 5,000 series `"lstm-fcn"`, unless
   * options of a recurrent one are given.
   */
  encoder?: "recurrent" | undefined;
  /** The cell. Default `"lstm"`. */
  cell?: "rnn" | "lstm" | "gru" | undefined;
  /** Size of the state in one direction. Default 128. */
  hiddenSize?: number | undefined;
  /** Layers. Default 1. */
  numLayers?: number | undefined;
  /** Whether it reads backwards too. Default true. */
  bidirectional?: boolean | undefined;
  /**
   * The state after the last step (of either direction), the mean or the largest of each feature over all
   * steps, or a mean weighted by learned attention (`AttentionPooling`). Default `"max"`.
   */
  pooling?: "last" | "mean" | "max" | "attention" | undefined;
  /** Whether dropout between layers is the same at every step of a sequence. Default false; needs numLayers > 1. */
  variationalDropout?: boolean | undefined;
  /** Probability of dropping units of the state where the recurrent product reads it, in training. Default 0. */
  recurrentDropout?: number | undefined;
}

/** Convolutions of several widths, ReLU, the largest of each feature over all steps (Kim 2014). */
export interface ConvolutionOptions extends EveryEncoder {
  /** Default `"convolutional"`. */
  encoder: "convolutional";
  /** Filters of each width. Default 100. */
  filters?: number | undefined;
  /** Steps that each kind of filter looks at. Default [3, 4, 5]. */
  kernelSizes?: readonly number[] | undefined;
}

/** Transformer layers, each step seeing all others, and how their outputs become one vector (Vaswani et al. 2017). */
export interface TransformerEncoderOptions extends EveryEncoder {
  /** Default `"transformer"`. */
  encoder: "transformer";
  /** Features of a step; numHeads divides it into even parts. Default 128. */
  hiddenSize?: number | undefined;
  /** Layers. Default 2. */
  numLayers?: number | undefined;
  /** Heads of attention. Default 4. */
  numHeads?: number | undefined;
  /** The mean or the largest of each feature over all steps, or a mean weighted by learned attention. Default `"mean"`. */
  pooling?: "mean" | "max" | "attention" | undefined;
}

/**
 * A fully convolutional network, whose blocks of convolution, batch normalization and ReLU keep all steps and end in their mean, beside
 * the last state of an LSTM (Karim et al. 2018).
 */
export interface LSTMFCNOptions extends EveryEncoder {
  /** Default `"lstm-fcn"`. */
  encoder: "lstm-fcn";
  /** Size of the LSTM's state. Default 64. */
  hiddenSize?: number | undefined;
  /** Channels of each block of convolutions. Default [64, 128, 64]; the paper has twice as many. */
  channels?: readonly number[] | undefined;
  /** Steps that a filter looks at, a number for each block. Default [8, 5, 3]. */
  kernelSizes?: readonly number[] | undefined;
}

export type EncoderOptions =
  | MeanOptions
  | RecurrentEncoderOptions
  | ConvolutionOptions
  | TransformerEncoderOptions
  | LSTMFCNOptions;

export type EncoderSettings =
  | (Settings<MeanOptions> & { readonly encoder: "mean" })
  | (Settings<RecurrentEncoderOptions> & { readonly encoder: "recurrent" })
  | (Settings<ConvolutionOptions> & { readonly encoder: "convolutional" })
  | (Settings<TransformerEncoderOptions> & { readonly encoder: "transformer" })
  | (Settings<LSTMFCNOptions> & { readonly encoder: "lstm-fcn" });

const COMMON = {
  dropout: probability(0.3, "share of values dropped in training"),
  inputDropout: probability(0, "share of the vectors' units dropped, the same at every step"),
};

/** The options of each encoder. */
export const ENCODER_OPTIONS = {
  mean: {
    encoder: choice(["mean"], "mean", "what reads the sequence"),
    hiddenSize: whole(0, 128, "size of the dense layer; 0: none"),
    ...COMMON,
  } satisfies OptionTable<MeanOptions>,
  recurrent: {
    encoder: choice(["recurrent"], "recurrent", "what reads the sequence"),
    cell: choice(["lstm", "gru", "rnn"], "lstm", "recurrent encoder: its cell"),
    hiddenSize: whole(1, 128, "size of the state in each direction"),
    numLayers: whole(1, 1, "recurrent encoder: layers"),
    bidirectional: flag(true, "recurrent encoder: read forwards only"),
    pooling: choice(
      ["last", "mean", "max", "attention"],
      "max",
      "recurrent encoder: how its outputs become one vector",
    ),
    variationalDropout: flag(false, "recurrent encoder: drop the same units at every step"),
    recurrentDropout: probability(0, "recurrent encoder: share of the state's units dropped"),
    ...COMMON,
  } satisfies OptionTable<RecurrentEncoderOptions>,
  convolutional: {
    encoder: choice(["convolutional"], "convolutional", "what reads the sequence"),
    filters: whole(1, 100, "convolutional encoder: filters of each width"),
    kernelSizes: wholes(1, [3, 4, 5], "convolutional encoder: widths, with commas between"),
    ...COMMON,
  } satisfies OptionTable<ConvolutionOptions>,
  transformer: {
    encoder: choice(["transformer"], "transformer", "what reads the sequence"),
    hiddenSize: whole(1, 128, "features of a step"),
    numLayers: whole(1, 2, "transformer: layers"),
    numHeads: whole(1, 4, "transformer: heads of attention"),
    pooling: choice(
      ["mean", "max", "attention"],
      "mean",
      "transformer: how its outputs become one vector",
    ),
    ...COMMON,
  } satisfies OptionTable<TransformerEncoderOptions>,
  "lstm-fcn": {
    encoder: choice(["lstm-fcn"], "lstm-fcn", "what reads the sequence"),
    hiddenSize: whole(1, 64, "size of the LSTM's state"),
    channels: wholes(1, [64, 128, 64], "LSTM-FCN: channels of each block, with commas between"),
    kernelSizes: wholes(1, [8, 5, 3], "LSTM-FCN: widths of the blocks' filters"),
    ...COMMON,
  } satisfies OptionTable<LSTMFCNOptions>,
};

const ENCODERS = ["recurrent", "mean", "convolutional", "transformer", "lstm-fcn"] as const;
export type EncoderName = (typeof ENCODERS)[number];

/** Names in files of earlier versions. */
const OLD_NAMES: Readonly<Record<string, EncoderName>> = {
  rnn: "recurrent",
  cnn: "convolutional",
};

/**
 * Every option of an encoder with its value.
 *
 * @throws OptionError for a value that cannot be, or an option that this encoder does not have
 */
export function encoderSettings(
  op: string,
  options: EncoderOptions,
  named: OptionNaming = (name) => name,
): EncoderSettings {
  const { encoder = impliedEncoder(options) ?? "recurrent" } = options;
  checkOptions(op, { encoder: ENCODER }, { encoder }, named);
  const table = ENCODER_OPTIONS[encoder] as unknown as OptionTable<EncoderOptions>;
  const where = `${op} with ${named("encoder")} "${encoder}"`;
  const settings = readOptions<EncoderOptions>(where, table, options, {}, named);
  if (settings.encoder === "transformer") {
    const features = { name: "hiddenSize", size: settings.hiddenSize };
    checkHeads(op, features, { numHeads: settings.numHeads, rotary: true }, named);
  }
  return settings;
}

/** The encoder that options name, or else that alone has one of them; undefined: any. */
export function impliedEncoder(options: EncoderOptions): EncoderName | undefined {
  if (options.encoder !== undefined) return options.encoder;
  const given = Object.keys(definedOnly(options)).filter((name) => !Object.hasOwn(COMMON, name));
  return (["recurrent", "convolutional", "transformer", "lstm-fcn"] as const).find((encoder) =>
    given.some((name) => Object.hasOwn(ENCODER_OPTIONS[encoder], name)),
  );
}

const ENCODER = choice(ENCODERS, "recurrent", "what reads the sequence");

/** The options of all encoders: for a command that reads them before it knows which one. */
export const ALL_ENCODER_OPTIONS = {
  ...ENCODER_OPTIONS["lstm-fcn"],
  ...ENCODER_OPTIONS.transformer,
  ...ENCODER_OPTIONS.recurrent,
  ...ENCODER_OPTIONS.convolutional,
  ...ENCODER_OPTIONS.mean,
  encoder: choice(
    ENCODERS,
    undefined,
    "what reads the sequence (default: convolutional, or what other options are of)",
  ),
  hiddenSize: whole(
    0,
    undefined,
    "size of the state, of a transformer's steps, or of the mean's dense layer (0: none) (default: 128, of an LSTM-FCN 64)",
  ),
  kernelSizes: wholes(
    1,
    undefined,
    "convolutional encoder, LSTM-FCN: widths of filters, with commas between (default: 3,4,5; of an LSTM-FCN 8,5,3)",
  ),
  numLayers: whole(
    1,
    undefined,
    "recurrent encoder, transformer: layers (default: 1, of a transformer 2)",
  ),
  pooling: choice(
    ["last", "mean", "max", "attention"],
    undefined,
    "recurrent encoder, transformer: how outputs become one vector (default: max, of a transformer mean)",
  ),
};

/** The options in a model's file. */
export function encoderFromFile(options: unknown): EncoderOptions {
  const saved = Object(options) as EncoderOptions;
  const encoder = OLD_NAMES[saved.encoder as string] ?? saved.encoder;
  return { ...saved, ...(encoder && { encoder }) } as EncoderOptions;
}
