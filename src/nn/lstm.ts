import { OptionError } from "../core/errors.js";
import { lstmSequence } from "../ops/lstm.js";
import type { Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { Carry } from "./carry.js";
import { Stream, type StreamCell } from "./stream.js";
import { Recurrent, type Lengths, type RecurrentOptions } from "./recurrent.js";

/** An LSTM's state: hidden and cell, each `[numLayers · directions, batch, hidden]`. */
export interface LSTMState {
  readonly h: Tensor;
  readonly c: Tensor;
}

export type LSTMOptions = RecurrentOptions;

/**
 * Long short-term memory (Hochreiter & Schmidhuber 1997, with forget gates of Gers et al. 2000), as
 * PyTorch computes it:
 *
 * i, f, o = σ(W_i· x + b_i· + W_h· h + b_h·); g = tanh(…); c' = f ⊙ c + i ⊙ g; h' = o ⊙ tanh(c')
 *
 * Gates stand in the order i, f, g, o in every weight.
 */
export class LSTM extends Recurrent {
  constructor(inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    super("LSTM", 4, inputSize, hiddenSize, options);
  }

  /**
   * Runs over whole sequences.
   *
   * @param x `[batch, time, inputSize]`
   * @param options.state where to start; default zeros
   * @param options.lengths steps that count in each row, 0..time. Past its length a row's state is
   *   carried on unchanged and its output is zero; what stands there in `x` has no influence at all
   * @returns `output` `[batch, time, hidden · directions]` of the last layer; the `state` after each row's
   *   last step, part of the graph
   */
  forward(
    x: Tensor,
    { state, lengths }: LSTMForwardOptions = {},
  ): { output: Tensor; state: LSTMState } {
    this.checkInput(x, 3);
    const [batch, time] = x.shape as [number, number];
    return this.#run(x, state, this.checkLengths(lengths, batch, time));
  }

  /**
   * One time step: x `[batch, inputSize]` → output `[batch, hidden]`. Differentiable; nothing is
   * changed in place.
   *
   * @throws OptionError when bidirectional: the backward direction needs the whole sequence
   */
  step(x: Tensor, state?: LSTMState): { output: Tensor; state: LSTMState } {
    this.#refuseBidirectional("step");
    this.checkInput(x, 2);
    return this.#run(x, state, undefined);
  }

  /**
   * A running state for inference step by step that allocates nothing: it owns packed copies of the
   * weights as they are now.
   */
  stream({ batch = 1 }: { batch?: number } = {}): Stream<"h" | "c"> {
    this.#refuseBidirectional("stream");
    return new Stream(CELL, this.weights, {
      inputSize: this.inputSize,
      hiddenSize: this.hiddenSize,
      batch,
    });
  }

  /**
   * A state on the heap for truncated backpropagation: pass it as `state`, then `carry.set(state)` with
   * the state that came back. Gradients do not flow through it.
   */
  carry(batch: number): Carry<LSTMState> {
    return new Carry({ h: this.stateShape(batch), c: this.stateShape(batch) });
  }

  #run(
    x: Tensor,
    state: LSTMState | undefined,
    lengths: Int32Array | undefined,
  ): { output: Tensor; state: LSTMState } {
    const stateShape = this.stateShape(x.shape[0]!);
    if (state) this.checkState({ h: state.h, c: state.c }, stateShape);
    const [output, h, c] = lstmSequence(x, state, this.weights, {
      hiddenSize: this.hiddenSize,
      bidirectional: this.bidirectional,
      dropout: this.training ? this.dropout : 0,
      lengths,
      stateShape,
    });
    return { output, state: { h, c } };
  }

  #refuseBidirectional(method: string): void {
    if (this.bidirectional)
      throw new OptionError({
        op: `lstm.${method}`,
        expected: "a layer that reads forwards only",
        got: "a bidirectional one",
        cure: "The backward direction needs the whole sequence: use forward().",
      });
  }
}

export interface LSTMForwardOptions {
  state?: LSTMState;
  lengths?: Lengths;
}

const CELL: StreamCell<"h" | "c"> = {
  name: "lstm",
  gates: 4,
  parts: ["h", "c"],
  step: (state, gates, x, { wx, wh, bias, inputSize }, batch, hidden) =>
    kernels().lstmStep(state[0]!, state[1]!, gates, x, wx, wh, bias, batch, inputSize, hidden),
};
