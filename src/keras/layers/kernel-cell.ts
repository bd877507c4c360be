// A cell of Keras by the kernels of RNN, LSTM and GRU, whose activations are theirs.
import { noGrad } from "../../autograd/mode.js";
import { GRU } from "../../nn/gru.js";
import { LSTM } from "../../nn/lstm.js";
import { Module } from "../../nn/module.js";
import type { Recurrent, State } from "../../nn/recurrent.js";
import { RNN } from "../../nn/rnn.js";
import { concat } from "../../ops/join.js";
import { transpose } from "../../ops/permute.js";
import { chunk } from "../../ops/slice.js";
import { zeros } from "../../tensor/create.js";
import type { Parameter } from "../../tensor/parameter.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { WeightReader } from "../weights.js";
import {
  GATES,
  scanned,
  zeroStates,
  type CellRunner,
  type CellShape,
  type DropoutRates,
  type Step,
} from "./cell.js";

/** By the layers of this library, whose GRU has the gates r, z, n where Keras has z, r, h. */
export class KernelCell extends Module implements CellRunner {
  readonly units: number;
  readonly states: number;
  readonly rates: DropoutRates;
  readonly rnn: Recurrent<string>;

  constructor(shape: CellShape, isRelu: boolean, weights: WeightReader) {
    super();
    const { kind, units, usesBias, resetAfter, inputSize } = shape;
    const options = { bias: usesBias };
    const layer =
      kind === "LSTM"
        ? new LSTM(inputSize, units, options)
        : kind === "GRU"
          ? new GRU(inputSize, units, { ...options, resetAfter })
          : new RNN(inputSize, units, { ...options, nonlinearity: isRelu ? "relu" : "tanh" });
    const rnn = layer as unknown as Recurrent<string>;
    this.rnn = rnn;
    this.rates = shape.rates;
    this.units = units;
    this.states = kind === "LSTM" ? 2 : 1;
    const width = GATES[kind] * units;
    const swap = (x: Tensor, axis: number): Tensor => (kind === "GRU" ? withoutOrder(x, axis) : x);
    const parameters = rnn as unknown as Readonly<Record<string, Parameter>>;
    const { weight_ih_l0: ih, weight_hh_l0: hh, bias_ih_l0: bi, bias_hh_l0: bh } = parameters;
    const readMatrix = (name: string, height: number, weight: Parameter): void => {
      const own = (): Tensor => swap(transpose(weight, 0, 1), 1);
      weight.set(transpose(swap(weights.take(name, [height, width], own), 1), 0, 1));
    };
    noGrad(() => {
      readMatrix("kernel", inputSize, ih!);
      readMatrix("recurrent_kernel", units, hh!);
      if (!usesBias) return;
      if (resetAfter) {
        const both = weights.take("bias", [2, width], () =>
          swap(concat([bi!, bh!], 0).reshape([2, width]), 1),
        );
        const [input, hidden] = chunk(swap(both, 1), 2, 0);
        bi!.set(input!.reshape([width]));
        bh!.set(hidden!.reshape([width]));
      } else {
        bi!.set(
          swap(
            weights.take("bias", [width], () => swap(bi!.add(bh!), 0)),
            0,
          ),
        );
        bh!.set(zeros([width]));
      }
    });
  }

  get layer(): Recurrent<string> {
    return this.rnn;
  }

  run(
    x: Tensor,
    states: readonly Tensor[] | undefined,
    lengths: Int32Array | undefined,
    hiddenMask: Tensor | undefined,
  ) {
    const batch = x.shape[0]!;
    if (hiddenMask) {
      const step: Step = (frame, given) =>
        this.#flat(this.rnn.step(frame, this.#state(given)).state, batch);
      return scanned(step, x, states ?? zeroStates(this, batch), lengths, hiddenMask);
    }
    const result = this.rnn.forward(x, { state: states && this.#state(states), lengths });
    return { output: result.output, states: this.#flat(result.state, batch) };
  }

  #state([h, c]: readonly Tensor[]): State {
    const shape = [1, h!.shape[0]!, this.units];
    return { h: h!.reshape(shape), ...(c && { c: c.reshape(shape) }) };
  }

  #flat(state: State, batch: number): Tensor[] {
    const { h, c } = state as { h: Tensor; c?: Tensor };
    return [h, ...(c ? [c] : [])].map((each) => each.reshape([batch, this.units]));
  }
}

/** z, r, h to r, z, h, which is its own inverse. */
function withoutOrder(x: Tensor, axis: number): Tensor {
  const [z, r, h] = chunk(x, 3, axis) as [Tensor, Tensor, Tensor];
  return concat([r, z, h], axis);
}
