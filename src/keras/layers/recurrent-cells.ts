// A cell of Keras over a sequence: by the kernels of RNN, LSTM and GRU where the activations are theirs, else step by step.
import { noGrad } from "../../autograd/mode.js";
import { GRU } from "../../nn/gru.js";
import { LSTM } from "../../nn/lstm.js";
import { Module } from "../../nn/module.js";
import type { Recurrent, State } from "../../nn/recurrent.js";
import { RNN } from "../../nn/rnn.js";
import { scanCell } from "../../nn/scan.js";
import { mul } from "../../ops/arithmetic.js";
import { concat } from "../../ops/join.js";
import { linear } from "../../ops/linear.js";
import { matmul } from "../../ops/matmul.js";
import { transpose } from "../../ops/permute.js";
import { chunk } from "../../ops/slice.js";
import { zeros } from "../../tensor/create.js";
import { Parameter } from "../../tensor/parameter.js";
import type { Tensor } from "../../tensor/tensor.js";
import { activationName, activationOf, type Activation } from "../activations.js";
import { numberOf, type Config } from "../config.js";
import { sizeIn, unknownOption, type LayerParts } from "../layer.js";
import type { WeightReader } from "../weights.js";

/** Which recurrence. */
export type CellKind = "SimpleRNN" | "LSTM" | "GRU";

const GATES: Readonly<Record<CellKind, number>> = { SimpleRNN: 1, LSTM: 4, GRU: 3 };

/** A cell over whole sequences `[batch, time, features]`: outputs, and the states after each row's last step, `[batch, units]` each. */
export interface CellRunner extends Module {
  readonly units: number;
  /** 2 of an LSTM: h and c; else 1. */
  readonly states: number;
  /** In training: of the inputs, and of h, each the same at every step. */
  readonly rates: DropoutRates;
  /** @param hiddenMask `[batch, units]`, by which h is multiplied where a step reads it */
  run(
    x: Tensor,
    states: readonly Tensor[] | undefined,
    lengths: Int32Array | undefined,
    hiddenMask: Tensor | undefined,
  ): { output: Tensor; states: Tensor[] };
  /** The layer by which a stream runs it; undefined where there is none. */
  readonly layer: Recurrent<string> | undefined;
}

export interface DropoutRates {
  readonly input: number;
  readonly hidden: number;
}

type Step = (x: Tensor, states: readonly Tensor[]) => Tensor[];

/** A cell step by step: h is the first of its states. */
function scanned(
  step: Step,
  x: Tensor,
  first: readonly Tensor[],
  lengths: Int32Array | undefined,
  hiddenMask: Tensor | undefined,
): { output: Tensor; states: Tensor[] } {
  const { output, state } = scanCell<readonly Tensor[]>(
    (frame, state) => {
      const [h, ...others] = state!;
      const next = step(frame, [hiddenMask ? mul(h!, hiddenMask) : h!, ...others]);
      return { output: next[0]!, state: next };
    },
    x,
    { state: first, lengths },
  );
  return { output, states: [...state] };
}

/** The cell of a layer or a cell's configuration, with its arrays. */
export function makeCell(
  kind: CellKind,
  parts: LayerParts,
  config: Config,
  weights: WeightReader,
): CellRunner {
  const units = sizeIn({ ...parts, config }, "units");
  const usesBias = config.use_bias !== false;
  const resetAfter =
    kind === "GRU" &&
    (config.reset_after === undefined || config.reset_after === null
      ? parts.dialect === "keras3"
      : config.reset_after === true);
  const activation = activationName(config.activation ?? "tanh");
  // Keras 3 and tf.keras have sigmoid where nothing is said; TensorFlow.js and Keras 2.2 say it always.
  const gate = activationName(config.recurrent_activation ?? "sigmoid");
  const kernels =
    kind === "SimpleRNN"
      ? activation === "tanh" || activation === "relu"
      : activation === "tanh" && gate === "sigmoid";
  const shape: CellShape = {
    kind,
    units,
    usesBias,
    resetAfter,
    inputSize: weights.peek()?.[0] ?? 0,
    rates: {
      input: numberOf(config.dropout, 0),
      hidden: numberOf(config.recurrent_dropout, 0),
    },
  };
  if (shape.inputSize < 1) throw unknownOption(parts, "weights", null);
  if (kernels) return new KernelCell(shape, activation === "relu", weights);
  const [act, rec] = [activation, gate].map((name) =>
    activationOf(parts.op, parts.name, name, parts.dialect),
  );
  return new StepCell(shape, act!, rec!, weights);
}

interface CellShape {
  readonly kind: CellKind;
  readonly units: number;
  readonly usesBias: boolean;
  readonly resetAfter: boolean;
  readonly inputSize: number;
  readonly rates: DropoutRates;
}

