// The options that RNN, LSTM and GRU share.
import { checkChoice, checkCount, checkProbability, definedOnly, keysOf } from "../core/check.js";
import type { Settings } from "../core/options.js";
import { OptionError } from "../core/errors.js";

const MERGE_MODES = ["concat", "sum", "mul", "average", "none"] as const;
const SKIPS = ["none", "residual", "concat"] as const;

/** How the outputs of the two directions become one. */
export type MergeMode = (typeof MERGE_MODES)[number];

/** What layers after the first get beside the outputs of the one below. */
export type Skip = (typeof SKIPS)[number];

export interface RecurrentOptions {
  /** Layers, each reading the outputs of the one below. Default 1. */
  numLayers?: number | undefined;
  /** Whether to add `bias_ih` and `bias_hh`. Default true. */
  bias?: boolean | undefined;
  /** Probability of dropping an output between layers, in training. Default 0; needs numLayers > 1. */
  dropout?: number | undefined;
  /**
   * Whether that dropout drops the same units at every step of a sequence (Gal & Ghahramani 2016). Default
   * false; needs dropout > 0. `step()`, which knows one step alone, draws anew each time.
   */
  variationalDropout?: boolean | undefined;
  /**
   * Probability of dropping a unit of h where the recurrent product reads it, in training, the same units at
   * every step of a sequence (Gal & Ghahramani 2016). Default 0. `step()` draws anew each time.
   */
  recurrentDropout?: number | undefined;
  /**
   * Probability of dropping an element of `weight_hh`, in training, the same at every step of a sequence: the
   * weight-dropped LSTM (Merity, Keskar & Socher 2018). Default 0. `step()` draws anew each time; streams read the
   * whole weights.
   */
  weightDropout?: number | undefined;
  /** A second set of weights that reads backwards. Default false. */
  bidirectional?: boolean | undefined;
  /**
   * How the outputs of the two directions become one, of every layer: side by side (`"concat"`, default),
   * their sum, product or average; `"none"` is `"concat"` between layers, and the last layer's outputs stay
   * apart: `[batch, time, 2, size]`. Needs bidirectional.
   */
  mergeMode?: MergeMode | undefined;
  /**
   * `"residual"`: every layer after the first adds what it reads, before dropout, to its output (He et al.
   * 2016). `"concat"`: every layer after the first reads the input of the first beside the output of the one
   * below, which comes first (Graves 2013). Default `"none"`; needs numLayers > 1.
   */
  skip?: Skip | undefined;
}

/** Every option with its value. */
type RecurrentSettings = Settings<RecurrentOptions>;

export const DEFAULTS: RecurrentSettings = {
  numLayers: 1,
  bias: true,
  dropout: 0,
  variationalDropout: false,
  recurrentDropout: 0,
  weightDropout: 0,
  bidirectional: false,
  mergeMode: "concat",
  skip: "none",
};

/** The options with their types, for `checkCall`. */
export const RECURRENT_KEYS = /* @__PURE__ */ keysOf(DEFAULTS);

/** The options with their defaults; refuses what does not fit together. */
export function settingsOf(op: string, options: RecurrentOptions): RecurrentSettings {
  const settings: RecurrentSettings = { ...DEFAULTS, ...definedOnly(options) };
  const { numLayers, dropout, bidirectional, mergeMode, skip } = settings;
  checkCount(op, "numLayers", numLayers);
  checkProbability(op, dropout);
  checkProbability(op, settings.recurrentDropout);
  checkProbability(op, settings.weightDropout);
  checkChoice(op, "mergeMode", mergeMode, MERGE_MODES);
  checkChoice(op, "skip", skip, SKIPS);
  if (TRAINING) refuseDropout(op, settings);
  const refuse = (expected: string, got: string): void => {
    throw new OptionError({ op, expected, got });
  };
  if (mergeMode !== "concat" && !bidirectional)
    refuse(
      "bidirectional with mergeMode, which merges the two directions",
      `mergeMode "${mergeMode}" with one`,
    );
  if (skip !== "none" && numLayers === 1)
    refuse("numLayers above 1 with skip, which goes past a layer", `skip "${skip}" with one layer`);
  return settings;
}

/** Refuses dropout that would do nothing: in training, the inference build has none. */
function refuseDropout(
  op: string,
  { dropout, numLayers, variationalDropout }: RecurrentSettings,
): void {
  if (dropout > 0 && numLayers === 1)
    throw new OptionError({
      op,
      expected: "numLayers above 1 with dropout, which acts between layers",
      got: `dropout ${dropout} with one layer`,
      cure: "Put a Dropout layer behind it instead.",
    });
  if (variationalDropout && dropout === 0)
    throw new OptionError({
      op,
      expected: "a dropout above 0 with variationalDropout, which locks its mask",
      got: "dropout 0",
    });
}
