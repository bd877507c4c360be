import type { DType } from "../core/dtype.js";
import { formatShape } from "../core/shape.js";
import { Parameter } from "../tensor/parameter.js";
import { Tensor } from "../tensor/tensor.js";
import { bytesOf } from "../wasm/ptr.js";
import type { Module } from "./module.js";

/** What a table lists: a module or one of its tensors, under its name. */
export type Entry = readonly [name: string, part: Module | Tensor<DType>];

/** How a module is shown in a line. */
type Describe = (module: Module) => string;

/** A line for the module, each module in it and each of their tensors, then the sums. */
export function summarize(root: Module, entries: readonly Entry[], describe: Describe): string {
  const seen = new Set<Tensor<DType>>();
  const rows = [["", root] as const, ...entries].map(([name, part]): string[] => {
    if (!(part instanceof Tensor)) return [name, describe(part), grouped(count(part.parameters()))];
    const notes = [
      part.dtype !== "float32" && part.dtype,
      seen.has(part) && "tied",
      part instanceof Parameter ? !part.requiresGrad && "frozen" : "buffer",
    ].filter(Boolean);
    const shape = [formatShape(part.shape), ...notes].join(" ");
    const size = seen.has(part) ? "" : grouped(part.size);
    seen.add(part);
    return [name, shape, size];
  });
  const parameters = [...seen].filter((tensor) => tensor instanceof Parameter);
  const trained = parameters.filter(({ requiresGrad }) => requiresGrad);
  const sums: [string, number][] = [
    ["parameters", count(parameters)],
    ["trainable", count(trained)],
    ["buffers", count([...seen]) - count(parameters)],
    ["bytes", bytesOf(count([...seen]))],
  ];
  const table = [
    ["name", "type or shape", "parameters"],
    ...rows,
    ...sums.map(([name, sum]) => [name, "", grouped(sum)]),
  ];
  const widths = [0, 1, 2].map((i) => Math.max(...table.map((row) => row[i]!.length)));
  const line = (row: string[]): string =>
    row
      .map((cell, i) => (i < 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
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
