/**
 * Models of ONNX files: read, run, trained, streamed; and written.
 *
 * @packageDocumentation
 */
import "../ops/methods.js";

export type { OnnxValue } from "./described.js";
export { OnnxModel, type OnnxInputs, type OnnxOutputs } from "./model.js";
export { operatorNames as onnxOperators } from "./operators/index.js";
export {
  describeOnnx,
  readOnnx,
  type OnnxDescription,
  type OnnxInitializer,
  type ReadOnnxOptions,
} from "./read-onnx.js";
export type { OnnxStepOutputs, OnnxStream, OnnxStreamOptions } from "./stream.js";
export type { ExternalData } from "./tensor-proto.js";
export type { ElementType } from "./types.js";
export { toOnnx, type ToOnnxOptions } from "./write/to-onnx.js";
