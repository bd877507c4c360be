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
    return this.#of(name, "int")?.i ?? missing;
  }

  float(name: string, missing: number): number {
    return this.#of(name, "float")?.f ?? missing;
  }

  string(name: string, missing: string): string {
    const found = this.#of(name, "string");
    return found ? decoder.decode(found.s) : missing;
  }

  ints(name: string): number[] | undefined {
    const found = this.#of(name, "ints");
    return found && varints(found.ints);
  }

  floats(name: string): number[] | undefined {
    const found = this.#of(name, "floats");
    return found && [...floats(found.floats, 4)];
  }

  strings(name: string): string[] | undefined {
    return this.#of(name, "strings")?.strings.map((each) => decoder.decode(each));
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

  /** `LSTM "encoder/lstm"` */
  toString(): string {
    return describedNode(this);
  }

  #of(name: string, kind: AttributeKind): AttributeProto | undefined {
    const found = this.#attributes.get(name);
    // Files of the first versions have no type.
    if (found && found.type !== 0 && found.type !== ATTRIBUTE_TYPES[kind])
      throw this.#fault(name, `of type ${kind}`, `type ${found.type}`);
    return found;
  }

  #fault(name: string, expected: string, got: string): FormatError {
    return new FormatError({
      op: "readOnnx",
      expected: `attribute ${name} of ${describedNode(this)} to be ${expected}`,
      got,
    });
  }
}

const decoder = /* @__PURE__ */ new TextDecoder();

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
