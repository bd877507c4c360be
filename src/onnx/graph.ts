// From a graph in a file to steps over slots: names resolved, nodes in an order in which they can run, constants computed.
import { quoted } from "../core/code-points.js";
import { FormatError, HiddenstateError } from "../core/errors.js";
import { tensor } from "../tensor/create.js";
import { Buffer, Parameter } from "../tensor/parameter.js";
import { scopeReturning } from "../tensor/scope.js";
import { Tensor } from "../tensor/tensor.js";
import { describedNode, GraphNode } from "./node.js";
import { operatorOf } from "./operators/index.js";
import { withPatterns } from "./patterns/index.js";
import type { GraphProto, NodeProto, TensorProto } from "./proto/messages.js";
import { DerivedTensors, Run } from "./run.js";
import { storedTensor, type ExternalData, type StoredTensor } from "./tensor-proto.js";
import { isFloat } from "./types.js";
import { Host, onHost, type Value } from "./value.js";

/** A graph that can run. */
export interface Graph {
  readonly steps: readonly GraphNode[];
  /** Slots. */
  readonly inputs: readonly number[];
  readonly outputs: readonly number[];
}

/** A model's graph with all that stays from run to run. */
export interface CompiledGraph {
  readonly graph: Graph;
  /** Nodes that only parameters decide, before all others. */
  readonly prelude: readonly GraphNode[];
  /** Slots that the prelude fills and others read. */
  readonly settled: readonly number[];
  /** Constants and parameters in their slots. */
  readonly values: readonly (Value | undefined)[];
  readonly parameters: ReadonlyMap<string, Parameter | Buffer>;
  readonly constants: readonly Value[];
}

/** Names to slots, within the graphs that a graph stands in. */
class Names {
  readonly #slots = new Map<string, number>();
  readonly #outer: Names | undefined;

  constructor(outer?: Names) {
    this.#outer = outer;
  }

  find(name: string): number | undefined {
    return this.#slots.get(name) ?? this.#outer?.find(name);
  }

  hasOwn(name: string): boolean {
    return this.#slots.has(name);
  }

  set(name: string, slot: number): void {
    this.#slots.set(name, slot);
  }
}

/** Floats with more elements than this are tensors from the begin. */
const SMALL = 64;

/** So many numbers may be computed ahead whatever the file's size; the rest waits until somebody runs the model. */
const FOLDED = 1 << 20;

export class GraphCompiler {
  readonly #opset: number;
  readonly #external: ExternalData | undefined;
  readonly #values: (Value | undefined)[] = [];
  readonly #parameters = new Map<string, Parameter | Buffer>();
  readonly #constants = new Set<Value>();
  /** Slots whose values only parameters and constants decide. */
  readonly #settled = new Set<number>();
  readonly #fold = new DerivedTensors();
  /** How many numbers may still be computed ahead: what a damaged file asks for must not be larger than all others. */
  #room: number;

  /** @param bytes of the file */
  constructor(opset: number, external: ExternalData | undefined, bytes: number) {
    this.#opset = opset;
    this.#external = external;
    this.#room = FOLDED + bytes;
  }

