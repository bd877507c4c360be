// A stream's step where the graph is one recurrent node and views of what it reads and gives: the kernel's call, with nothing around it.
import { sameShape, type Shape } from "../core/shape.js";
import { zeros } from "../tensor/create.js";
import { Buffer, Parameter } from "../tensor/parameter.js";
import { scope } from "../tensor/scope.js";
import type { DType } from "../core/dtype.js";
import type { Tensor } from "../tensor/tensor.js";
import type { GraphNode } from "./node.js";
import type { StepCall } from "./operators/recurrent/fused.js";
import type { OnnxInputs } from "./model.js";

/** Operators that give their input's elements under another shape, where axes that they move have one element. */
const VIEWS = new Set(["Flatten", "Reshape", "Squeeze", "Transpose", "Unsqueeze"]);

/** What a first step showed of a model. */
export interface FirstStep {
  readonly steps: readonly GraphNode[];
  /** Steps of recurrent nodes that were taken. */
  readonly calls: readonly StepCall[];
  readonly given: OnnxInputs;
  readonly made: Readonly<Record<string, Tensor>>;
  /** Names of inputs to names of outputs. */
  readonly next: ReadonlyMap<string, string>;
  readonly states: ReadonlyMap<string, Buffer<DType>>;
}

export class DirectStep {
  readonly #call: StepCall;
  readonly #name: string;
  readonly #shape: Shape;
  /** h, of an LSTM c too. */
  readonly #state: readonly number[];
  readonly #buffers: readonly Buffer<DType>[];
  readonly #scratch: Buffer;
  /** Which part of the state each output is. */
  readonly #outputs: readonly (readonly [name: string, part: number])[];

  private constructor(
    call: StepCall,
    name: string,
    shape: Shape,
    buffers: readonly Buffer<DType>[],
    outputs: readonly (readonly [string, number])[],
  ) {
    this.#call = call;
    this.#name = name;
    this.#shape = shape;
    this.#buffers = buffers;
    this.#state = buffers.map(({ storage }) => storage.ptr);
    this.#scratch = scope(() => new Buffer(zeros([Math.max(1, call.scratch)])));
    this.#outputs = outputs;
  }

  /** The steps after a first one; undefined where a step is more than its recurrent node. */
  static after({ steps, calls, given, made, next, states }: FirstStep): DirectStep | undefined {
    const [call, more] = calls;
    if (!call || more || !call.weights.every((each) => each instanceof Parameter)) return undefined;
    if (steps.filter(({ opType }) => !VIEWS.has(opType)).length !== 1) return undefined;
    // Views have the storage of what they are of.
    const names = Object.keys(given).filter((name) => !states.has(name));
    const [name] = names as [string];
    if (names.length !== 1 || given[name]!.storage !== call.x) return undefined;
    if (states.size !== call.state.length) return undefined;
    const inputs = [...states].map(
      ([own, { storage }]) => [own, call.from.indexOf(storage)] as const,
    );
    const parts = new Map(
      Object.entries(made).map(([own, { storage }]) => [own, call.state.indexOf(storage)]),
    );
    if ([...parts.values()].includes(-1)) return undefined;
    // Each state is its own next value, so that it may change in its place.
    if (!inputs.every(([own, part]) => part >= 0 && parts.get(next.get(own)!) === part))
      return undefined;
    const buffers = call.state.map((_, part) =>
      states.get(inputs.find(([, each]) => each === part)![0])!,
    );
    const read = new Set(next.values());
    return new DirectStep(
      call,
      name,
      given[name]!.shape,
      buffers,
      [...parts].filter(([own]) => !read.has(own)),
    );
  }

  /** The outputs' numbers; undefined where the inputs are others than those of the first step. */
  step(inputs: OnnxInputs): Record<string, Float32Array> | undefined {
    for (const name in inputs) if (name !== this.#name) return undefined;
    const x = inputs[this.#name];
    if (x?.dtype !== "float32" || !sameShape(x.shape, this.#shape)) return undefined;
    this.#call.run(this.#state, this.#scratch.storage.ptr, x.address("OnnxStream.step"));
    for (const { storage } of this.#buffers) storage.version++;
    const numbers: Record<string, Float32Array> = {};
    for (const [name, part] of this.#outputs)
      numbers[name] = this.#buffers[part]!.data() as Float32Array;
    return numbers;
  }

  dispose(): void {
    this.#scratch.dispose();
  }
}
