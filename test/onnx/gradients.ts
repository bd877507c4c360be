// Gradients of a file's parameters and of its input x, by a loss that tells the elements of y apart.
import { readOnnx } from "../../src/onnx/index.js";
import { mul, scope, tensor } from "../../src/index.js";
import type { Given } from "./ort.js";

/** @param some whether parameters of which no gradient is asked are left out. Default: every one must have one */
export function gradientsOf(
  bytes: Uint8Array,
  given: Readonly<Record<string, Given>>,
  { some = false } = {},
): Record<string, Given> {
  const model = readOnnx(bytes);
  return scope(() => {
    const inputs = Object.fromEntries(
      Object.entries(given).map(([name, { shape, data }]) => [
        name,
        tensor(data as Float32Array, {
          shape,
          dtype: data instanceof Int32Array ? "int32" : "float32",
        }),
      ]),
    );
    inputs["x"]!.requiresGrad = true;
    const y = model.forward(inputs)["y"]!;
    const weights = Float32Array.from({ length: y.size }, (_, i) => Math.sin(i));
    mul(y, tensor(weights, { shape: y.shape }))
      .sum()
      .backward();
    const all = [...model.stateDict(), ["x", inputs["x"]!] as const];
    return Object.fromEntries(
      all
        .filter(([, each]) => !some || each.grad)
        .map(([name, each]) => [name, { shape: each.shape, data: each.grad!.data() }]),
    );
  });
}
