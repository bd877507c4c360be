// What readers are given: bytes of a file, and what they are where they are none of ONNX.
import { described } from "../core/described.js";
import { FormatError, OptionError } from "../core/errors.js";
import { appearance, type Appearance } from "../io/appearance.js";
import type { GraphProto, ModelProto } from "./proto/messages.js";
import { readModelProto } from "./proto/read.js";

const BY_TYPE: Readonly<Record<string, string>> = {
  string:
    "Read the file first: readFileSync(path); in a page, await (await fetch(url)).arrayBuffer().",
  ArrayBuffer: "new Uint8Array(buffer)",
  SharedArrayBuffer: "new Uint8Array(buffer)",
  Promise: "await it first.",
  Response: "new Uint8Array(await response.arrayBuffer())",
  Blob: "new Uint8Array(await blob.arrayBuffer())",
  File: "new Uint8Array(await file.arrayBuffer())",
};

/** Refuses what is not bytes, with the way from there. */
export function checkBytes(op: string, bytes: unknown): asserts bytes is Uint8Array {
  if (Object.prototype.toString.call(bytes) === "[object Uint8Array]") return;
  const type = typeof bytes === "string" ? "string" : Object.prototype.toString.call(bytes);
  throw new OptionError({
    op,
    expected: "the bytes of a file, a Uint8Array",
    got: described(bytes),
    cure: BY_TYPE[type.replace(/^\[object |\]$/g, "")],
  });
}

/** safetensors: the header's length, and a brace. */
const SAFETENSORS = /^.{5}\0{3}\{/s;

/**
 * The model in the bytes of a file.
 *
 * @throws FormatError with what the bytes look like where that is another format, or with the place that is wrong
 */
export function modelIn(
  op: string,
  bytes: Uint8Array,
): ModelProto & { readonly graph: GraphProto } {
  let fault: unknown;
  try {
    const model = readModelProto(bytes);
    if (model.graph) return model as ModelProto & { readonly graph: GraphProto };
    fault = new FormatError({
      op,
      expected: "a model with a graph",
      got: "none",
      cure: "Is it an ONNX file, and whole?",
    });
  } catch (error) {
    fault = error;
  }
  const start = String.fromCharCode(...bytes.subarray(0, 9));
  const { what, cure }: Appearance = SAFETENSORS.test(start)
    ? { what: "a safetensors file", cure: "loadSafetensors() of hiddenstate reads it." }
    : // The inference build has no list of formats.
      TRAINING
      ? appearance(bytes)
      : {};
  // Damaged ones still look like models.
  if (what === undefined || what === "an ONNX model") throw fault;
  throw new FormatError({ op, expected: "an ONNX model", got: what, cure }, { cause: fault });
}
