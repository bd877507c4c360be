/**
 * What `hiddenstate/infer/onnx` exports: what `hiddenstate/onnx` does, without the gradients of models that were read.
 *
 * @packageDocumentation
 */
export * from "../../onnx/index.js";
