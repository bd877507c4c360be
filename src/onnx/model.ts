// A model of an ONNX file, as a module.
import { checkCall } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import type { DType } from "../core/dtype.js";
import { DTypeError, OptionError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { records } from "../autograd/mode.js";
import { Module } from "../nn/module.js";
import { clone } from "../ops/convert.js";
import { scopeReturning } from "../tensor/scope.js";
import { Buffer, Parameter } from "../tensor/parameter.js";
import { Tensor } from "../tensor/tensor.js";
import type { OnnxValue } from "./described.js";
import type { CompiledGraph } from "./graph.js";
import type { GraphNode } from "./node.js";
import type { StepCall } from "./operators/recurrent/fused.js";
import { DerivedTensors, Run } from "./run.js";
import { OnnxStream, type OnnxStreamOptions } from "./stream.js";
import { Host, type Value } from "./value.js";

/** Tensors by the names of a model's inputs. */
export type OnnxInputs = Readonly<Record<string, Tensor<DType>>>;

/** Tensors by the names of a model's outputs: float32, or int32 for whole numbers and booleans. */
export type OnnxOutputs = Record<string, Tensor>;

/** What the file says of itself. */
export interface OnnxOrigin {
  /** The version of ONNX's operators. */
  readonly opset: number;
  readonly producer: string;
  /** Notes that were put into the file: vocabularies, labels. */
  readonly metadata: ReadonlyMap<string, string>;
}

/**
 * A model read from an ONNX file by {@link readOnnx}. Its parameters have the initializers' names and shapes, and train as those of
 * any module; one that is called as something of the module's own has `parameter.` before it.
 *
 * @example
 * ```ts
 * const model = readOnnx(toOnnx(new Linear(3, 2)));
 * [...model.stateDict().keys()]; // ["weight", "bias"]
 * model.opset; // 17
 * ```
 */
export class OnnxModel extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "OnnxModel";
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** The version of ONNX's operators that the file asks for. */
  readonly opset: number;
  /** What wrote the file. */
  readonly producer: string;
  /** The file's notes: vocabularies, labels. */
  readonly metadata: ReadonlyMap<string, string>;
  readonly #compiled: CompiledGraph;
  readonly #derived = new DerivedTensors();
  readonly #sources: readonly Tensor[];
  /** Values on the host that the prelude gave. */
  #settledHosts: ReadonlyMap<number, Host> = new Map();

  /** @internal */
  constructor(
    compiled: CompiledGraph,
    inputs: readonly OnnxValue[],
    outputs: readonly OnnxValue[],
    { opset, producer, metadata }: OnnxOrigin,
  ) {
    super();
    this.inputs = inputs;
    this.outputs = outputs;
    this.opset = opset;
    this.producer = producer;
    this.metadata = metadata;
    this.#compiled = compiled;
    this.#sources = [...compiled.parameters.values()];
    for (const [name, value] of compiled.parameters)
      Object.defineProperty(this, name in this ? `parameter.${name}` : name, {
        value,
        enumerable: true,
      });
    // Nothing of it draws: an exported model is one for inference.
    this.training = false;
  }

  /**
   * Runs the graph. Differentiable wherever its operators are.
   *
   * @param inputs a tensor for each of `inputs`, int32 for whole numbers and booleans
   * @returns a tensor for each of `outputs`
   * @throws OptionError for an input that is missing or unknown; DTypeError and ShapeError for one that does not fit
   * @example
   * ```ts
   * const model = readOnnx(toOnnx(new Linear(3, 2), { inputs: { x: ["batch", 3] } }));
   * const { output } = model.forward({ x: ones([4, 3]) });
   * output!.shape; // [4, 2]
   * ```
   */
  forward(inputs: OnnxInputs): OnnxOutputs {
    checkCall("OnnxModel.forward", arguments, "inputs:object");
    const given = this.#given(inputs);
    // While a graph is recorded all of it must stay.
    if (TRAINING && this.#records(given)) return this.#run(given);
    return scopeReturning(
      () => this.#run(given),
      (outputs) => Object.values(outputs),
    );
  }

  /** @internal As {@link forward}, in a scope that is there; steps of recurrent nodes are put into `steps`. */
  run_(inputs: OnnxInputs, steps?: StepCall[]): OnnxOutputs {
    return this.#run(this.#given(inputs), steps);
  }

  /** @internal The nodes that each run computes. */
  get nodes_(): readonly GraphNode[] {
    return this.#compiled.graph.steps;
  }

  #records(given: readonly Value[]): boolean {
    return records(this.#sources) || records(given.filter((each) => each instanceof Tensor));
  }

  /**
   * A running model, step by step, of a graph whose states are inputs and outputs: states stay in it from one step to the next.
   *
   * @param options.states which output is the next value of which input. Default: found by their names (`h0` and `hn`, `state` and
   *   `stateN`, `past` and `present`) where types and axes agree
   * @param options.batch the size of a state's axis that has a name. Default 1
   * @throws OptionError where no states are found, or one that is named is none of the model's
   */
  stream(options: OnnxStreamOptions = {}): OnnxStream {
    checkCall("OnnxModel.stream", arguments, "{states:object batch:number}");
    return new OnnxStream(this, options);
  }

  /** Frees the parameters and all that was worked out of them. */
  override dispose(): void {
    super.dispose();
    this.#derived.dispose();
    for (const each of this.#compiled.constants) each.dispose();
  }

  /** The values of the inputs, checked. */
  #given(inputs: OnnxInputs): Value[] {
    let count = 0;
    for (const name in inputs) if (inputs[name] !== undefined) count++;
    const missing = this.inputs.find(({ name }) => inputs[name] === undefined);
    if (missing || count !== this.inputs.length) throw this.#misnamed(inputs, missing?.name);
    return this.inputs.map((each) => checked(each, inputs[each.name]!));
  }

  #misnamed(inputs: OnnxInputs, missing: string | undefined): OptionError {
    const names = this.inputs.map(({ name }) => name);
    const unknown = Object.keys(inputs).find((name) => !names.includes(name));
    return new OptionError({
      op: "OnnxModel.forward",
      expected: `the inputs ${names.map((name) => quoted(name)).join(", ")}`,
      got: unknown === undefined ? `no ${quoted(missing!)}` : quoted(unknown),
    });
  }

  #run(given: readonly Value[], steps?: StepCall[]): OnnxOutputs {
    const { graph, values } = this.#compiled;
    const run = new Run(values.slice(), this.#derived, steps);
    this.#settle(run);
    graph.inputs.forEach((slot, i) => (run.values[slot] = given[i]));
    const made = run.graph(graph);
    const outputs = made.map((value, i) => {
      const tensor = value instanceof Host ? outputOf(value, this.outputs[i]!) : value;
      // What the caller gets is the caller's to dispose of: nothing of the model's, nor of the inputs.
      const own = tensor instanceof Buffer || tensor instanceof Parameter;
      return own || given.includes(value) ? clone(tensor as Tensor) : tensor;
    });
    const named: OnnxOutputs = {};
    for (let i = 0; i < outputs.length; i++) named[this.outputs[i]!.name] = outputs[i] as Tensor;
    return named;
  }

  /** Fills the slots that only parameters decide. */
  #settle(run: Run): void {
    const { prelude, settled } = this.#compiled;
    if (prelude.length === 0) return;
    const compute = (): Tensor[] => {
      for (const node of prelude) run.node(node);
      const hosts = settled.filter((slot) => run.values[slot] instanceof Host);
      this.#settledHosts = new Map(hosts.map((slot) => [slot, (run.values[slot] as Host).keep()]));
      return settled.map((slot) => run.values[slot]).filter((each) => each instanceof Tensor);
    };
    const made = [...this.#derived.of(prelude, this.#sources, compute)];
    for (const slot of settled) run.values[slot] = this.#settledHosts.get(slot) ?? made.shift();
  }
}

function checked({ name, dtype, type, axes }: OnnxValue, value: unknown): Value {
  checkCall("OnnxModel.forward", [value], INPUT);
  const tensor = value as Tensor<DType>;
  const { shape } = tensor;
  if (tensor.dtype !== dtype)
    throw new DTypeError({ op: opOf(name), expected: dtype, got: tensor.dtype });
  if (axes && !fits(axes, shape))
    throw new ShapeError({
      op: opOf(name),
      expected: `[${axes.join(", ")}]`,
      got: formatShape(shape),
    });
  return dtype === "int32" ? new Host(type, shape, tensor as Tensor<"int32">) : (tensor as Tensor);
}

const INPUT = "input:tensor";

const opOf = (name: string): string => `OnnxModel.forward, input ${quoted(name)}`;

function fits(axes: readonly (number | string)[], shape: readonly number[]): boolean {
  if (axes.length !== shape.length) return false;
  for (let i = 0; i < axes.length; i++)
    if (typeof axes[i] === "number" && axes[i] !== shape[i]) return false;
  return true;
}

function outputOf(value: Host, { dtype }: OnnxValue): Tensor<DType> {
  return dtype === "float32" ? value.floats() : value.ints();
}
