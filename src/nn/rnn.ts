import { OptionError } from "../core/errors.js";
import { rnnLayer, rnnReluLayer } from "../ops/recurrent/rnn.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import type { RecurrentOptions } from "./recurrent-options.js";
import { Recurrent, type ForwardOptions, type RecurrentKind } from "./recurrent.js";

/** An RNN's state: `h` `[numLayers · directions, batch, hidden]`. */
export interface RNNState {
  readonly h: Tensor;
}

export type Nonlinearity = "tanh" | "relu";

export interface RNNOptions extends RecurrentOptions {
  /** Default `"tanh"`. */
  nonlinearity?: Nonlinearity;
}
export type RNNForwardOptions = ForwardOptions<RNNState>;

/**
 * The simple recurrent network of Elman (1990), as PyTorch computes it:
 *
 * h' = tanh(W_ih x + b_ih + W_hh h + b_hh), or ReLU instead of tanh.
 */
export class RNN extends Recurrent<"h"> {
  readonly nonlinearity: Nonlinearity;

  constructor(
    inputSize: number,
    hiddenSize: number,
    { nonlinearity = "tanh", ...options }: RNNOptions = {},
  ) {
    super(kindOf("RNN", nonlinearity), inputSize, hiddenSize, options);
    this.nonlinearity = nonlinearity;
  }
}

const kind = (layer: RecurrentKind<"h">["layer"], relu: 0 | 1): RecurrentKind<"h"> => ({
  name: "RNN",
  defaults: { nonlinearity: "tanh" },
  gates: 1,
  parts: ["h"],
  layer,
  stream: {
    name: "rnn",
    scratch: 1,
    step: (state, gates, x, { wx, wh, bias, inputSize }, { batch, hiddenSize }) =>
      kernels().rnnStep(state[0]!, gates, x, wx, wh, bias, batch, inputSize, hiddenSize, relu),
  },
});

const KINDS = {
  tanh: /* @__PURE__ */ kind(rnnLayer, 0),
  relu: /* @__PURE__ */ kind(rnnReluLayer, 1),
};

/** @internal The kind of an RNN or an RNNCell. */
export function kindOf(op: string, nonlinearity: Nonlinearity): RecurrentKind<"h"> {
  if (!Object.hasOwn(KINDS, nonlinearity))
    throw new OptionError({
      op,
      expected: 'nonlinearity "tanh" or "relu"',
      got: String(nonlinearity),
    });
  return KINDS[nonlinearity];
}
