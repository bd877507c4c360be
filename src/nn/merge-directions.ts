// The outputs of two directions, which a layer gives side by side, as one.
import type { Tensor } from "../tensor/tensor.js";
import type { MergeMode } from "./recurrent-options.js";

/** `[…, 2 · size]` → `[…, 2, size]`. */
export function splitDirections(x: Tensor): Tensor {
  return x.reshape([...x.shape.slice(0, -1), 2, x.shape.at(-1)! / 2]);
}

/** `[…, 2 · size]` → `[…, size]`; as it is for "concat" and "none". */
export function mergeDirections(x: Tensor, mode: MergeMode): Tensor {
  if (mode === "sum") return splitDirections(x).sum(-2);
  if (mode === "average") return splitDirections(x).mean(-2);
  if (mode !== "mul") return x;
  const both = splitDirections(x);
  return both.select(-2, 0).mul(both.select(-2, 1));
}