/** By the layers of this library, whose GRU has the gates r, z, n where Keras has z, r, h. */
class KernelCell extends Module implements CellRunner {
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
    noGrad(() => {
      ih!.set(
        transpose(
          swap(
            weights.take("kernel", [inputSize, width], () => swap(transpose(ih!, 0, 1), 1)),
            1,
          ),
          0,
          1,
        ),
      );
      hh!.set(
        transpose(
          swap(
            weights.take("recurrent_kernel", [units, width], () => swap(transpose(hh!, 0, 1), 1)),
            1,
          ),
          0,
          1,
        ),
      );
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
    return { h: h!.reshape(shape), ...(c && { c: c.reshape(shape) }) } as State;
  }

  #flat(state: State, batch: number): Tensor[] {
    const { h, c } = state as { h: Tensor; c?: Tensor };
    return [h, ...(c ? [c] : [])].map((each) => each.reshape([batch, this.units]));
  }
}

function zeroStates({ states, units }: CellRunner, batch: number): Tensor[] {
  return Array.from({ length: states }, () => zeros([batch, units]));
}

/** z, r, h to r, z, h, which is its own inverse. */
function withoutOrder(x: Tensor, axis: number): Tensor {
  const [z, r, h] = chunk(x, 3, axis) as [Tensor, Tensor, Tensor];
  return concat([r, z, h], axis);
}

/** Step by step, with any activations, in Keras' layout. */
class StepCell extends Module implements CellRunner {
  readonly units: number;
  readonly states: number;
  readonly rates: DropoutRates;
  readonly kernel: Parameter;
  readonly recurrent_kernel: Parameter;
  readonly bias: Parameter | undefined;
  readonly layer = undefined;
  readonly #shape: CellShape;
  readonly #act: Activation;
  readonly #gate: Activation;

  constructor(shape: CellShape, act: Activation, gate: Activation, weights: WeightReader) {
    super();
    const { kind, units, usesBias, resetAfter, inputSize } = shape;
    const width = GATES[kind] * units;
    this.units = units;
    this.rates = shape.rates;
    this.states = kind === "LSTM" ? 2 : 1;
    this.#shape = shape;
    this.#act = act;
    this.#gate = gate;
    this.kernel = new Parameter(weights.take("kernel", [inputSize, width], () => this.kernel));
    this.recurrent_kernel = new Parameter(
      weights.take("recurrent_kernel", [units, width], () => this.recurrent_kernel),
    );
    if (usesBias)
      this.bias = new Parameter(
        weights.take("bias", resetAfter ? [2, width] : [width], () => this.bias!),
      );
  }

  run(
    x: Tensor,
    states: readonly Tensor[] | undefined,
    lengths: Int32Array | undefined,
    hiddenMask: Tensor | undefined,
  ) {
    const { resetAfter } = this.#shape;
    const [inputBias, hiddenBias] =
      this.bias && resetAfter
        ? chunk(this.bias, 2, 0).map((each) => each.reshape([each.size]))
        : [this.bias, undefined];
    const projected = linear(x, transpose(this.kernel, 0, 1), inputBias);
    const first = states ?? zeroStates(this, x.shape[0]!);
    return scanned(this.#step(hiddenBias), projected, first, lengths, hiddenMask);
  }

  #step(hiddenBias: Tensor | undefined): Step {
    const { kind, resetAfter, units } = this.#shape;
    const [act, gate] = [this.#act, this.#gate];
    const hidden = this.recurrent_kernel;
    if (kind === "SimpleRNN") return (x, [h]) => [act(x.add(matmul(h!, hidden)))];
    if (kind === "LSTM")
      return (x, [h, c]) => {
        const [i, f, g, o] = chunk(x.add(matmul(h!, hidden)), 4, 1) as [
          Tensor,
          Tensor,
          Tensor,
          Tensor,
        ];
        const next = gate(f)
          .mul(c!)
          .add(gate(i).mul(act(g)));
        return [gate(o).mul(act(next)), next];
      };
    if (resetAfter)
      return (x, [h]) => {
        const [xz, xr, xh] = chunk(x, 3, 1) as [Tensor, Tensor, Tensor];
        const product = matmul(h!, hidden);
        const [hz, hr, hh] = chunk(hiddenBias ? product.add(hiddenBias) : product, 3, 1) as [
          Tensor,
          Tensor,
          Tensor,
        ];
        const z = gate(xz.add(hz));
        const candidate = act(xh.add(gate(xr.add(hr)).mul(hh)));
        return [z.mul(h!).add(candidate.mul(z.mul(-1).add(1)))];
      };
    const [first, last] = [hidden.slice(1, 0, 2 * units), hidden.slice(1, 2 * units)];
    return (x, [h]) => {
      const [xz, xr, xh] = chunk(x, 3, 1) as [Tensor, Tensor, Tensor];
      const [hz, hr] = chunk(matmul(h!, first), 2, 1) as [Tensor, Tensor];
      const z = gate(xz.add(hz));
      const candidate = act(xh.add(matmul(gate(xr.add(hr)).mul(h!), last)));
      return [z.mul(h!).add(candidate.mul(z.mul(-1).add(1)))];
    };
  }
}
