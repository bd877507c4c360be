// A graph whose states are inputs and outputs, step by step.
import { noGrad } from "../autograd/mode.js";
import { checkCall, checkCount } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import type { DType } from "../core/dtype.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { zeros } from "../tensor/create.js";
import { Buffer } from "../tensor/parameter.js";
import { formatShape, sameShape } from "../core/shape.js";
import { clone } from "../ops/convert.js";
import { scope, scopeReturning } from "../tensor/scope.js";
import type { Tensor } from "../tensor/tensor.js";
import { copyBytes } from "../wasm/memory.js";
import type { OnnxValue } from "./described.js";
import { DirectStep } from "./direct-step.js";
import type { StepCall } from "./operators/recurrent/fused.js";
import type { OnnxInputs, OnnxModel } from "./model.js";

export interface OnnxStreamOptions {
  /** The output that is the next value of an input: `{ h0: "hn" }`. Default: found by names. */
  states?: Readonly<Record<string, string>> | undefined;
  /** The size of a state's axes that have names. Default 1. */
  batch?: number | undefined;
}

/** The numbers of each output that is no state. */
export type OnnxStepOutputs = Record<string, Float32Array | Int32Array>;

/**
 * Runs a model step by step; made by `OnnxModel.stream`.
 *
 * @example
 * ```ts
 * const stream = readOnnx(toOnnx(new GRU(3, 4), { states: true })).stream();
 * const { output } = stream.step({ x: ones([1, 1, 3]) });
 * output!.length; // 4
 * ```
 */
export class OnnxStream {
  readonly #model: OnnxModel;
  /** States by the names of their inputs. */
  readonly #states = new Map<string, Buffer<DType>>();
  /** Names of inputs to names of outputs. */
  readonly #next: ReadonlyMap<string, string>;
  readonly #outputs: readonly string[];
  readonly #batch: number;
  /** Whether a step was taken, and how others follow where it was one call of a kernel. */
  #begun = false;
  #direct: DirectStep | undefined;
  /** Axes of inputs that are the batch's, by its name. */
  readonly #rows: readonly (readonly [name: string, axis: number])[];

