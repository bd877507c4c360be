import { formatShape } from "../core/shape.js";
import { Parameter } from "../tensor/parameter.js";
import type { Module } from "./module.js";

/** A line for each name of the state dict: its shape and how many numbers there are to train. */
export function summarize(root: Module): string {
  const counted = new Set<unknown>();
  let total = 0;
  const rows = [...root.stateDict()].map(([name, tensor]) => {
    const tied = counted.has(tensor);
    counted.add(tensor);
    if (tied) return [name, formatShape(tensor.shape), "(tied)"];
    if (!(tensor instanceof Parameter)) return [name, formatShape(tensor.shape), "(buffer)"];
    total += tensor.size;
    return [name, formatShape(tensor.shape), grouped(tensor.size)];
  });
  const table = [["name", "shape", "parameters"], ...rows, ["total", "", grouped(total)]];
  const [names, shapes, counts] = [0, 1, 2].map((column) =>
    Math.max(...table.map((row) => row[column]!.length)),
  ) as [number, number, number];
  return table
    .map(
      ([name, shape, count]) =>
        `${name!.padEnd(names)}  ${shape!.padEnd(shapes)}  ${count!.padStart(counts)}`,
    )
    .join("\n");
}

/** 1234567 as 1,234,567. */
function grouped(count: number): string {
  return String(count).replace(/\B(?=(\d{3})+$)/g, ",");
}
