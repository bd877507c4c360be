import type { RotaryOptions } from "../../ops/rotary.js";
import type { TransformerLayerOptions } from "../transformer/options.js";

export interface GPTOptions extends Omit<TransformerLayerOptions, "normFirst" | "rotary"> {
  /** Layers. Default 6. */
  numLayers?: number | undefined;
  /** Size of the hidden layers. Default 4 · dModel. */
  dimFeedforward?: number | undefined;
  /** Probability of dropping, in training: as in the layers, and of what they read first. Default 0. */
  dropout?: number | undefined;
  /** Behind the hidden layers. Default `"gelu"`. */
  activation?: TransformerLayerOptions["activation"];
  /**
   * `"learned"`: a vector for each of `contextLength` positions; `"rotary"`, or its options: queries and keys turned by their
   * positions (RoPE), which have no end. Default `"learned"`.
   */
  positions?: "learned" | "rotary" | RotaryOptions | undefined;
  /** Positions that are learned: no text is longer. Default 1024. With rotary positions there is none. */
  contextLength?: number | undefined;
  /** Whether the output layer shares the embedding's weight. Default true. */
  tieWeights?: boolean | undefined;
}

/** The options for `checkCall`. */
export const GPT_OPTIONS =
  "numLayers:number dimFeedforward:number dropout:number activation:string bias:boolean layerNormEps:number norm:string window:number positions:string|object contextLength:number tieWeights:boolean";
