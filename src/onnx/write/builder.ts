// A graph as it is written: nodes by the values that they give, tensors by names.
import { sizeOf, type Shape } from "../../core/shape.js";
import type { DType } from "../../core/dtype.js";
import type { Tensor } from "../../tensor/tensor.js";
import type {
  AttributeProto,
  GraphProto,
  NodeProto,
  TensorProto,
  ValueInfoProto,
} from "../proto/messages.js";
import { ATTRIBUTE_TYPES } from "../proto/messages.js";
import type { Written } from "../proto/write.js";
import { TYPES, type ElementType } from "../types.js";

/** A size, or the name of one that may change. */
export type Axis = number | string;

/** A value of the graph. */
export interface Ref {
  readonly name: string;
  readonly axes: readonly Axis[];
}

/** What an attribute may be; whole numbers are ints, others floats by `{ float }`. */
export type AttributeValue = number | string | readonly number[] | { readonly float: number };

export class GraphBuilder {
  readonly #nodes: Written<NodeProto>[] = [];
  readonly #initializers = new Map<string, Written<TensorProto>>();
  readonly #inputs: Written<ValueInfoProto>[] = [];
  readonly #outputs: Written<ValueInfoProto>[] = [];
  readonly #names = new Set<string>();
  /** Names of tensors that stand in the graph: tied ones stand once. */
  readonly #tensors = new Map<Tensor["storage"], string>();

  /** An input of the model. */
  input(name: string, type: ElementType, axes: readonly Axis[]): Ref {
    this.#inputs.push(valueInfo(this.#free(name), type, axes));
    return { name, axes };
  }

  /** Makes a value an output of the model. */
  output(name: string, { name: from, axes }: Ref, type: ElementType = "float"): void {
    this.#nodes.push({ opType: "Identity", input: [from], output: [this.#free(name)], name });
    this.#outputs.push(valueInfo(name, type, axes));
  }

  /** A parameter by its name. */
  parameter(name: string, tensor: Tensor<DType>): Ref {
    const known = this.#tensors.get(tensor.storage);
    if (known !== undefined) return { name: known, axes: tensor.shape };
    this.#tensors.set(tensor.storage, this.#free(name));
    const bytes = new Uint8Array(tensor.data().buffer as ArrayBuffer);
    const type = tensor.dtype === "float32" ? "float" : "int32";
    this.#initializers.set(name, tensorProto(name, type, tensor.shape, bytes));
    return { name, axes: tensor.shape };
  }

  /** Floats of a shape, as a tensor of the file. */
  floats(name: string, values: Float32Array, shape: Shape): Ref {
    const own = this.#fresh(name);
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.#initializers.set(own, tensorProto(own, "float", shape, bytes));
    return { name: own, axes: shape };
  }

  /** A number. */
  scalar(value: number): Ref {
    return this.floats("constant", Float32Array.of(value), []);
  }

  /** Whole numbers: axes, shapes. */
  ints(values: readonly number[], shape: Shape = [values.length]): Ref {
    const name = this.#fresh("constant");
    this.#initializers.set(name, {
      name,
      dataType: TYPES.int64.number,
      dims: shape,
      int64Data: values,
    });
    return { name, axes: shape };
  }

  /** Whole numbers as lengths are. */
  ints32(values: readonly number[], shape: Shape = [values.length]): Ref {
    const name = this.#fresh("constant");
    const bytes = new Uint8Array(Int32Array.from(values).buffer);
    this.#initializers.set(name, tensorProto(name, "int32", shape, bytes));
    return { name, axes: shape };
  }

  /** A node with one output of these axes. */
  node(
    opType: string,
    inputs: readonly (Ref | undefined)[],
    axes: readonly Axis[],
    attributes: Readonly<Record<string, AttributeValue | readonly string[]>> = {},
  ): Ref {
    return this.nodes(opType, inputs, [axes], attributes)[0]!;
  }

  /** A node with several outputs. */
  nodes(
    opType: string,
    inputs: readonly (Ref | undefined)[],
    axes: readonly (readonly Axis[])[],
    attributes: Readonly<Record<string, AttributeValue | readonly string[]>> = {},
  ): Ref[] {
    const made = axes.map((own) => ({ name: this.#fresh(opType.toLowerCase()), axes: own }));
    this.#nodes.push({
      opType,
      name: made[0]!.name,
      input: inputs.map((each) => each?.name ?? ""),
      output: made.map(({ name }) => name),
      attribute: Object.entries(attributes).map(([name, value]) => attribute(name, value)),
    });
    return made;
  }

  finish(name: string): Written<GraphProto> {
    return {
      name,
      node: this.#nodes,
      initializer: [...this.#initializers.values()],
      input: this.#inputs,
      output: this.#outputs,
    };
  }

  #free(name: string): string {
    this.#names.add(name);
    return name;
  }

  #fresh(name: string): string {
    let count = 0;
    while (this.#names.has(`${name}_${count}`)) count++;
    return this.#free(`${name}_${count}`);
  }
}

function tensorProto(
  name: string,
  type: ElementType,
  shape: Shape,
  rawData: Uint8Array,
): Written<TensorProto> {
  if (rawData.length !== sizeOf(shape) * 4) throw new Error("internal: a tensor's bytes");
  return { name, dataType: TYPES[type].number, dims: shape, rawData };
}

function valueInfo(
  name: string,
  type: ElementType,
  axes: readonly Axis[],
): Written<ValueInfoProto> {
  const dim = axes.map((axis) =>
    typeof axis === "number" ? { dimValue: axis } : { dimParam: axis },
  );
  return { name, type: { tensorType: { elemType: TYPES[type].number, shape: { dim } } } };
}

function attribute(
  name: string,
  value: AttributeValue | readonly string[],
): Written<AttributeProto> {
  const encoded = (text: string): Uint8Array => new TextEncoder().encode(text);
  if (typeof value === "number") return { name, i: value, type: ATTRIBUTE_TYPES.int };
  if (typeof value === "string") return { name, s: encoded(value), type: ATTRIBUTE_TYPES.string };
  if ("float" in value) return { name, f: value.float, type: ATTRIBUTE_TYPES.float };
  const [first] = value;
  if (typeof first === "string")
    return { name, strings: (value as string[]).map(encoded), type: ATTRIBUTE_TYPES.strings };
  return { name, ints: value as number[], type: ATTRIBUTE_TYPES.ints };
}
