// Small ONNX files, made by the library's own writer of protocol buffers.
import {
  ATTRIBUTE_TYPES,
  type AttributeProto,
  type GraphProto,
  type NodeProto,
  type TensorProto,
} from "../../src/onnx/proto/messages.js";
import { writeModelProto, type Written } from "../../src/onnx/proto/write.js";

type Axes = readonly (number | string)[];
type Attribute =
  | number
  | string
  | readonly number[]
  | readonly string[]
  | { float: number }
  | { floats: number[] }
  | { graph: Written<GraphProto> }
  | { tensor: Written<TensorProto> };

/** ONNX's numbers of types. */
export const FLOAT = 1;
export const INT32 = 6;
export const INT64 = 7;
export const BOOL = 9;

function attribute(name: string, value: Attribute): Written<AttributeProto> {
  const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
  if (typeof value === "number") return { name, i: value, type: ATTRIBUTE_TYPES.int };
  if (typeof value === "string") return { name, s: bytes(value), type: ATTRIBUTE_TYPES.string };
  if ("float" in value) return { name, f: value.float, type: ATTRIBUTE_TYPES.float };
  if ("floats" in value) return { name, floats: value.floats, type: ATTRIBUTE_TYPES.floats };
  if ("graph" in value) return { name, g: value.graph, type: ATTRIBUTE_TYPES.graph };
  if ("tensor" in value) return { name, t: value.tensor, type: ATTRIBUTE_TYPES.tensor };
  if (typeof value[0] === "string")
    return { name, strings: (value as string[]).map(bytes), type: ATTRIBUTE_TYPES.strings };
  return { name, ints: value as number[], type: ATTRIBUTE_TYPES.ints };
}

export function node(
  opType: string,
  input: readonly string[],
  output: readonly string[],
  attributes: Readonly<Record<string, Attribute>> = {},
): Written<NodeProto> {
  const list = Object.entries(attributes).map(([name, value]) => attribute(name, value));
  return { opType, name: `the_${opType}`, input, output, attribute: list };
}

export const value = (name: string, elemType: number, axes: Axes) => ({
  name,
  type: {
    tensorType: {
      elemType,
      shape: {
        dim: axes.map((axis) =>
          typeof axis === "number" ? { dimValue: axis } : { dimParam: axis },
        ),
      },
    },
  },
});

export function floats(
  name: string,
  dims: readonly number[],
  values: readonly number[],
): Written<TensorProto> {
  return { name, dims, dataType: FLOAT, rawData: new Uint8Array(Float32Array.from(values).buffer) };
}

export const ints = (name: string, values: readonly number[]): Written<TensorProto> => ({
  name,
  dims: [values.length],
  dataType: INT64,
  int64Data: values,
});

/** A file's bytes. */
export function file(graph: Written<GraphProto>, opset = 17): Uint8Array {
  return writeModelProto({
    irVersion: 8,
    producerName: "test",
    opsetImport: [{ domain: "", version: opset }],
    graph: { name: "graph", ...graph },
  });
}
