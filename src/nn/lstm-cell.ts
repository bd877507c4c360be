import { ShapeError } from "../core/errors.js";
import { checkCount, formatShape, sameShape } from "../core/shape.js";
import { lstmLayer } from "../ops/recurrent/lstm.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { uniformParameter } from "./init.js";
import type { LSTMState } from "./lstm.js";
import { Module } from "./module.js";

/**
 * One step of an LSTM, to build recurrences of your own. Parameters `weight_ih` `[4·hidden, input]`,
 * `weight_hh` `[4·hidden, hidden]`, `bias_ih`, `bias_hh` `[4·hidden]`, as PyTorch's.
 */
export class LSTMCell extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly weight_ih: Parameter;
  readonly weight_hh: Parameter;
  readonly bias_ih: Parameter | undefined;
  readonly bias_hh: Parameter | undefined;

  constructor(inputSize: number, hiddenSize: number, { bias = true }: { bias?: boolean } = {}) {
    super();
    checkCount("LSTMCell", "inputSize", inputSize);
    checkCount("LSTMCell", "hiddenSize", hiddenSize);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    const bound = 1 / Math.sqrt(hiddenSize);
    this.weight_ih = uniformParameter([4 * hiddenSize, inputSize], bound);
    this.weight_hh = uniformParameter([4 * hiddenSize, hiddenSize], bound);
    this.bias_ih = bias ? uniformParameter([4 * hiddenSize], bound) : undefined;
    this.bias_hh = bias ? uniformParameter([4 * hiddenSize], bound) : undefined;
  }

  /**
   * x `[batch, inputSize]` and a state `{ h, c }`, each `[batch, hiddenSize]` (default zeros) → the next
   * state; `h` is the output.
   */
  forward(x: Tensor, state?: LSTMState): LSTMState {
    if (x.shape.length !== 2 || x.shape[1] !== this.inputSize)
      throw new ShapeError({
        op: "lstmCell",
        expected: `input [batch, ${this.inputSize}]`,
        got: formatShape(x.shape),
      });
    const stateShape = [x.shape[0]!, this.hiddenSize];
    if (state)
      for (const part of ["h", "c"] as const)
        requireShape(`state.${part}`, state[part], stateShape);
    const weights = {
      inputWeight: this.weight_ih,
      hiddenWeight: this.weight_hh,
      inputBias: this.bias_ih,
      hiddenBias: this.bias_hh,
    };
    const [output, h, c] = lstmLayer(x, [weights], {
      hiddenSize: this.hiddenSize,
      initial: state && [state.h, state.c],
      cellState: true,
    }) as [Tensor, Tensor, Tensor];
    // The same numbers as h, which nobody would give back outside of a scope.
    output.dispose();
    return { h, c };
  }
}

function requireShape(name: string, { shape }: Tensor, expected: readonly number[]): void {
  if (!sameShape(shape, expected))
    throw new ShapeError({
      op: "lstmCell",
      expected: `${name} ${formatShape(expected)}`,
      got: formatShape(shape),
    });
}
