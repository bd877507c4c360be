// What patterns ask of a graph: who gives a value, who reads it, which number it is.
import type { GraphNode } from "../node.js";
import type { Operator } from "../operator.js";
import { ATTRIBUTE_TYPES, type AttributeProto } from "../proto/messages.js";
import { Tensor } from "../../tensor/tensor.js";
import { Host, type Value } from "../value.js";

type Values = readonly (Value | undefined)[];

/** Who gives and who reads the values of a graph. */
export class Readers {
  readonly #givers = new Map<number, GraphNode>();
  readonly #readers = new Map<number, GraphNode>();
  readonly #counts = new Map<number, number>();
  readonly #ofSizes = new Set<number>();
  readonly #zeros = new Set<number>();
  /** Nodes that became part of one before them. */
  readonly done = new Set<GraphNode>();
  readonly #steps: readonly GraphNode[];
  readonly #values: Values;

  /** @param outputs slots that the graph gives */
  constructor(steps: readonly GraphNode[], outputs: readonly number[], values: Values) {
    this.#steps = steps;
    this.#values = values;
    for (const node of steps) {
      const { inputs, outputs } = node;
      for (const slot of inputs) this.#readers.set(slot, node);
      const ofSizes = this.#isOfSizes(node);
      const isZeros = this.#isZeros(node);
      for (const slot of outputs) {
        this.#givers.set(slot, node);
        if (ofSizes) this.#ofSizes.add(slot);
        if (isZeros) this.#zeros.add(slot);
      }
    }
    const read = [...steps.flatMap((node) => node.reads), ...outputs];
    for (const slot of read) this.#counts.set(slot, (this.#counts.get(slot) ?? 0) + 1);
  }

  #isOfSizes({ opType, inputs }: GraphNode): boolean {
    if (opType === "Shape" || opType === "Size") return true;
    return OF_SIZES.has(opType) && inputs.every((slot) => this.isOfSizes(slot));
  }

  #isZeros(node: GraphNode): boolean {
    if (node.opType === "ConstantOfShape") return (node.tensor("value")?.data[0] ?? 0) === 0;
    return KEEP_ZEROS.has(node.opType) && this.isZeros(node.inputs[0]!);
  }

  /** The node that gives a value, however many read it; none where that became part of another. */
  anyGiver(slot: number): GraphNode | undefined {
    const node = this.#givers.get(slot);
    return node && !this.done.has(node) ? node : undefined;
  }

  /** The node that gives a value which so many others read, where it is of this operator. */
  giver(slot: number, opType: string, readers = 1): GraphNode | undefined {
    const node = this.#givers.get(slot);
    return node?.opType === opType && this.#counts.get(slot) === readers ? node : undefined;
  }

  /** The node that reads a value, where nobody else does. */
  onlyReader(slot: number): GraphNode | undefined {
    return this.#counts.get(slot) === 1 ? this.#readers.get(slot) : undefined;
  }

  /** The number that a constant of one element is. */
  number(slot: number): number | undefined {
    const value = this.#values[slot];
    return value instanceof Host && value.size === 1 && value.shape.length < 2
      ? value.data[0]
      : undefined;
  }

  /** A vector of parameters, or a constant one. */
  isVector(slot: number): boolean {
    const value = this.#values[slot];
    return value instanceof Tensor && value.shape.length === 1 && value.size > 1;
  }

  /** Whether only sizes and constants decide a value. */
  isOfSizes(slot: number): boolean {
    return this.#ofSizes.has(slot) || this.#values[slot] instanceof Host;
  }

  /** Whether a value is zeros, whatever its shape. */
  isZeros(slot: number): boolean {
    return this.#zeros.has(slot) || (this.numbers(slot)?.every((each) => each === 0) ?? false);
  }

  /** Nodes in the order in which they run. */
  inOrder(nodes: ReadonlySet<GraphNode>): readonly GraphNode[] {
    return this.#steps.filter((node) => nodes.has(node));
  }

  /** The numbers of a constant. */
  numbers(slot: number): readonly number[] | undefined {
    const value = this.#values[slot];
    return value instanceof Host ? [...value.data] : undefined;
  }

  /** The axes of a node that has them as an attribute, or as its second input. */
  axes(node: GraphNode): readonly number[] | undefined {
    return node.inputs.length > 1 ? this.numbers(node.inputs[1]!) : node.ints("axes");
  }
}

/** Operators by which graphs make a scale of a size. */
const OF_SIZES = new Set([
  ...["Cast", "Div", "Gather", "Mul", "Pow", "Reciprocal", "Slice", "Sqrt", "Squeeze", "Unsqueeze"],
]);

/** Operators that give zeros where their first input is zeros. */
const KEEP_ZEROS = new Set(["Expand", "Reshape", "Slice", "Squeeze", "Transpose", "Unsqueeze"]);

/** Either order of two inputs: what `take` makes of the first for which it makes something. */
export function either<T>(
  { inputs }: GraphNode,
  take: (one: number, other: number) => T | undefined,
): T | undefined {
  const [a, b] = inputs as [number, number];
  return take(a, b) ?? take(b, a);
}

/** What a pattern becomes: a node in the place of the one where it was found. */
export interface Found {
  readonly opType: string;
  readonly inputs: readonly number[];
  readonly attributes?: readonly AttributeProto[] | undefined;
  /** Default: the one that files call `opType`. */
  readonly operator?: Operator | undefined;
  /** Default: those of the node where it was found. */
  readonly outputs?: readonly number[] | undefined;
  /** Nodes behind that one which are done with. */
  readonly behind?: readonly GraphNode[] | undefined;
}

/** An attribute, as a file would have it. */
export function attribute(
  name: string,
  value: { readonly i: number } | { readonly f: number } | { readonly s: Uint8Array },
): AttributeProto {
  const kind = "i" in value ? "int" : "f" in value ? "float" : "string";
  return { name, type: ATTRIBUTE_TYPES[kind], ...value } as unknown as AttributeProto;
}
