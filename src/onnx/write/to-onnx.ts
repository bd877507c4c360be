// Modules as the bytes of an ONNX file.
import { checkCall } from "../../core/check.js";
import { checkRecord } from "../../core/check-like.js";
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import { Conv1d, Conv2d } from "../../nn/conv.js";
import { Embedding } from "../../nn/embedding.js";
import type { GPT } from "../../nn/gpt/gpt.js";
import { Linear } from "../../nn/linear.js";
import { Module } from "../../nn/module.js";
import { Sequential } from "../../nn/sequential.js";
import { TransformerEncoder } from "../../nn/transformer/stack.js";
import { TransformerEncoderLayer } from "../../nn/transformer/encoder-layer.js";
import { writeModelProto } from "../proto/write.js";
import { GraphBuilder, type Axis, type Ref } from "./builder.js";
import { writeLayer, writeLinear } from "./layers.js";
import { hasParts, modelWriter, type Notes, type Part } from "./models.js";
import { isRecurrent, writeRecurrent } from "./recurrent.js";
import { writeSteps } from "./sequences.js";
import { writeEncoder, writeEncoderLayer } from "./transformer.js";

/** The version of ONNX's operators that files are written with. */
const OPSET = 17;
/** Of the format: the first with this opset. */
const IR_VERSION = 8;

export interface ToOnnxOptions {
  /**
   * The input's name and its axes: sizes, and names of those that may change. Default: `x` (of an Embedding `ids`) with the axes that
   * the first layer reads, `["batch", "time", 8]`. Ready models have inputs of their own.
   */
  inputs?: Readonly<Record<string, readonly (number | string)[]>> | undefined;
  /**
   * Of an RNN, LSTM or GRU: its state as inputs `h0` (and `c0`) and outputs `hn` (and `cn`), so that a program can go on from
   * step to step. Default false.
   */
  states?: boolean | undefined;
  /** Of a recurrent layer or a TransformerEncoder: an int32 input `lengths`, the steps that count in each row. Default false. */
  lengths?: boolean | undefined;
  /** Of a TransformerEncoder: each step sees only those before it. Default false. */
  causal?: boolean | undefined;
  /**
   * Of `Seq2Seq` and `Captioner`, which are two graphs: `"encoder"`, what reads the source, or `"decoder"`, what writes. They need
   * it; other models have one graph.
   */
  part?: Part | undefined;
  /** Notes for the file, strings. Ready models add their vocabularies and labels. */
  metadata?: Readonly<Record<string, string>> | undefined;
}

/**
 * Writes a module as an ONNX file for inference: layers, {@link Sequential} of layers, and the networks of ready models. Batch and
 * time may change. Operators are of version 17 (IR version 8); parameters have the names of the state dict, but for recurrent layers, whose
 * gates ONNX has in another order.
 *
 * Ready models read ids or features: `ids` int64 `[batch, time]` or `x`, and `lengths`; they give `logits`. What makes these of texts or
 * sounds stays in JavaScript, or is in the metadata: `vocabulary`, `labels` as JSON.
 *
 * @throws OptionError for a part that cannot be written, by its name
 * @example
 * ```ts
 * const model = new Sequential(new Embedding(50, 8), new GRU(8, 16), new Linear(16, 4));
 * const bytes = toOnnx(model, { inputs: { ids: ["batch", "time"] } });
 * describeOnnx(bytes).outputs[0]!.axes; // ["batch", "time", 4]
 * ```
 */
export function toOnnx(model: Module, options: ToOnnxOptions = {}): Uint8Array {
  checkCall(
    "toOnnx",
    arguments,
    "model:object {inputs:object states:boolean lengths:boolean causal:boolean part:string metadata:object}",
  );
  if (!(model instanceof Module))
    throw new OptionError({ op: "toOnnx", expected: "a module", got: described(model) });
  const { metadata: given = {} } = options;
  checkRecord("toOnnx", "metadata of strings in an object", given);
  const odd = Object.entries<unknown>(given).find(([, text]) => typeof text !== "string");
  if (odd)
    throw new OptionError({
      op: "toOnnx",
      expected: `a string as metadata ${odd[0]}`,
      got: described(odd[1]),
      cure: "JSON.stringify anything else.",
    });
  const b = new GraphBuilder();
  checkPart(model, options.part);
  const writer = modelWriter(model);
  if (writer) refuseOptions(options, ["inputs", "states", "lengths", "causal"], "a ready model");
  const notes = writer ? writer(b, model, options.part) : writeModule(b, model, options);
  const metadata = Object.entries({ ...notes, ...given });
  return writeModelProto({
    irVersion: IR_VERSION,
    producerName: "hiddenstate",
    opsetImport: [{ domain: "", version: OPSET }],
    graph: b.finish(model.constructor.name),
    metadataProps: metadata.map(([key, value]) => ({ key, value })),
  });
}

