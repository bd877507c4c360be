/**
 * What `hiddenstate/infer/onnx` exports: ONNX files read as modules, to run them. What trains throws; `toOnnx`, which writes, is in
 * `hiddenstate/onnx`.
 *
 * @packageDocumentation
 */
import "../../ops/methods.js";

export type { OnnxValue } from "../../onnx/described.js";
export { OnnxModel, type OnnxInputs, type OnnxOutputs } from "../../onnx/model.js";
export {
  describeOnnx,
  readOnnx,
  type OnnxDescription,
  type OnnxInitializer,
  type ReadOnnxOptions,
} from "../../onnx/read-onnx.js";
export type { OnnxStepOutputs, OnnxStream, OnnxStreamOptions } from "../../onnx/stream.js";
export type { ExternalData } from "../../onnx/tensor-proto.js";
export type { ElementType } from "../../onnx/types.js";
