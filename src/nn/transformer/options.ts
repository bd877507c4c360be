// What layers of a Transformer are made of.
import { checkChoice, checkCount, checkProbability } from "../../core/check.js";
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import { gelu, silu } from "../../ops/activations.js";
import { checkEps } from "../../ops/layer-norm.js";
import { readRotary, type Rotary, type RotaryOptions } from "../../ops/rotary.js";
import { relu } from "../../ops/unary.js";
import type { Tensor } from "../../tensor/tensor.js";
import { LayerNorm } from "../layer-norm.js";
import { RMSNorm } from "../rms-norm.js";

/** `"gelu"` with the normal distribution itself, `"geluTanh"` in GPT-2's form. */
export type FeedForwardActivation = "relu" | "gelu" | "geluTanh" | "silu";

export interface TransformerLayerOptions {
  /** Size of the hidden layer of the feed-forward network. Default 2048. */
  dimFeedforward?: number | undefined;
  /**
   * Probability of dropping, in training: attention's weights, the hidden layer, and what each part adds to its input.
   * Default 0.1.
   */
  dropout?: number | undefined;
  /** Behind the hidden layer. Default `"relu"`. */
  activation?: FeedForwardActivation | undefined;
  /** Whether each part normalizes what it reads (x + f(norm(x))) instead of the sum (norm(x + f(x))). Default false. */
  normFirst?: boolean | undefined;
  /** Whether projections and normalizations have biases. Default true. */
  bias?: boolean | undefined;
  /** Added to the variance, or to the mean square. Default 1e-5. */
  layerNormEps?: number | undefined;
  /** `"layer"`: LayerNorm; `"rms"`: RMSNorm, which has no bias. Default `"layer"`. */
  norm?: "layer" | "rms" | undefined;
  /**
   * Whether self-attention turns queries and keys by their positions (rotary positions), or how. Needs an even number of
   * features in a head. Default false: positions are added to the input, or not known.
   */
  rotary?: boolean | RotaryOptions | undefined;
  /**
   * Steps that a step of causal self-attention sees, its own among them: older ones slide out, and a stream keeps no more.
   * `forward` needs `causal: true` then; a {@link Transformer}'s encoder has none. Default: all.
   */
  window?: number | undefined;
}

/** The options for `checkCall`. */
export const LAYER_OPTIONS =
  "dimFeedforward:number dropout:number activation:string normFirst:boolean bias:boolean layerNormEps:number norm:string rotary:boolean|object window:number";

/** @internal Every option with its value. */
export interface TransformerLayerSettings {
  readonly dimFeedforward: number;
  readonly dropout: number;
  readonly activation: FeedForwardActivation;
  readonly normFirst: boolean;
  readonly bias: boolean;
  readonly layerNormEps: number;
  readonly norm: "layer" | "rms";
  readonly rotary: Rotary | undefined;
  readonly window: number | undefined;
}

const ACTIVATIONS: Readonly<Record<FeedForwardActivation, (x: Tensor) => Tensor>> = {
  relu: (x) => relu(x),
  gelu: (x) => gelu(x),
  geluTanh: (x) => gelu(x, { approximate: "tanh" }),
  silu: (x) => silu(x),
};

export function activationOf(name: FeedForwardActivation): (x: Tensor) => Tensor {
  return ACTIVATIONS[name];
}

/** @internal The options of a layer, checked. */
export function layerSettings(
  op: string,
  dModel: number,
  numHeads: number,
  options: TransformerLayerOptions,
): TransformerLayerSettings {
  const { dimFeedforward = 2048, dropout = 0.1, activation = "relu", normFirst = false } = options;
  const { bias = true, layerNormEps = 1e-5, norm = "layer", rotary = false, window } = options;
  checkCount(op, "dModel", dModel);
  checkCount(op, "numHeads", numHeads);
  if (dModel % numHeads !== 0)
    throw new OptionError({
      op,
      expected: `numHeads that divide dModel (${dModel})`,
      got: described(numHeads),
    });
  checkCount(op, "dimFeedforward", dimFeedforward);
  checkProbability(op, dropout);
  checkChoice(op, "activation", activation, Object.keys(ACTIVATIONS));
  checkEps(op, layerNormEps, "layerNormEps");
  checkChoice(op, "norm", norm, ["layer", "rms"]);
  if (window !== undefined) checkCount(op, "window", window);
  return {
    ...{ dimFeedforward, dropout, activation, normFirst, bias, layerNormEps, norm, window },
    rotary: rotary ? readRotary(op, rotary === true ? {} : rotary, dModel / numHeads) : undefined,
  };
}

/** @internal A normalization of `dModel` features, as the settings have it. */
export function normOf(
  dModel: number,
  { norm, layerNormEps: eps, bias }: TransformerLayerSettings,
): LayerNorm | RMSNorm {
  return norm === "rms" ? new RMSNorm(dModel, { eps }) : new LayerNorm(dModel, { eps, bias });
}
