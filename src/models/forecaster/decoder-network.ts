// An encoder-decoder: recurrent layers over a series, and at each of its steps a decoder over the steps ahead, which begins with what the
// encoder knows there and reads what is known of each (Wen et al. 2017, section 3, whose decoders fork from every step; Sutskever et al.
// 2014). Nothing that it says is fed back, so steps ahead are computed all at once.
import { dropout } from "../../ops/dropout.js";
import { expand } from "../../ops/expand.js";
import { concat } from "../../ops/join.js";
import { reshape } from "../../ops/reshape.js";
import { tanh } from "../../ops/unary.js";
import type { GRU } from "../../nn/gru.js";
import { Linear } from "../../nn/linear.js";
import type { LSTM } from "../../nn/lstm.js";
import { Module } from "../../nn/module.js";
import { tensor, zeros } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";
import { beginAt, CELLS, type NetworkSizes } from "./network.js";
import type { ForecasterSettings } from "./options.js";
import { OUTPUTS } from "./outputs.js";

export class DecoderNetwork extends Module {
  readonly recurrent: LSTM | GRU;
  /** From the encoder's state and the step to the decoder's first state. */
  readonly bridge: Linear;
  /** Reads how far ahead a step is, as a share of the horizon, and its covariates. */
  readonly decoder: LSTM | GRU;
  readonly head: Linear;
  readonly #options: ForecasterSettings;

  constructor({ features, targets, covariates }: NetworkSizes, options: ForecasterSettings) {
    super();
    const { cell, hiddenSize, numLayers, dropout, output } = options;
    const { size, first } = OUTPUTS[output];
    this.#options = options;
    this.recurrent = new CELLS[cell](features, hiddenSize, {
      numLayers,
      dropout: numLayers > 1 ? dropout : 0,
    });
    this.bridge = new Linear(hiddenSize + features, hiddenSize);
    this.decoder = new CELLS[cell](1 + covariates, hiddenSize);
    this.head = new Linear(hiddenSize + features, targets * size);
    if (TRAINING) beginAt(this.head, first);
  }

  /**
   * @param x `[batch, time, features]`
   * @param ahead `[batch, time, horizon, covariates]`; undefined where there are none
   * @returns `[batch · time · horizon · targets, numbers of an output]`
   */
  forward(x: Tensor, ahead: Tensor | undefined, lengths?: Int32Array): Tensor {
    const { horizon, hiddenSize, output, dropout: p, cell } = this.#options;
    const { output: states } = this.recurrent.forward(x, lengths && { lengths });
    const [batch, time, features] = x.shape as [number, number, number];
    const rows = batch * time;
    const seen = reshape(concat([states, x], -1), [rows, hiddenSize + features]);
    const h = reshape(tanh(this.bridge.forward(seen)), [1, rows, hiddenSize]);
    const c = cell === "lstm" ? { c: zeros([1, rows, hiddenSize]) } : {};
    const share = Float32Array.from({ length: horizon }, (_, i) => (i + 1) / horizon);
    const far = expand(tensor(share, { shape: [1, horizon, 1] }), [rows, horizon, 1]);
    const read = ahead
      ? concat([far, reshape(ahead, [rows, horizon, ahead.shape.at(-1)!])], -1)
      : far;
    const { output: decoded } = this.decoder.forward(read, { state: { h, ...c } as never });
    const dropped = this.training && p > 0 ? dropout(decoded, p) : decoded;
    const step = expand(reshape(x, [rows, 1, features]), [rows, horizon, features]);
    const out = this.head.forward(concat([dropped, step], -1));
    const { size } = OUTPUTS[output];
    return reshape(out, [out.size / size, size]);
  }
}
