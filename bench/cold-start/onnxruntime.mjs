// As hiddenstate.mjs, on onnxruntime-web's WebAssembly. node onnxruntime.mjs MODEL.onnx
import { readFileSync } from "node:fs";
import * as ort from "onnxruntime-web";

ort.env.wasm.numThreads = 1;
const session = await ort.InferenceSession.create(readFileSync(process.argv[2]));
const tensor = (data, dims) => new ort.Tensor("float32", Float32Array.from(data), dims);
const { Y } = await session.run({
  X: tensor(
    [0, 1, 2, 3].flatMap((t) => [t, -t]),
    [4, 1, 2],
  ),
  h0: tensor(Array(8).fill(0), [1, 1, 8]),
  c0: tensor(Array(8).fill(0), [1, 1, 8]),
});
process.stdout.write(String(Y.data[31]));
