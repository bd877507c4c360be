// The bytes of an ONNX file as a model, or as what there is to know of it.
import { checkCall } from "../core/check.js";
import { OptionError } from "../core/errors.js";
import {
  inputsOf,
  operatorCounts,
  opsetOf,
  outputsOf,
  problemsOf,
  shapeOf,
  type OnnxValue,
} from "./described.js";
import { checkBytes, modelIn } from "./file-bytes.js";
import { GraphCompiler } from "./graph.js";
import { OnnxModel } from "./model.js";
import type { ExternalData } from "./tensor-proto.js";
import { typeOf } from "./types.js";

export interface ReadOnnxOptions {
  /**
   * The bytes of files that hold tensors beside the model (`model.onnx.data`), by their names; or what gives them for a name.
   * Default none.
   */
  externalData?: ExternalData | undefined;
}

/** At most so many in an error. */
const SHOWN = 12;

/**
 * Reads a model from the bytes of an ONNX file. Tensors with axes are parameters, by the names that the file has for them; what only
 * constants decide is computed here.
 *
 * Floats of all sizes are computed in float32, whole numbers exactly up to 2^53.
 *
 * @throws FormatError for bytes that are no such file, and for a graph that breaks the format's rules; OptionError where it has
 *   operators or attributes that cannot run here: all of them, with their nodes
 * @example
 * ```ts
 * const bytes = toOnnx(new LSTM(8, 16), { inputs: { x: ["batch", "time", 8] } });
 * const model = readOnnx(bytes);
 * model.inputs[0]!.axes; // ["batch", "time", 8]
 * model.forward({ x: zeros([2, 5, 8]) }).output!.shape; // [2, 5, 16]
 * ```
 */
export function readOnnx(bytes: Uint8Array, options: ReadOnnxOptions = {}): OnnxModel {
  checkBytes("readOnnx", bytes);
  checkCall("readOnnx", arguments, "bytes:Uint8Array {externalData:object|function}");
  if (ArrayBuffer.isView(options.externalData))
    throw new OptionError({
      op: "readOnnx",
      expected: "externalData by the names of files",
      got: "bytes without a name",
      cure: 'As in { externalData: { "model.onnx.data": bytes } }.',
    });
  const proto = modelIn("readOnnx", bytes);
  const { graph } = proto;
  const opset = opsetOf(proto);
  const problems = problemsOf(proto);
  if (problems.length > 0) {
    const more = problems.length - SHOWN;
    throw new OptionError({
      op: "readOnnx",
      expected: "operators and attributes that run here",
      got: problems.slice(0, SHOWN).join("; ") + (more > 0 ? `; and ${more} more` : ""),
      cure: "docs/onnx.md lists the operators; export with another opset, or without that part.",
    });
  }
  const [inputs, outputs] = [inputsOf(graph), outputsOf(graph)];
  const compiled = new GraphCompiler(opset, options.externalData, bytes.length).compile(graph);
  const producer = `${proto.producerName} ${proto.producerVersion}`.trim();
  const metadata = new Map(proto.metadataProps.map(({ key, value }) => [key, value]));
  return new OnnxModel(compiled, inputs, outputs, { opset, producer, metadata });
}

/** What a file holds. */
export interface OnnxDescription {
  readonly opset: number;
  /** What wrote it. */
  readonly producer: string;
  readonly inputs: readonly OnnxValue[];
  readonly outputs: readonly OnnxValue[];
  /** How many nodes there are of each operator, the most frequent first. */
  readonly operators: readonly (readonly [name: string, count: number])[];
  /** The tensors of the main graph. */
  readonly initializers: readonly OnnxInitializer[];
  readonly metadata: ReadonlyMap<string, string>;
  /** What cannot run here, and why: empty where {@link readOnnx} reads it. */
  readonly problems: readonly string[];
}

export interface OnnxInitializer {
  readonly name: string;
  readonly type: string;
  readonly shape: readonly number[];
}

/**
 * What an ONNX file holds, without reading the numbers of its tensors: also of one that cannot run here.
 *
 * @throws FormatError for bytes that are no such file
 * @example
 * ```ts
 * const bytes = toOnnx(new Linear(3, 2), { inputs: { x: ["batch", 3] } });
 * describeOnnx(bytes).operators; // [["Gemm", 1], ["Identity", 1]]
 * describeOnnx(bytes).problems; // []
 * ```
 */
export function describeOnnx(bytes: Uint8Array): OnnxDescription {
  checkBytes("describeOnnx", bytes);
  checkCall("describeOnnx", arguments, "bytes:Uint8Array");
  const proto = modelIn("describeOnnx", bytes);
  const { graph } = proto;
  return {
    opset: opsetOf(proto),
    producer: `${proto.producerName} ${proto.producerVersion}`.trim(),
    inputs: inputsOf(graph),
    outputs: outputsOf(graph),
    operators: [...operatorCounts(graph)].sort(([, a], [, b]) => b - a),
    initializers: graph.initializer.map(({ name, dims, dataType }) => ({
      name,
      type: typeOf(dataType) ?? `type ${dataType}`,
      shape: shapeOf(dims),
    })),
    metadata: new Map(proto.metadataProps.map(({ key, value }) => [key, value])),
    problems: problemsOf(proto),
  };
}
