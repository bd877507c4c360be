import { formatShape } from "../core/shape.js";
import { Tensor } from "../tensor/tensor.js";
import type { Module } from "./module.js";
import type { Entry } from "./summary.js";

/** A line for the module, each module in it and each of their tensors. */
export function summarize(
  root: Module,
  entries: readonly Entry[],
  describe: (module: Module) => string,
): string {
  return [["", root] as const, ...entries]
    .map(
      ([name, part]) =>
        `${name}: ${part instanceof Tensor ? formatShape(part.shape) : describe(part)}`,
    )
    .join("\n");
}
