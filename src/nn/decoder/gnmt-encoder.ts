import { checkCall, checkChoice, checkCount } from "../../core/check.js";
import { dropout } from "../../ops/dropout.js";
import { concat } from "../../ops/join.js";
import { slice } from "../../ops/slice.js";
import type { Tensor } from "../../tensor/tensor.js";
import { GRU } from "../gru.js";
import { LSTM } from "../lstm.js";
import { Module } from "../module.js";
import type { Lengths } from "../recurrent-input.js";
import type { Recurrent, State } from "../recurrent.js";
import type { EncoderState } from "./bridge.js";

const CELLS = ["lstm", "gru"] as const;

export interface GNMTEncoderOptions {
  /** Default `"lstm"`. */
  cell?: (typeof CELLS)[number] | undefined;
  /** Layers, the bidirectional one with them: at least 2. Default 2. */
  numLayers?: number | undefined;
  /** Probability of dropping what layers after the first read, in training. Default 0. */
  dropout?: number | undefined;
  /** Whether to add `bias_ih` and `bias_hh`. Default true. */
  bias?: boolean | undefined;
}

/**
 * The encoder of Wu et al.: Google's Neural Machine Translation System (2016): one bidirectional layer, then layers that
 * read forwards, from the third on with residual connections. Its state has the shape of a decoder's of as many layers: of the
 * bidirectional layer the direction that reads backwards (as tf/nmt passes it on), then the final state of each other.
 *
 * Parameters: `bottom.weight_ih_l0`, …, `bottom.weight_ih_l0_reverse`, …; `top.weight_ih_l0` and so on of the layers above.
 *
 * @example
 * ```ts
 * const encoder = new GNMTEncoder(8, 16, { numLayers: 3 });
 * const { output, state } = encoder.forward(randn([2, 5, 8]), { lengths: [5, 3] });
 * output.shape; // [2, 5, 16]
 * state.h.shape; // [3, 2, 16]
 * ```
 */
export class GNMTEncoder extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "GNMTEncoder";
  readonly bottom: Recurrent<string>;
  readonly top: Recurrent<string>;
  readonly dropout: number;

  constructor(inputSize: number, hiddenSize: number, options: GNMTEncoderOptions = {}) {
    checkCall(
      "GNMTEncoder",
      arguments,
      "inputSize hiddenSize {cell:string numLayers:number dropout:number bias:boolean}",
    );
    super();
    const { cell = "lstm", numLayers = 2, dropout: p = 0, bias = true } = options;
    checkChoice("GNMTEncoder", "cell", cell, CELLS);
    checkCount("GNMTEncoder", "numLayers", numLayers, 2);
    const Layer = { lstm: LSTM, gru: GRU }[cell] as unknown as new (
      inputSize: number,
      hiddenSize: number,
      options: object,
    ) => Recurrent<string>;
    const several = numLayers > 2 ? { dropout: p, skip: "residual" } : {};
    this.bottom = new Layer(inputSize, hiddenSize, { bias, bidirectional: true });
    this.top = new Layer(2 * hiddenSize, hiddenSize, {
      ...{ bias, numLayers: numLayers - 1 },
      ...several,
    });
    this.dropout = p;
  }

  /**
   * @param x `[batch, time, inputSize]`
   * @param options.lengths steps that count in each row, 0..time; default all
   * @returns `output` `[batch, time, hiddenSize]`, zeros past each row's length; `state`, each part `[numLayers, batch, hiddenSize]`
   */
  forward(
    x: Tensor,
    options: { lengths?: Lengths | undefined } = {},
  ): { output: Tensor; state: EncoderState } {
    checkCall("GNMTEncoder.forward", arguments, "x:tensor {lengths:list|tensor}");
    const below = this.bottom.forward(x, options);
    const read = dropout(below.output, this.dropout, { training: this.training });
    const { output, state } = this.top.forward(read, options);
    const joined = Object.entries(state).map(([part, layers]) => [
      part,
      concat([slice((below.state as State)[part]!, 0, 1), layers]),
    ]);
    return { output, state: Object.fromEntries(joined) as EncoderState };
  }
}
