// Results as a table: a row a workload, a column a contestant.
import { flopOf } from "./workloads/definitions.mjs";

/** @param top GFLOP/s of the machine's ceiling */
export function table(results, top) {
  const names = [...new Set(results.flatMap(({ rows }) => rows.map(({ name }) => name)))];
  const head = ["", ...names];
  const lines = results.map(({ workload, rows }) => {
    const flop = flopOf(workload);
    const best = (row) => Math.min(...row.runs.map(({ min }) => min));
    const peer = rows.find(({ name, runs }) => name === "pytorch" && runs.length > 0);
    const cells = names.map((name) => {
      const row = rows.find((one) => one.name === name);
      if (!row) return "–";
      if (row.failed) return `failed: ${row.failed.slice(0, 60)}`;
      const ms = best(row);
      const time = ms < 0.1 ? `${(ms * 1000).toFixed(2)} µs` : `${ms.toPrecision(3)} ms`;
      const parts = [`${((100 * flop) / ms / 1e6 / top).toFixed(0)} %`];
      if (peer && row !== peer) parts.push(`${(best(peer) / ms).toFixed(2)}×`);
      if (row.difference > 1e-3) parts.push(`WRONG by ${row.difference.toExponential(1)}`);
      return `${time} (${parts.join(", ")})`;
    });
    return [workload.id, ...cells];
  });
  const widths = head.map((_, column) =>
    Math.max(...[head, ...lines].map((line) => line[column].length)),
  );
  const row = (line) => `| ${line.map((cell, i) => cell.padEnd(widths[i])).join(" | ")} |`;
  return [
    "Time of a call (share of the ceiling in matrix products; how many times as fast as PyTorch).",
    "",
    row(head),
    `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`,
    ...lines.map(row),
  ].join("\n");
}
