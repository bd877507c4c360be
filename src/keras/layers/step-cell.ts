// A cell of Keras step by step, with any activations, in Keras' layout: TensorFlow.js' own LSTM and GRU have hard_sigmoid.
import { noGrad } from "../../autograd/mode.js";
import { ShapeError } from "../../core/errors.js";
import { readStateBytes, writeStateBytes, type StateHeader } from "../../nn/state-bytes.js";
import { copyOf, StagedLayer, type Stage } from "../../nn/steps.js";
import { linear } from "../../ops/linear.js";
import { matmul } from "../../ops/matmul.js";
import { transpose } from "../../ops/permute.js";
import { chunk } from "../../ops/slice.js";
import { tensor } from "../../tensor/create.js";
import { Parameter } from "../../tensor/parameter.js";
import { scopeWithin } from "../../tensor/scope-stack.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { Activation } from "../activations.js";
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

interface Weights {
  readonly kernel: Tensor;
  readonly recurrent_kernel: Tensor;
  readonly bias: Tensor | undefined;
}

/** A cell with its weights: what the inputs bring, and a step from there. */
interface Prepared {
  readonly project: (x: Tensor) => Tensor;
  readonly step: Step;
}

export class StepCell extends StagedLayer implements CellRunner {
  readonly units: number;
  readonly states: number;
  readonly rates: DropoutRates;
  readonly kernel: Parameter;
  readonly recurrent_kernel: Parameter;
  readonly bias: Parameter | undefined;
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

  get layer(): StagedLayer {
    return this;
  }

  forward(x: Tensor): { output: Tensor } {
    return this.run(x, undefined, undefined, undefined);
  }

  run(
    x: Tensor,
    states: readonly Tensor[] | undefined,
    lengths: Int32Array | undefined,
    hiddenMask: Tensor | undefined,
  ) {
    const { project, step } = this.#prepared(this);
    const first = states ?? zeroStates(this, x.shape[0]!);
    return scanned(step, project(x), first, lengths, hiddenMask);
  }

  stage(batch: number): Stage {
    const copies: Weights = {
      kernel: copyOf(this.kernel),
      recurrent_kernel: copyOf(this.recurrent_kernel),
      bias: copyOf(this.bias),
    };
    const { kind, inputSize } = this.#shape;
    const { states, units } = this;
    const dispose = (): void =>
      Object.values(copies).forEach((each: Tensor | undefined) => each?.dispose());
    const bind = (): Prepared => this.#prepared(copies);
    return new CellStage({ kind, inputSize, states, units, bind, dispose }, batch);
  }

  #prepared({ kernel, recurrent_kernel, bias }: Weights): Prepared {
    const [inputBias, hiddenBias] =
      bias && this.#shape.resetAfter
        ? chunk(bias, 2, 0).map((each) => each.reshape([each.size]))
        : [bias, undefined];
    return {
      project: (x) => linear(x, transpose(kernel, 0, 1), inputBias),
      step: stepOf(this.#shape, this.#act, this.#gate, recurrent_kernel, hiddenBias),
    };
  }
}

function stepOf(
  { kind, resetAfter, units }: CellShape,
  act: Activation,
  gate: Activation,
  hidden: Tensor,
  hiddenBias: Tensor | undefined,
): Step {
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

interface StreamedCell {
  readonly kind: string;
  readonly inputSize: number;
  readonly states: number;
  readonly units: number;
  /** The weights as a step reads them. */
  readonly bind: () => Prepared;
  /** Frees the copies of the weights. */
  readonly dispose: () => void;
}

/** A cell's part of a stream. */
class CellStage implements Stage {
  readonly outputSize: number;
  readonly #cell: StreamedCell;
  readonly #batch: number;
  /** How many stages share the weights. */
  readonly #holders: { count: number };
  #states: Float32Array[];
  #own: Float32Array;

  constructor(cell: StreamedCell, batch: number, holders = { count: 0 }) {
    this.outputSize = cell.units;
    this.#cell = cell;
    this.#batch = batch;
    this.#holders = holders;
    holders.count++;
    this.#states = this.#zeros();
    this.#own = new Float32Array(batch * cell.units);
  }

  get #rows(): number {
    return this.#own.length / this.outputSize;
  }

  push(x: Float32Array): Float32Array {
    const { inputSize, units, bind } = this.#cell;
    const rows = this.#rows;
    if (x.length !== rows * inputSize)
      throw new ShapeError({
        op: "streamOf.push",
        expected: `${rows * inputSize} numbers`,
        got: String(x.length),
      });
    scopeWithin(() =>
      noGrad(() => {
        const { project, step } = bind();
        const states = this.#states.map((state) => tensor(state, { shape: [rows, units] }));
        const next = step(project(tensor(x, { shape: [rows, inputSize] })), states);
        next.forEach((state, i) => state.data(this.#states[i]));
      }),
    );
    this.#own.set(this.#states[0]!);
    return this.#own;
  }

  select(order: Int32Array): void {
    const { units } = this.#cell;
    this.#states = this.#states.map((state) => {
      const moved = new Float32Array(order.length * units);
      order.forEach((row, i) =>
        moved.set(state.subarray(row * units, (row + 1) * units), i * units),
      );
      return moved;
    });
    this.#own = new Float32Array(order.length * units);
  }

  reset(): void {
    this.#states = this.#zeros();
    this.#own = new Float32Array(this.#batch * this.outputSize);
  }

  clone(): CellStage {
    const copy = new CellStage(this.#cell, this.#batch, this.#holders);
    copy.#states = this.#states.map((state) => state.slice());
    copy.#own = new Float32Array(this.#own.length);
    return copy;
  }

  dispose(): void {
    if (--this.#holders.count === 0) this.#cell.dispose();
  }

  toBytes(): Uint8Array {
    return writeStateBytes(this.#header, this.#states);
  }

  fromBytes(bytes: Uint8Array): void {
    const values = readStateBytes(bytes, this.#header);
    const each = values.length / this.#states.length;
    this.#states = this.#states.map((_, i) => values.slice(i * each, (i + 1) * each));
  }

  get #header(): StateHeader {
    const { kind, states, units } = this.#cell;
    return { cell: kind, sizes: [states, 1, this.#rows, units], values: states * this.#own.length };
  }

  #zeros(): Float32Array[] {
    const { states, units } = this.#cell;
    return Array.from({ length: states }, () => new Float32Array(this.#batch * units));
  }
}