  /** Compiles a model's graph; frees what it made where that fails. */
  compile(proto: GraphProto): CompiledGraph {
    try {
      const graph = this.#graph(proto, undefined);
      const prelude = graph.steps.filter((node) => this.#isSettled(node));
      const steps = graph.steps.filter((node) => !prelude.includes(node));
      const made = new Set(prelude.flatMap(({ outputs }) => outputs));
      const read = [...steps.flatMap((node) => node.reads), ...graph.outputs];
      const settled = [...new Set(read)].filter((slot) => made.has(slot));
      return {
        graph: { ...graph, steps },
        prelude,
        settled,
        values: this.#values,
        parameters: this.#parameters,
        constants: [...this.#constants],
      };
    } catch (error) {
      for (const each of [...this.#parameters.values(), ...this.#constants]) each.dispose();
      throw error;
    }
  }

  #slot(value?: Value): number {
    return this.#values.push(value) - 1;
  }

  #graph(proto: GraphProto, outer: Names | undefined): Graph {
    const names = new Names(outer);
    const fixed = outer ? undefined : fixedOf(proto);
    for (const each of proto.initializer) {
      const slot = this.#slot(this.#initializer(each, fixed));
      if (this.#parameters.get(each.name) === this.#values[slot]) this.#settled.add(slot);
      names.set(each.name, slot);
    }
    const inputs = proto.input.filter(({ name }) => !names.hasOwn(name));
    const inputSlots = inputs.map(({ name }) => {
      const slot = this.#slot();
      names.set(name, slot);
      return slot;
    });
    const steps: GraphNode[] = [];
    for (const node of inOrder(proto, names)) this.#add(node, names, steps);
    const outputs = proto.output.map(({ name }) => {
      const slot = names.find(name);
      if (slot === undefined) throw unknown(name, "the graph's output");
      return slot;
    });
    const fused = withPatterns(steps, outputs, this.#values);
    return { steps: needed(fused, outputs), inputs: inputSlots, outputs };
  }

  /** A tensor of the file: a parameter where it is of floats and has axes, unless an operator reads it as fixed numbers. */
  #initializer(proto: TensorProto, fixed: ReadonlySet<string> | undefined): Value {
    const stored = storedTensor(proto, this.#external);
    if (!fixed || !isFloat(stored.type) || stored.shape.length === 0) return this.#constant(stored);
    const values = tensor(stored.read() as Float32Array, { shape: stored.shape });
    const kept = fixed.has(proto.name) ? new Buffer(values) : new Parameter(values);
    values.dispose();
    this.#parameters.set(proto.name, kept);
    return kept;
  }

  #constant(stored: StoredTensor): Value {
    const { type, shape } = stored;
    const data = stored.read();
    if (data instanceof Float32Array && data.length > SMALL)
      return this.#kept(tensor(data, { shape: stored.shape }));
    return this.#kept(new Host(type, shape, Float64Array.from(data)));
  }

  /** Makes a value one that stays. */
  #kept(value: Value): Value {
    if (this.#constants.has(value)) return value;
    const kept = value instanceof Host ? value.keep() : new Buffer(value);
    if (kept !== value) value.dispose();
    this.#constants.add(kept);
    return kept;
  }

  #add(proto: NodeProto, names: Names, steps: GraphNode[]): void {
    const inputs = proto.input.map((name) => {
      if (name === "") return -1;
      const slot = names.find(name);
      if (slot === undefined) throw unknown(name, `an input of ${describedNode(proto)}`);
      return slot;
    });
    if (proto.opType === "Identity") {
      names.set(proto.output[0] ?? "", inputs[0]!);
      return;
    }
    const branch = this.#chosen(proto, inputs[0] ?? -1);
    if (branch) {
      const { steps: inner, outputs } = this.#graph(branch, names);
      steps.push(...inner);
      proto.output.forEach((name, i) => names.set(name, outputs[i]!));
      return;
    }
    const graphs = new Map<string, Graph>();
    const tensors = new Map<string, Host>();
    for (const { name, g, t } of proto.attribute) {
      if (g) graphs.set(name, this.#graph(g, names));
      if (t) tensors.set(name, onHost(this.#constant(storedTensor(t, this.#external))));
    }
    const outputs = proto.output.map((name) => {
      if (name === "") return -1;
      const slot = this.#slot();
      names.set(name, slot);
      return slot;
    });
    const operator = operatorOf(proto)!;
    const node = new GraphNode(
      proto,
      operator,
      this.#opset,
      { inputs, outputs },
      { graphs, tensors },
    );
    if (this.#folded(node)) return;
    const settled =
      !operator.late &&
      graphs.size === 0 &&
      inputs.every((slot) => slot < 0 || this.#isConstant(slot) || this.#settled.has(slot));
    if (settled) for (const slot of outputs) this.#settled.add(slot);
    steps.push(node);
  }

  /** The graph that an If runs always. */
  #chosen(proto: NodeProto, slot: number): GraphProto | undefined {
    const condition = slot < 0 ? undefined : this.#values[slot];
    if (proto.opType !== "If" || !(condition instanceof Host)) return undefined;
    const name = condition.data[0] ? "then_branch" : "else_branch";
    return proto.attribute.find((each) => each.name === name)?.g;
  }

  #isConstant(slot: number): boolean {
    return this.#values[slot] !== undefined && !this.#settled.has(slot);
  }

  #isSettled({ outputs }: GraphNode): boolean {
    return outputs.some((slot) => this.#settled.has(slot));
  }

  /** Computes a node of constants now. What fails here is told when the model runs. */
  #folded(node: GraphNode): boolean {
    if (node.operator.late || [...node.graphs].length > 0) return false;
    const read = node.inputs.filter((slot) => slot >= 0);
    if (!read.every((slot) => this.#isConstant(slot))) return false;
    if (this.#mostMade(node, read) > this.#room) return false;
    const run = new Run(this.#values, this.#fold);
    const made = (): Value[] =>
      node.outputs.map((slot) => this.#values[slot]!).filter((each) => each !== undefined);
    try {
      scopeReturning(
        () => run.node(node),
        () => made().filter((each) => each instanceof Tensor),
      );
    } catch (error) {
      for (const slot of node.outputs) if (slot >= 0) this.#values[slot] = undefined;
      if (error instanceof HiddenstateError) return false;
      throw error;
    }
    for (const slot of node.outputs)
      if (slot >= 0 && this.#values[slot]) {
        this.#values[slot] = this.#kept(this.#values[slot]);
        this.#room -= this.#values[slot].size;
      }
    return true;
  }

  /** No output of a node has more numbers than this: the product of its inputs' sizes, or of the sizes that they ask for. */
  #mostMade(node: GraphNode, read: readonly number[]): number {
    const asks = BY_NUMBERS.has(node.opType);
    const numbers = read.flatMap((slot) => {
      const value = this.#values[slot]!;
      return asks && value instanceof Host && value.size <= SMALL ? [...value.data] : [value.size];
    });
    const attributes = WINDOWS.has(node.opType) ? [Infinity] : (node.ints("pads") ?? []);
    return [...numbers, ...attributes].reduce(
      (product, each) => product * Math.max(1, Math.abs(each)),
      1,
    );
  }
}

/** Operators whose inputs say how large their outputs are. */
const BY_NUMBERS = new Set([
  ...["ConstantOfShape", "Expand", "Range", "Tile", "OneHot", "Pad", "TopK"],
]);

/** Operators whose outputs are as large as many attributes say. */
const WINDOWS = new Set(["AveragePool", "Conv", "ConvTranspose", "MaxPool"]);

/** Names of tensors that an operator reads as fixed numbers: statistics, scales. */
function fixedOf(proto: GraphProto): ReadonlySet<string> {
  const found = new Set<string>();
  for (const node of proto.node)
    for (const i of FIXED[node.opType] ?? []) if (node.input[i]) found.add(node.input[i]);
  return found;
}

const FIXED: Readonly<Record<string, readonly number[]>> = {
  BatchNormalization: [3, 4],
  QuantizeLinear: [1],
  DequantizeLinear: [1],
  Resize: [1, 2],
  Upsample: [1],
  Clip: [1, 2],
  Pad: [2],
};

/** Steps without those whose outputs nobody reads. */
function needed(steps: readonly GraphNode[], outputs: readonly number[]): GraphNode[] {
  const read = new Set(outputs);
  const kept: GraphNode[] = [];
  for (const node of [...steps].reverse()) {
    if (!node.outputs.some((slot) => read.has(slot))) continue;
    for (const slot of node.reads) read.add(slot);
    kept.push(node);
  }
  return kept.reverse();
}

/**
 * The nodes of a graph, each after those that it reads.
 *
 * @throws FormatError where nodes wait for each other, or for a value that nobody gives
 */
function inOrder(proto: GraphProto, names: Names): NodeProto[] {
  const givers = new Map<string, NodeProto>();
  for (const node of proto.node)
    for (const name of node.output) {
      if (name === "") continue;
      if (givers.has(name) || names.hasOwn(name))
        throw new FormatError({
          op: "readOnnx",
          expected: "each value to be given once",
          got: `${quoted(name)} twice, the second time by ${describedNode(node)}`,
        });
      givers.set(name, node);
    }
  const ordered: NodeProto[] = [];
  const state = new Map<NodeProto, "open" | "done">();
  // Without recursion: graphs are as long as sequences.
  for (const first of proto.node) {
    const pending = [first];
    while (pending.length > 0) {
      const node = pending.at(-1)!;
      if (state.get(node) === "done") {
        pending.pop();
        continue;
      }
      state.set(node, "open");
      const before = readNames(node)
        .map((name) => givers.get(name))
        .filter((each) => each !== undefined && state.get(each) !== "done") as NodeProto[];
      if (before.length === 0) {
        state.set(node, "done");
        ordered.push(node);
        pending.pop();
        continue;
      }
      const circle = before.find((each) => state.get(each) === "open");
      if (circle)
        throw new FormatError({
          op: "readOnnx",
          expected: "a graph without a circle",
          got: `${describedNode(node)}, which waits for ${describedNode(circle)} and gives what that reads`,
        });
      pending.push(...before);
    }
  }
  return ordered;
}

/** Names that a node reads, those that graphs in it take from around them too. */
function readNames(node: NodeProto): string[] {
  const inner = node.attribute.flatMap(({ g }) =>
    g ? [...g.node.flatMap(readNames), ...g.output.map(({ name }) => name)] : [],
  );
  return [...node.input, ...inner].filter((name) => name !== "");
}

function unknown(name: string, what: string): FormatError {
  return new FormatError({
    op: "readOnnx",
    expected: `a value for ${quoted(name)}, ${what}`,
    got: "none in the graph",
  });
}
