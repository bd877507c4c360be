// ONNX files.
import { Linear, zeros } from "../../../src/index.js";
import * as onnx from "../../../src/onnx/index.js";
import { call, method, type Call } from "../wrong-calls.js";

const bytes = () => onnx.toOnnx(new Linear(3, 2));
const model = () => onnx.readOnnx(bytes());

export const ONNX_CALLS: Readonly<Record<string, Call>> = {
  readOnnx: call(onnx.readOnnx, () => [bytes(), { externalData: {} }], {
    also: { "1.externalData": ["function", "instance"] },
    named: [],
  }),
  describeOnnx: call(onnx.describeOnnx, () => [bytes()]),
  onnxOperators: call(onnx.onnxOperators, () => []),
  toOnnx: call(onnx.toOnnx, () => [
    new Linear(3, 2),
    { inputs: { x: ["batch", 3] }, states: false, lengths: false, causal: false, metadata: {} },
  ]),
  "OnnxModel.forward": method(model, "forward", () => [{ x: zeros([2, 3]) }]),
};
