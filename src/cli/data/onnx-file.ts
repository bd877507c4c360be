// ONNX files with the files beside them.
import { readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { readOnnx, type OnnxModel } from "../../onnx/index.js";

/** The model in the bytes of a file; tensors beside it are read from its folder, never from above it. */
export function onnxModel(path: string, bytes: Uint8Array): OnnxModel {
  const folder = dirname(path);
  return readOnnx(bytes, {
    externalData: (name) => {
      const file = join(folder, name);
      return relative(folder, file).startsWith("..") ? undefined : readFileSync(file);
    },
  });
}
