// A node of a graph: its operator, its attributes, where its values are.
import { quoted } from "../core/code-points.js";
import { FormatError } from "../core/errors.js";
import { floats, varints } from "./proto/numbers.js";
import { ATTRIBUTE_TYPES, type AttributeProto, type NodeProto } from "./proto/messages.js";
import type { Graph } from "./graph.js";
import type { Operator } from "./operator.js";
import type { Host } from "./value.js";

type AttributeKind = keyof typeof ATTRIBUTE_TYPES;

/** What a run takes: values by slots. */
export class GraphNode {
  readonly opType: string;
  readonly name: string;
  /** The version of the operators' set that the model asks for. */
  readonly opset: number;
  readonly operator: Operator;
  /** Slots of its inputs; -1 where an optional one is missing. */
  readonly inputs: readonly number[];
  /** Slots of its outputs; -1 where nobody reads one. */
  readonly outputs: readonly number[];
  readonly #attributes: ReadonlyMap<string, AttributeProto>;
  readonly #decoded = new Map<string, unknown>();
  /** Graphs and tensors among the attributes, by their names. */
  readonly #graphs: ReadonlyMap<string, Graph>;
  readonly #tensors: ReadonlyMap<string, Host>;

  constructor(
    proto: NodeProto,
    operator: Operator,
    opset: number,
    slots: { inputs: readonly number[]; outputs: readonly number[] },
    parts: { graphs: ReadonlyMap<string, Graph>; tensors: ReadonlyMap<string, Host> },
  ) {
    this.opType = proto.opType;
    this.name = proto.name;
    this.opset = opset;
    this.operator = operator;
    this.inputs = slots.inputs;
    this.outputs = slots.outputs;
    this.#attributes = new Map(proto.attribute.map((each) => [each.name, each]));
    this.#graphs = parts.graphs;
    this.#tensors = parts.tensors;
  }

  has(name: string): boolean {
    return this.#attributes.has(name);
  }

  int(name: string, missing: number): number {
    return this.#read(name, "int", ({ i }) => i) ?? missing;
  }

  float(name: string, missing: number): number {
    return this.#read(name, "float", ({ f }) => f) ?? missing;
  }

  string(name: string, missing: string): string {
    return this.#read(name, "string", ({ s }) => new TextDecoder().decode(s)) ?? missing;
  }

  ints(name: string): readonly number[] | undefined {
    return this.#read(name, "ints", ({ ints }) => varints(ints));
  }

  floats(name: string): readonly number[] | undefined {
    return this.#read(name, "floats", (each) => [...floats(each.floats, 4)]);
  }

  strings(name: string): readonly string[] | undefined {
    return this.#read(name, "strings", ({ strings }) =>
      strings.map((each) => new TextDecoder().decode(each)),
    );
  }

  tensor(name: string): Host | undefined {
    return this.#tensors.get(name);
  }

  graph(name: string): Graph {
    const found = this.#graphs.get(name);
    if (!found) throw this.#fault(name, "a graph", "none");
    return found;
  }

  /** Every graph among its attributes. */
  get graphs(): Iterable<Graph> {
    return this.#graphs.values();
  }

  /** The slots that it reads, those that graphs in it take too. */
  get reads(): number[] {
    const inner = [...this.graphs].flatMap(({ steps, outputs }) => [
      ...steps.flatMap((node) => node.reads),
      ...outputs,
    ]);
    return [...this.inputs, ...inner];
  }

  /** `LSTM "encoder/lstm"` */
  toString(): string {
    return describedNode(this);
  }

  /** An attribute, decoded once. */
  #read<T>(name: string, kind: AttributeKind, decode: (found: AttributeProto) => T): T | undefined {
    if (!this.#attributes.has(name)) return undefined;
    const known = this.#decoded.get(name);
    if (known !== undefined) return known as T;
    const found = this.#attributes.get(name)!;
    // Files of the first versions have no type.
    if (found.type !== 0 && found.type !== ATTRIBUTE_TYPES[kind])
      throw this.#fault(name, `of type ${kind}`, `type ${found.type}`);
    const decoded = decode(found);
    this.#decoded.set(name, decoded);
    return decoded;
  }

  #fault(name: string, expected: string, got: string): FormatError {
    return new FormatError({
      op: "readOnnx",
      expected: `attribute ${name} of ${describedNode(this)} to be ${expected}`,
      got,
    });
  }
}

/** A node by its operator and its name, or what it gives where it has no name. */
export function describedNode({
  opType,
  name,
  output,
}: {
  opType: string;
  name: string;
  output?: readonly string[] | undefined;
}): string {
  const known = name || output?.find((each) => each !== "");
  return known ? `${opType} ${quoted(known)}` : opType;
}