  /** @internal */
  constructor(model: OnnxModel, { states, batch = 1 }: OnnxStreamOptions) {
    checkCount("OnnxModel.stream", "batch", batch);
    this.#model = model;
    this.#batch = batch;
    this.#next = states ? named(model, states) : found(model);
    const kept = model.inputs.filter(({ name }) => this.#next.has(name));
    this.#rows = rowsOf(
      kept,
      model.inputs.filter(({ name }) => !this.#next.has(name)),
      batch,
    );
    const read = new Set(this.#next.values());
    this.#outputs = model.outputs.map(({ name }) => name).filter((name) => !read.has(name));
    scope(() => {
      for (const each of kept) this.#states.set(each.name, stateOf(each, batch));
    });
  }

  /** Names of the inputs that are states. */
  get states(): string[] {
    return [...this.#states.keys()];
  }

  /**
   * One step.
   *
   * @param inputs a tensor for each input that is no state
   * @returns the numbers of each output that is no state
   */
  step(inputs: OnnxInputs): OnnxStepOutputs {
    checkCall("OnnxStream.step", arguments, "inputs:object");
    const direct = this.#direct?.step(inputs);
    if (direct) return direct;
    const given: Record<string, Tensor<DType>> = { ...inputs };
    for (const [name, state] of this.#states) {
      if (name in inputs)
        throw new OptionError({
          op: "OnnxStream.step",
          expected: "the inputs that are no states",
          got: `"${name}"`,
          cure: "A stream keeps its states itself; forward() takes them.",
        });
      given[name] = state;
    }
    for (const [name, axis] of this.#rows) {
      const rows = given[name]?.shape?.[axis];
      if (rows !== undefined && rows !== this.#batch) throw this.#otherBatch(name, rows);
    }
    const numbers: OnnxStepOutputs = {};
    scopeReturning(
      () => noGrad(() => this.#step(given, numbers)),
      () => [],
    );
    return numbers;
  }

  #otherBatch(name: string, rows: number): ShapeError {
    return new ShapeError({
      op: `OnnxStream.step, input ${quoted(name)}`,
      expected: `a batch of ${this.#batch}, as the states have`,
      got: `${rows}`,
      cure: `stream({ batch: ${rows} }) keeps the states of as many.`,
    });
  }

  #step(given: OnnxInputs, numbers: OnnxStepOutputs): void {
    const calls: StepCall[] | undefined = this.#begun ? undefined : [];
    this.#begun = true;
    const made = this.#model.run_(given, calls);
    if (calls)
      this.#direct = DirectStep.after({
        ...{ steps: this.#model.nodes_, calls, given, made },
        ...{ next: this.#next, states: this.#states },
      });
    const next = [...this.#states.keys()].map((name) => this.#following(made, name));
    let i = 0;
    for (const { storage, shape } of this.#states.values()) {
      const value = next[i++]!;
      if (!sameShape(value.shape, shape))
        throw new ShapeError({
          op: "OnnxStream.step",
          expected: `a next state ${formatShape(shape)}`,
          got: formatShape(value.shape),
          cure: "States that grow, such as keys and values, are the caller's: forward() takes and gives them.",
        });
      copyBytes(storage.ptr, value.address("OnnxStream.step"), storage.bytes);
      storage.version++;
    }
    for (const name of this.#outputs) numbers[name] = made[name]!.data();
  }

  /** What a state becomes; a copy of what is a view of a state, which is about to change. */
  #following(made: Readonly<Record<string, Tensor>>, name: string): Tensor {
    const value = made[this.#next.get(name)!]!;
    for (const { storage } of this.#states.values())
      if (storage === value.storage) return clone(value);
    return value;
  }

  /** Begins anew: all states are zeros. */
  reset(): void {
    for (const state of this.#states.values())
      state.set(
        state.dtype === "float32" ? new Float32Array(state.size) : new Int32Array(state.size),
      );
  }

  /** Frees the states. */
  dispose(): void {
    this.#direct?.dispose();
    for (const state of this.#states.values()) state.dispose();
  }
}

function stateOf({ name, axes, dtype }: OnnxValue, batch: number): Buffer<DType> {
  if (!axes)
    throw new OptionError({
      op: "OnnxModel.stream",
      expected: `the axes of state ${quoted(name)} in the file`,
      got: "none",
    });
  const shape = axes.map((size) => (typeof size === "number" ? size : batch));
  return new Buffer(zeros(shape, { dtype }));
}

/** The axes of other inputs that are called as the states' own, which has the size of the batch. */
function rowsOf(
  states: readonly OnnxValue[],
  others: readonly OnnxValue[],
  batch: number,
): [name: string, axis: number][] {
  const names = new Set(states.flatMap(({ axes = [] }) => axes.filter(isName)));
  if (names.size === 0 && batch !== 1)
    throw new OptionError({
      op: "OnnxModel.stream",
      expected: "batch 1: all sizes of the states are fixed in the file",
      got: `${batch}`,
      cure: "Export it with a name for the batch's axis: dynamic_axes.",
    });
  names.delete("?");
  return others.flatMap(({ name, axes = [] }) =>
    axes.flatMap((axis, i): [string, number][] => (names.has(axis as string) ? [[name, i]] : [])),
  );
}

const isName = (axis: number | string): axis is string => typeof axis === "string";

/** Pairs as they were given, checked. */
function named(
  { inputs, outputs }: OnnxModel,
  states: Readonly<Record<string, string>>,
): ReadonlyMap<string, string> {
  const refuse = (expected: string, from: string, to: unknown): never => {
    throw new OptionError({
      op: "OnnxModel.stream",
      expected,
      got: `${quoted(from)} to ${typeof to === "string" ? quoted(to) : described(to)}`,
      cure: `Inputs are ${listed(inputs)}, outputs ${listed(outputs)}.`,
    });
  };
  const pairs = Object.entries<unknown>(states);
  if (pairs.length === 0)
    throw new OptionError({
      op: "OnnxModel.stream",
      expected: 'states: { h0: "hn" }, an input to the output that is its next value',
      got: "none",
      cure: "Without the option they are found by their names.",
    });
  for (const [from, to] of pairs) {
    const input = inputs.find(({ name }) => name === from);
    const output = outputs.find(({ name }) => name === to);
    if (!input || !output)
      return refuse("states from an input to an output of the model", from, to);
    if (input.type !== output.type || !mayBeSame(input.axes, output.axes))
      return refuse(
        "a state that goes in as it comes out: of one type, with the same axes",
        `${from}: ${typed(input)}`,
        `${output.name}: ${typed(output)}`,
      );
  }
  return new Map(Object.entries(states));
}

/** Whether no two sizes that are known differ. */
function mayBeSame(a: OnnxValue["axes"], b: OnnxValue["axes"]): boolean {
  if (!a || !b) return true;
  if (a.length !== b.length) return false;
  return a.every((size, i) => isName(size) || isName(b[i]!) || size === b[i]);
}

const typed = ({ type, axes }: OnnxValue): string => `${type} [${axes?.join(", ") ?? "?"}]`;

/** Pairs whose names are the same but for what says which of them is the next, of one type and the same axes. */
function found({ inputs, outputs }: OnnxModel): ReadonlyMap<string, string> {
  const pairs = inputs.flatMap(({ name, type, axes }): [string, string][] => {
    const same = outputs.filter(
      (each) =>
        bare(each.name) === bare(name) &&
        each.name !== name + "s" &&
        each.type === type &&
        mayBeSame(each.axes, axes),
    );
    return same.length === 1 ? [[name, same[0]!.name]] : [];
  });
  if (pairs.length === 0)
    throw new OptionError({
      op: "OnnxModel.stream",
      expected: "states: an input whose next value is an output, by their names",
      got: `inputs ${listed(inputs)} and outputs ${listed(outputs)}`,
      cure: 'Name them: stream({ states: { h0: "hn" } }). A model without states has forward().',
    });
  return new Map(pairs);
}

/** `h0`, `hn`, `h_in` and `h_out` are `h`; `past_key` and `present_key` are `key`; `stateN` is `state`. */
function bare(name: string): string {
  return name
    .replace(/([a-z])N$/, "$1")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .map((part) => part.replace(/^([hc])(\d+|n|in|out)$/, "$1"))
    .filter((part) => !NEXT.includes(part))
    .join("_");
}

const NEXT = [
  ...["", "in", "out", "input", "output", "past", "present", "prev", "previous", "next", "new"],
  ...["old", "initial", "final", "y", "0", "1", "n", "cur", "current", "updated"],
];

function listed(values: readonly OnnxValue[]): string {
  return values.map(({ name }) => quoted(name)).join(", ");
}