/** Which of two graphs, of a model that has two, and of no other. */
function checkPart(model: Module, part: unknown): void {
  const needs = hasParts(model);
  if (needs ? part === "encoder" || part === "decoder" : part === undefined) return;
  throw new OptionError({
    op: "toOnnx",
    expected: needs
      ? `part "encoder" or "decoder": a ${model.constructor.name} is written as two graphs`
      : "no part: this model is written as one graph",
    got: part === undefined ? "none" : described(part),
  });
}

function refuseOptions(
  options: ToOnnxOptions,
  names: readonly (keyof ToOnnxOptions)[],
  what: string,
): void {
  const given = names.find((name) => options[name] !== undefined && options[name] !== false);
  if (given)
    throw new OptionError({
      op: "toOnnx",
      expected: `options that ${what} has`,
      got: given,
    });
}

function writeModule(b: GraphBuilder, model: Module, options: ToOnnxOptions): Notes {
  const encoder = model instanceof TransformerEncoder || model instanceof TransformerEncoderLayer;
  const recurrent = isRecurrent(model);
  if (!recurrent) refuseOptions(options, ["states"], "a layer that is not recurrent");
  if (!recurrent && !encoder) refuseOptions(options, ["lengths"], "such a layer");
  if (!encoder) refuseOptions(options, ["causal"], "such a layer");
  const x = inputOf(b, model, options.inputs);
  const lengths = options.lengths ? b.input("lengths", "int32", [x.axes[0]!]) : undefined;
  if (recurrent) {
    const names: readonly string[] = model.cell.parts;
    const axes = [model.numLayers * model.directions, x.axes[0]!, model.hiddenSize];
    const initial = options.states
      ? names.map((name) => b.input(`${name}0`, "float", axes))
      : undefined;
    const { output, state } = writeRecurrent(b, model, "", x, { lengths, initial });
    b.output("output", output);
    if (options.states) names.forEach((name, i) => b.output(`${name}n`, state[i]!));
    return {};
  }
  if (encoder) {
    const how = { causal: options.causal, steps: lengths && writeSteps(b, lengths, x) };
    b.output(
      "output",
      model instanceof TransformerEncoder
        ? writeEncoder(b, model, "", x, how)
        : writeEncoderLayer(b, model, "", x, how),
    );
    return {};
  }
  if (isGPT(model)) {
    const vectors = writeLayer(b, model.embedding, "embedding", x);
    const placed = model.positions ? writeLayer(b, model.positions, "positions", vectors) : vectors;
    const hidden = writeEncoder(b, model.encoder, "encoder", placed, { causal: true });
    b.output("logits", writeLinear(b, model.head, "head", hidden));
    return {};
  }
  b.output("output", writeLayer(b, model, "", x));
  return {};
}

function inputOf(b: GraphBuilder, model: Module, inputs: ToOnnxOptions["inputs"]): Ref {
  const first = firstOf(model);
  const ids = first instanceof Embedding || isGPT(first);
  const given = inputs && Object.entries(inputs);
  if (given && given.length !== 1)
    throw new OptionError({
      op: "toOnnx",
      expected: "one input: layers read one tensor",
      got: `${given.length}`,
    });
  const [name, axes] = given?.[0] ?? [ids ? "ids" : "x", axesOf(first)];
  if (
    !Array.isArray(axes) ||
    !axes.every((axis) => typeof axis === "string" || (Number.isInteger(axis) && axis > 0))
  )
    throw new OptionError({
      op: "toOnnx",
      expected: 'inputs, such as { x: ["batch", "time", 8] }',
      got: axes ? described(axes) : "none",
      cure: `What ${first.constructor.name} reads is not known by itself.`,
    });
  return b.input(name, ids ? "int64" : "float", axes);
}

function firstOf(model: Module): Module {
  if (!(model instanceof Sequential)) return model;
  const [first] = (model as Sequential).layers;
  return first instanceof Module ? firstOf(first) : model;
}

/** By what its class alone can do: to import the class would bring its streams along. */
function isGPT(model: Module): model is GPT {
  return "fromGPT2" in model.constructor;
}

/** The axes that a layer reads, where it knows them. */
function axesOf(layer: Module): readonly Axis[] | undefined {
  if (isRecurrent(layer)) return ["batch", "time", layer.inputSize];
  if (layer instanceof Embedding || isGPT(layer)) return ["batch", "time"];
  if (layer instanceof Linear) return ["batch", layer.weight.shape[1]!];
  if (layer instanceof TransformerEncoder) return ["batch", "time", layer.layers[0]!.dModel];
  if (layer instanceof TransformerEncoderLayer) return ["batch", "time", layer.dModel];
  if (!(layer instanceof Conv1d || layer instanceof Conv2d)) return undefined;
  const { shape } = layer.weight;
  const { groups = 1 } = layer["moves"] as { groups?: number };
  const space = shape.length === 3 ? ["time"] : ["height", "width"];
  return ["batch", shape[1]! * groups, ...space];
}
