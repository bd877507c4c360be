// What is said of a model before it is made: its values, its operators, what of it cannot run.
import { FormatError } from "../core/errors.js";
import { varints } from "./proto/numbers.js";
import type { GraphProto, ModelProto, NodeProto, ValueInfoProto } from "./proto/messages.js";
import { describedNode, GraphNode } from "./node.js";
import { operatorOf } from "./operators/index.js";
import { describedType, isFloat, typeOf, type ElementType } from "./types.js";

/** An input or an output of a model. */
export interface OnnxValue {
  readonly name: string;
  /** Of its tensor here: whole numbers and booleans are int32, all floats float32. */
  readonly dtype: "float32" | "int32";
  /** In the file. */
  readonly type: ElementType;
  /** Sizes, names of those that may change, "?" for those without a name; undefined where not even their number is known. */
  readonly axes: readonly (number | string)[] | undefined;
}

/** The oldest set of operators whose rules are known here. */
export const OLDEST_OPSET = 7;

/** The version of ONNX's own operators that a model asks for. */
export function opsetOf({ opsetImport }: ModelProto): number {
  const own = opsetImport.find(({ domain }) => domain === "" || domain === "ai.onnx");
  const version = own?.version ?? 0;
  if (version >= OLDEST_OPSET) return version;
  throw new FormatError({
    op: "readOnnx",
    expected: `operators of version ${OLDEST_OPSET} or later`,
    got: version === 0 ? "no version" : `version ${version}`,
    cure: "Export the model anew, with opset_version=17; or onnx.version_converter converts it.",
  });
}

/** The inputs that are no initializers. */
export function inputsOf({ input, initializer }: GraphProto): OnnxValue[] {
  const given = new Set(initializer.map(({ name }) => name));
  return input.filter(({ name }) => !given.has(name)).map((each) => valueOf(each, "input"));
}

export function outputsOf({ output }: GraphProto): OnnxValue[] {
  return output.map((each) => valueOf(each, "output"));
}

function valueOf({ name, type: proto }: ValueInfoProto, what: string): OnnxValue {
  const number = proto?.tensorType?.elemType ?? 0;
  const type = typeOf(number);
  if (!type)
    throw new FormatError({
      op: "readOnnx",
      expected: `${what} "${name}" to be a tensor of numbers or booleans`,
      got: describedType(number),
    });
  const axes = proto?.tensorType?.shape?.dim.map(
    ({ dimValue, dimParam }) => (dimParam || dimValue) ?? "?",
  );
  return { name, dtype: isFloat(type) ? "float32" : "int32", type, axes };
}

/** How many nodes there are of each operator, those in the graphs of others too. */
export function operatorCounts(graph: GraphProto, counts = new Map<string, number>()) {
  for (const node of graph.node) {
    const name =
      node.domain && node.domain !== "ai.onnx" ? `${node.domain}.${node.opType}` : node.opType;
    counts.set(name, (counts.get(name) ?? 0) + 1);
    for (const { g } of node.attribute) if (g) operatorCounts(g, counts);
  }
  return counts;
}

/** All of a model that cannot be run, each with its node. */
export function problemsOf(model: ModelProto): string[] {
  return model.graph ? problemsIn(model.graph, opsetOf(model), model) : ["no graph"];
}

function problemsIn(graph: GraphProto, opset: number, model: ModelProto): string[] {
  const sparse = graph.sparseInitializer.length > 0 ? ["sparse initializers"] : [];
  return [
    ...sparse,
    ...graph.node.flatMap((node) => [
      ...problemOf(node, opset, model),
      ...node.attribute.flatMap(({ g }) => (g ? problemsIn(g, opset, model) : [])),
    ]),
  ];
}

function problemOf(node: NodeProto, opset: number, { functions }: ModelProto): string[] {
  const name = describedNode(node);
  const operator = operatorOf(node);
  if (!operator) {
    const own = functions.some((each) => each.name === node.opType && each.domain === node.domain);
    if (own) return [`${name}: a function of the file`];
    const domain = node.domain && node.domain !== "ai.onnx" ? ` of ${node.domain}` : "";
    return [`${name}: no such operator${domain} here`];
  }
  const [least, most] = operator.inputs;
  const count = node.input.length;
  if (count < least || count > most)
    return [`${name}: ${count} inputs, of ${least === most ? least : `${least} to ${most}`}`];
  const known = (operator.attributes ?? "").split(" ");
  const unknown = node.attribute.find((each) => !known.includes(each.name));
  if (unknown) return [`${name}: attribute ${unknown.name}`];
  if (node.attribute.some(({ refAttrName }) => refAttrName !== ""))
    return [`${name}: an attribute of a function`];
  const slots = { inputs: [], outputs: node.output.map(() => 0) };
  const parts = { graphs: new Map(), tensors: new Map() };
  const why = operator.refuses?.(new GraphNode(node, operator, opset, slots, parts));
  return why === undefined ? [] : [`${name}: ${why}`];
}

/** A tensor's shape as the file has it. */
export function shapeOf(dims: readonly Uint8Array[]): number[] {
  return varints(dims);
}
