// What a classifier is made of between its inputs and its last layer.
import {
  checkChoice,
  checkCount,
  checkProbability,
  definedOnly,
  refuseUnknown,
} from "../../core/check.js";
import { OptionError } from "../../core/errors.js";

interface CommonOptions {
  /** Probability of dropping, in training, what the last layer reads, and outputs between layers. Default 0.3. */
  dropout?: number;
  /**
   * Probability of dropping, in training, units of what is read, the same ones at every step of a sequence
   * (Gal & Ghahramani 2016). Default 0.
   */
  inputDropout?: number;
}

/** The mean of all steps, then a dense layer (Iyyer et al. 2015): fast, and blind to order. */
export interface MeanOptions extends CommonOptions {
  encoder: "mean";
  /** Size of the dense layer, with ReLU; 0: none. Default 128. */
  hiddenSize?: number;
}

/** A recurrent network, and how its outputs become one vector. */
export interface RecurrentEncoderOptions extends CommonOptions {
  encoder?: "rnn";
  /** Default `"lstm"`. */
  cell?: "rnn" | "lstm" | "gru";
  /** Of the state in one direction. Default 128. */
  hiddenSize?: number;
  /** Default 1. */
  numLayers?: number;
  /** Default true. */
  bidirectional?: boolean;
  /**
   * The state after the last step (of either direction), the mean or the largest of each feature over all
   * steps, or a mean weighted by learned attention (`AttentionPooling`). Default `"max"`.
   */
  pooling?: "last" | "mean" | "max" | "attention";
  /** Whether dropout between layers is the same at every step of a sequence. Default false; needs numLayers > 1. */
  variationalDropout?: boolean;
  /** Probability of dropping units of the state where the recurrent product reads it, in training. Default 0. */
  recurrentDropout?: number;
}

/** Convolutions of several widths, ReLU, the largest of each feature over all steps (Kim 2014). */
export interface ConvolutionOptions extends CommonOptions {
  encoder: "cnn";
  /** Filters of each width. Default 100. */
  filters?: number;
  /** Steps that each kind of filter looks at. Default [3, 4, 5]. */
  kernelSizes?: readonly number[];
}

export type EncoderOptions = MeanOptions | RecurrentEncoderOptions | ConvolutionOptions;

export type EncoderSettings =
  | (Required<MeanOptions> & { readonly encoder: "mean" })
  | (Required<RecurrentEncoderOptions> & { readonly encoder: "rnn" })
  | (Required<ConvolutionOptions> & { readonly encoder: "cnn" });

const COMMON = { dropout: 0.3, inputDropout: 0 };

const DEFAULTS = {
  mean: { encoder: "mean", ...COMMON, hiddenSize: 128 },
  rnn: {
    encoder: "rnn",
    ...COMMON,
    cell: "lstm",
    hiddenSize: 128,
    numLayers: 1,
    bidirectional: true,
    pooling: "max",
    variationalDropout: false,
    recurrentDropout: 0,
  },
  cnn: { encoder: "cnn", ...COMMON, filters: 100, kernelSizes: [3, 4, 5] },
} as const satisfies Record<string, EncoderSettings>;

/**
 * Every option of an encoder with its value.
 *
 * @throws OptionError for a value that cannot be, or an option that this encoder does not have
 */
export function settingsOf(op: string, options: EncoderOptions): EncoderSettings {
  const { encoder = "rnn" } = options;
  checkChoice(op, "encoder", encoder, Object.keys(DEFAULTS));
  const defaults: EncoderSettings = DEFAULTS[encoder];
  refuseUnknown(`${op} with encoder "${encoder}"`, options, Object.keys(defaults));
  const settings = { ...defaults, ...definedOnly(options) } as EncoderSettings;
  checkProbability(op, settings.dropout);
  checkProbability(op, settings.inputDropout);
  if (settings.encoder === "mean") checkCount(op, "hiddenSize", settings.hiddenSize, 0);
  if (settings.encoder === "rnn") {
    checkChoice(op, "cell", settings.cell, ["rnn", "lstm", "gru"]);
    checkChoice(op, "pooling", settings.pooling, ["last", "mean", "max", "attention"]);
  }
  if (settings.encoder === "cnn" && !(settings.kernelSizes.length > 0))
    throw new OptionError({ op, expected: "at least one of kernelSizes", got: "none" });
  return settings;
}
