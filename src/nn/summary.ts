import type { Module } from "./module.js";
import { formatShape } from "../core/shape.js";

/** One line a module that owns parameters: its name, its parameters' shapes, their count. */
export function summarize(root: Module): string {
  const rows = [["module", "parameters", "count"]];
  const counted = new Set<unknown>();
  let total = 0;
  for (const [moduleName, module] of root.namedModules())
    for (const [name, parameter] of ownParameters(module)) {
      const count = counted.has(parameter) ? 0 : parameter.size;
      counted.add(parameter);
      total += count;
      const path = moduleName ? `${moduleName}.${name}` : name;
      rows.push([
        path,
        formatShape(parameter.shape),
        count ? count.toLocaleString("en") : "(tied)",
      ]);
    }
  rows.push(["total", "", total.toLocaleString("en")]);
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map(
      ([path, shape, count]) =>
        `${path!.padEnd(widths[0]!)}  ${shape!.padEnd(widths[1]!)}  ${count!.padStart(widths[2]!)}`,
    )
    .join("\n");
}

function ownParameters(module: Module): [string, { shape: readonly number[]; size: number }][] {
  const inner = [...module.namedModules().keys()].filter((name) => name !== "");
  const isOwn = (name: string) => !inner.some((prefix) => name.startsWith(`${prefix}.`));
  return [...module.stateDict()].filter(([name]) => isOwn(name));
}
