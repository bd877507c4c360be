// All operators by their names.
import type { Operator } from "../operator.js";
import { control } from "./control.js";
import { elementwise } from "./elementwise.js";
import { norms } from "./norms.js";
import { products } from "./products.js";
import { quantization } from "./quantize.js";
import { recurrents } from "./recurrent/index.js";
import { reductions } from "./reduce.js";
import { selection } from "./select.js";
import { shapes } from "./shapes.js";
import { windows } from "./windows.js";

const OPERATORS: ReadonlyMap<string, Operator> = new Map(
  [
    ...[elementwise, reductions, shapes, selection, products, windows, norms, recurrents],
    ...[quantization, control],
  ].flatMap((family) => Object.entries(family)),
);

/** The names of all operators that run, in alphabetical order. */
export function operatorNames(): string[] {
  return [...OPERATORS.keys()].sort();
}

/** A node's operator; none for those of other domains. */
export function operatorOf({
  opType,
  domain,
}: {
  opType: string;
  domain: string;
}): Operator | undefined {
  return domain === "" || domain === "ai.onnx" ? OPERATORS.get(opType) : undefined;
}
