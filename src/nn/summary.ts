import { noGrad } from "../autograd/mode.js";
import { BYTES_PER_ELEMENT, type DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { Parameter } from "../tensor/parameter.js";
import { scope } from "../tensor/scope.js";
import { Tensor } from "../tensor/tensor.js";
import type { Module } from "./module.js";

/** What a table lists: a module or one of its tensors, under its name. */
export type Entry = readonly [name: string, part: Module | Tensor<DType>];

/** How a module is shown in a line. */
type Describe = (module: Module) => string;

/**
 * A line for the module, each module in it and each of their tensors, then the sums.
 *
 * @param inputs what to run the module with, for a column of output shapes; none: no such column
 */
export function summarize(
  root: Module,
  entries: readonly Entry[],
  describe: Describe,
  inputs: readonly unknown[],
): string {
  const outputs = inputs.length > 0 ? outputShapes(root, inputs) : undefined;
  const seen = new Set<Tensor<DType>>();
  const rows = [["", root] as const, ...entries].map(([name, part]): string[] => {
    if (!(part instanceof Tensor))
      return [name, describe(part), outputs?.get(part) ?? "", grouped(count(part.parameters()))];
    const notes = [
      part.dtype !== "float32" && part.dtype,
      seen.has(part) && "tied",
      part instanceof Parameter ? !part.requiresGrad && "frozen" : "buffer",
    ].filter(Boolean);
    const shape = [formatShape(part.shape), ...notes].join(" ");
    const size = seen.has(part) ? "" : grouped(part.size);
    seen.add(part);
    return [name, shape, "", size];
  });
  const parameters = [...seen].filter((tensor) => tensor instanceof Parameter);
  const trained = parameters.filter(({ requiresGrad }) => requiresGrad);
  const sums: [string, number][] = [
    ["parameters", count(parameters)],
    ["trainable", count(trained)],
    ["buffers", count([...seen]) - count(parameters)],
    ["bytes", count([...seen]) * BYTES_PER_ELEMENT],
  ];
  const table = [
    ["name", "type or shape", outputs ? "output" : "", "parameters"],
    ...rows,
    ...sums.map(([name, sum]) => [name, "", "", grouped(sum)]),
  ];
  const widths = [0, 1, 2, 3].map((i) => Math.max(...table.map((row) => row[i]!.length)));
  const line = (row: string[]): string =>
    row
      .map((cell, i) => (i < 3 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
      .filter((cell) => cell)
      .join("  ")
      .trimEnd();
  return table.map(line).join("\n");
}

function count(tensors: readonly Tensor<DType>[]): number {
  return tensors.reduce((sum, { size }) => sum + size, 0);
}

/** 1234567 as 1,234,567. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}

type Forward = (...inputs: unknown[]) => unknown;

/** The shape of what each module gives, seen in one run of the whole, without dropout and graph. */
function outputShapes(root: Module, inputs: readonly unknown[]): Map<Module, string> {
  if (!("forward" in root))
    throw new OptionError({
      op: "summary",
      expected: "a module with forward() for an example input",
      got: root.constructor.name,
    });
  const shapes = new Map<Module, string>();
  const modules = [...root.namedModules().values()] as (Module & { forward?: Forward })[];
  const restore = modules.map((module) => {
    const { training, forward } = module;
    const own = Object.hasOwn(module, "forward");
    module.training = false;
    if (forward)
      module.forward = (...given) => {
        const result = forward.apply(module, given);
        shapes.set(module, shapeOf(result));
        return result;
      };
    return () => {
      module.training = training;
      if (own) module.forward = forward!;
      else delete module.forward;
    };
  });
  try {
    scope(() => void noGrad(() => (root as Module & { forward: Forward }).forward(...inputs)));
  } finally {
    restore.forEach((back) => back());
  }
  return shapes;
}

/** Of a result with several tensors, the first: a recurrent layer's output. */
function shapeOf(result: unknown): string {
  const tensors = result instanceof Tensor ? [result] : Object.values(result ?? {});
  const first: unknown = tensors.find((each) => each instanceof Tensor);
  return first instanceof Tensor ? formatShape(first.shape) : "";
}
