// Recurrent layers over a series, and at each step what is said of all the steps ahead: the "forking sequences" of Wen et al.
// 2017 (arXiv 1711.11053), so that a series teaches from each of its steps. The output layer reads the step itself too: an
// autoregression beside the recurrent layers, as in LSTNet (Lai et al. 2018), which is most of what a short series can teach. Of a
// recursive forecaster there is one step ahead.
import { dropout } from "../../ops/dropout.js";
import { concat } from "../../ops/join.js";
import { linear } from "../../ops/linear.js";
import { reshape } from "../../ops/reshape.js";
import { tanh } from "../../ops/unary.js";
import { GRU } from "../../nn/gru.js";
import { normal } from "../../nn/initializers.js";
import { Linear } from "../../nn/linear.js";
import { LSTM } from "../../nn/lstm.js";
import { Module } from "../../nn/module.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { ForecasterSettings } from "./options.js";
import { OUTPUTS } from "./outputs.js";

/** Numbers for each step ahead that join what is known of it. */
export const CONTEXT = 8;
/** The standard deviation of the last layer's first weights: forecasts begin at the reference. */
const FIRST = 0.01;

/** The cells of a forecaster. */
export const CELLS = { lstm: LSTM, gru: GRU };

export interface NetworkSizes {
  readonly features: number;
  readonly targets: number;
  readonly covariates: number;
}

export class ForecastNetwork extends Module {
  readonly recurrent: LSTM | GRU;
  /** Of a series with covariates, what the state says to each step ahead. */
  readonly context: Linear | undefined;
  readonly head: Linear;
  readonly #options: ForecasterSettings;

  constructor({ features, targets, covariates }: NetworkSizes, options: ForecasterSettings) {
    super();
    const { horizon, cell, hiddenSize, numLayers, dropout, output } = options;
    const { size, first } = OUTPUTS[output];
    this.#options = options;
    this.recurrent = new CELLS[cell](features, hiddenSize, {
      numLayers,
      dropout: numLayers > 1 ? dropout : 0,
    });
    const repeats = covariates > 0 ? targets : horizon * targets;
    const read = hiddenSize + features;
    if (covariates > 0) this.context = new Linear(read, horizon * CONTEXT);
    this.head = new Linear(covariates > 0 ? CONTEXT + covariates : read, repeats * size);
    if (TRAINING) beginAt(this.head, first);
  }

  /**
   * @param x `[batch, time, features]`
   * @param ahead `[batch, time, horizon, covariates]`; undefined where there are none
   * @returns `[batch · time · horizon · targets, numbers of an output]`
   */
  forward(x: Tensor, ahead: Tensor | undefined, lengths?: Int32Array): Tensor {
    return this.say(this.recurrent.forward(x, lengths && { lengths }).output, x, ahead);
  }

  /** What is said where the recurrent layers have given states, `[batch, time, hiddenSize]`. */
  say(states: Tensor, x: Tensor, ahead: Tensor | undefined): Tensor {
    const { output, dropout: p } = this.#options;
    const dropped = this.training && p > 0 ? dropout(states, p) : states;
    const seen = concat([dropped, x], -1);
    const read = this.context && ahead ? joined(this.context, seen, ahead) : seen;
    const out = this.head.forward(read);
    const { size } = OUTPUTS[output];
    return reshape(out, [out.size / size, size]);
  }
}

/** Lets an output layer say, before it has learnt, these numbers again and again: the reference, as wide as usual. */
export function beginAt(head: Linear, first: readonly number[]): void {
  normal(head.weight, 0, FIRST);
  scope(() =>
    head.bias!.set(
      tensor(Float32Array.from({ length: head.bias!.size }, (_, i) => first[i % first.length]!)),
    ),
  );
}

interface Weights {
  readonly weight: Tensor;
  readonly bias?: Tensor | undefined;
}

/** Where a series has covariates, its state says {@link CONTEXT} numbers to each step ahead, and these join what is known of it. */
export function joined(context: Weights, states: Tensor, ahead: Tensor): Tensor {
  const [rows, horizon] = [states.shape.slice(0, -1), ahead.shape.at(-2)!];
  const said = linear(states, context.weight, context.bias);
  return concat([tanh(reshape(said, [...rows, horizon, CONTEXT])), ahead], -1);
}
