// The options of a recurrent decoder.
import {
  checkChoice,
  checkCount,
  checkProbability,
  definedOnly,
  keysOf,
} from "../../core/check.js";
import { OptionError } from "../../core/errors.js";
import type { Settings } from "../../core/options.js";
import type { AttentionScore } from "../attention.js";

const CELLS = ["lstm", "gru", "rnn"] as const;
const ATTENTIONS = ["none", "dot", "scaledDot", "general", "additive"] as const;
const PLACEMENTS = ["output", "inputFeeding", "gnmt"] as const;
const SKIPS = ["none", "residual"] as const;

/** The recurrent cell: {@link LSTM}'s, {@link GRU}'s, or {@link RNN}'s with tanh. */
export type DecoderCell = (typeof CELLS)[number];

/** Where attention stands in a decoder: see {@link RecurrentDecoder}. */
export type AttentionPlacement = (typeof PLACEMENTS)[number];

export interface RecurrentDecoderOptions {
  /** Default `"lstm"`. */
  cell?: DecoderCell | undefined;
  /** Recurrent layers. Default 1. */
  numLayers?: number | undefined;
  /** Features of what the encoder gives for each step of the source. Needed with attention, refused without. */
  memorySize?: number | undefined;
  /** How queries and keys are compared, as {@link Attention}'s `score`, or `"none"`. Default `"general"`. */
  attention?: AttentionScore | "none" | undefined;
  /** Where attention stands. Default `"output"`. */
  placement?: AttentionPlacement | undefined;
  /** Size of the attentional vector, of the placements "output" and "inputFeeding". Default: hiddenSize. */
  attentionSize?: number | undefined;
  /** Size of a fixed vector that every layer reads at every step, and that is put beside the output. Default 0: none. */
  encodingSize?: number | undefined;
  /** `"residual"`: every layer after the first adds what it reads from below, before dropout, to its output. Default `"none"`; needs numLayers > 1. */
  skip?: (typeof SKIPS)[number] | undefined;
  /** Probability of dropping, in training: what layers after the first read, and the attentional vector. Default 0. */
  dropout?: number | undefined;
  /** Whether that dropout drops the same units at every step (Gal & Ghahramani 2016). Default false; needs dropout > 0. */
  variationalDropout?: boolean | undefined;
  /** Probability of dropping a unit of h where the recurrent product reads it, in training, the same units at every step. Default 0. */
  recurrentDropout?: number | undefined;
  /** Whether to add `bias_ih` and `bias_hh`. Default true. */
  bias?: boolean | undefined;
}

/** Every option with its value; a size of 0 is one that the decoder has no use for. */
export type DecoderSettings = Settings<RecurrentDecoderOptions>;

export const DECODER_DEFAULTS: DecoderSettings = {
  cell: "lstm",
  numLayers: 1,
  memorySize: 0,
  attention: "general",
  placement: "output",
  attentionSize: 0,
  encodingSize: 0,
  skip: "none",
  dropout: 0,
  variationalDropout: false,
  recurrentDropout: 0,
  bias: true,
};

/** The options with their types, for `checkCall`. */
export const DECODER_KEYS = /* @__PURE__ */ keysOf(DECODER_DEFAULTS);

const OP = "RecurrentDecoder";

function refuse(expected: string, got: string, cure?: string): never {
  throw new OptionError({ op: OP, expected, got, cure });
}

/** The options with their defaults; refuses what does not fit together. */
export function decoderSettings(
  hiddenSize: number,
  options: RecurrentDecoderOptions,
): DecoderSettings {
  const given = definedOnly(options);
  const settings: DecoderSettings = { ...DECODER_DEFAULTS, ...given };
  const { attention, placement, numLayers, encodingSize, skip } = settings;
  checkChoice(OP, "cell", settings.cell, CELLS);
  checkChoice(OP, "attention", attention, ATTENTIONS);
  checkChoice(OP, "placement", placement, PLACEMENTS);
  checkChoice(OP, "skip", skip, SKIPS);
  checkCount(OP, "numLayers", numLayers);
  checkCount(OP, "encodingSize", encodingSize, 0);
  checkProbability(OP, settings.dropout);
  checkProbability(OP, settings.recurrentDropout);
  if (skip !== "none" && numLayers === 1)
    refuse("numLayers above 1 with skip, which goes past a layer", `skip "${skip}" with one layer`);
  if (TRAINING) refuseDropout(settings);
  if (attention === "none") {
    for (const name of ["memorySize", "placement", "attentionSize"] as const)
      if (given[name] !== undefined) refuse(`no ${name} without attention`, String(given[name]));
    return settings;
  }
  if (given.memorySize === undefined)
    refuse(
      "memorySize with attention",
      "none",
      'Give the features of the encoder\'s outputs, or attention: "none".',
    );
  checkCount(OP, "memorySize", settings.memorySize);
  if (placement === "gnmt") {
    if (given.attentionSize !== undefined)
      refuse(
        'attentionSize with the placements "output" and "inputFeeding", which make an attentional vector',
        'it with "gnmt"',
      );
    return settings;
  }
  const { attentionSize = hiddenSize } = given;
  checkCount(OP, "attentionSize", attentionSize);
  return { ...settings, attentionSize };
}

/** Refuses dropout that would do nothing: in training, the inference build has none. */
function refuseDropout({
  dropout,
  numLayers,
  attention,
  placement,
  variationalDropout,
}: DecoderSettings): void {
  const attentional = attention !== "none" && placement !== "gnmt";
  if (dropout > 0 && numLayers === 1 && !attentional)
    refuse(
      "numLayers above 1, or an attentional vector, with dropout",
      `dropout ${dropout} with one layer`,
      "Put a Dropout layer behind it instead.",
    );
  if (variationalDropout && dropout === 0)
    refuse("a dropout above 0 with variationalDropout, which locks its mask", "dropout 0");
}
