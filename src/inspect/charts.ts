// The charts of what the other files of this folder measure.
import { checkCall, checkCount, checkKeys, type Given } from "../core/check.js";
import { checkRecord } from "../core/check-like.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { barChart } from "./bar-chart.js";
import { checkRun, type GateActivations } from "./gate-activations.js";
import type { GradientFlow } from "./gradient-flow.js";
import type { GradientNorm } from "./gradient-norms.js";
import { heatMap } from "./heat-map.js";
import { lineChart } from "./line-chart.js";
import { FIGURE, type FigureOptions } from "./svg.js";

/**
 * ‖∂loss/∂h_t‖ over time on a logarithmic scale, a line for each name: `{ LSTM: gradientFlow(lstm, …), … }`.
 * Of several layers and directions each has its own line.
 */
export function gradientFlowChart(
  flows: Readonly<Record<string, readonly GradientFlow[]>>,
  given: Given<FigureOptions> = {},
): string {
  const op = "gradientFlowChart";
  checkCall(op, arguments, `flows:object {${FIGURE}}`);
  checkRecord(op, "flows by their names", flows);
  for (const runs of Object.values(flows)) {
    checkCall(op, [runs], "runs:list");
    for (const run of runs) {
      const { layer, direction, h } = Object(run) as Partial<GradientFlow>;
      checkCall(op, [layer, direction, h], "layer:number direction:string h:list");
    }
  }
  const { title = "Gradient of the loss at each time step", ...options } = given;
  const series = Object.entries(flows).flatMap(([name, runs]) =>
    runs.map(({ layer, direction, h }) => ({
      name: runs.length === 1 ? name : `${name} l${layer}${direction === "reverse" ? " ←" : ""}`,
      values: h,
    })),
  );
  return lineChart({ ...options, title, series, logScale: true, x: "time step", y: "‖∂loss/∂h‖" });
}

/** A bar for each parameter, on a logarithmic scale. */
export function gradientNormChart(
  norms: readonly GradientNorm[],
  given: Given<FigureOptions> = {},
): string {
  const op = "gradientNormChart";
  checkCall(op, arguments, `norms:list {${FIGURE}}`);
  for (const each of norms) {
    const { name, norm } = Object(each) as Partial<GradientNorm>;
    checkCall(op, [name, norm], "name:string norm:number");
  }
  const { title = "Gradient norms", ...options } = given;
  const bars = norms.map(({ name, norm }) => ({ label: name, value: norm }));
  return barChart({ ...options, title, bars, logScale: true, x: "norm of the gradient" });
}

/**
 * Losses over steps of training, a line for each name: `{ train: losses, … }`.
 *
 * @param options.smoothing steps to average: each point is the mean of as many up to it. Default 1
 * @example
 * ```ts
 * const svg = trainingCurve({ train: [3, 2, 1.5], validation: [3, 2.4, 2.2] }, { title: "Loss" });
 * svg.startsWith("<svg"); // true
 * ```
 */
export function trainingCurve(
  losses: Readonly<Record<string, ArrayLike<number>>>,
  options: Given<FigureOptions> & {
    logScale?: boolean | undefined;
    smoothing?: number | undefined;
  } = {},
): string {
  const op = "trainingCurve";
  checkCall(op, arguments, `losses:object {${FIGURE} logScale:boolean smoothing:number}`);
  checkRecord(op, "losses by their names", losses);
  for (const values of Object.values(losses)) checkCall(op, [values], "values:list");
  const { title = "Training", smoothing = 1, ...rest } = options;
  checkCount(op, "smoothing", smoothing);
  const series = Object.entries(losses).map(([name, values]) => ({
    name,
    values: smoothed(Array.from(values), smoothing),
  }));
  return lineChart({ ...rest, title, series, x: "step", y: "loss", start: 1 });
}

function smoothed(values: readonly number[], steps: number): number[] {
  return values.map((_, i) => {
    const recent = values.slice(Math.max(0, i + 1 - steps), i + 1);
    return recent.reduce((a, b) => a + b) / recent.length;
  });
}

/**
 * A gate (or the state) of one sequence: a row for each unit, a column for each time step.
 *
 * @param options.labels what stood at each time step: the characters of a text, words
 * @param options.row which sequence of the batch. Default 0
 */
export function gateHeatMap<Gate extends string>(
  run: GateActivations<Gate>,
  gate: NoInfer<Gate>,
  options: Given<FigureOptions> & {
    labels?: readonly string[] | string | undefined;
    row?: number | undefined;
  } = {},
): string {
  const op = "gateHeatMap";
  checkCall(op, arguments, `run:object gate:string {${FIGURE} labels:list|string row:number}`);
  checkRun(op, run);
  const { labels, row = 0, title = `${gate} of each unit`, ...rest } = options;
  const data = run.values[gate] as Float32Array | undefined;
  if (!data || !(Number.isInteger(row) && row >= 0 && row < run.batch))
    throw new OptionError({
      op,
      expected: `a gate among ${Object.keys(run.values).join(", ")}, a row from 0 to ${run.batch - 1}`,
      got: `${described(gate)}, row ${row}`,
    });
  const units = data.length / (run.batch * run.time);
  const steps = run.lengths[row]!;
  const first = row * run.time * units;
  const values = new Float32Array(units * steps);
  for (let t = 0; t < steps; t++)
    for (let unit = 0; unit < units; unit++)
      values[unit * steps + t] = data[first + t * units + unit]!;
  return heatMap({
    ...rest,
    title,
    values,
    rows: units,
    columns: steps,
    ...(labels && { columnLabels: [...labels] }),
    y: "unit",
    x: labels ? "" : "time step",
    ...(["c", "g", "h", "n"].includes(gate) ? {} : { range: [0, 1] as const }),
  });
}

/**
 * Attention weights: a row for each query, a column for each key.
 *
 * @param weights `[queries, keys]`, row-major: `attention.data()`
 */
export function attentionMap(
  weights: ArrayLike<number>,
  labels: { queries: readonly string[]; keys: readonly string[] },
  given: Given<FigureOptions> = {},
): string {
  const op = "attentionMap";
  checkCall(op, arguments, `weights:list labels:object {${FIGURE}}`);
  checkKeys(op, labels, "queries!:list keys!:list");
  const { queries, keys } = labels;
  const { title = "Attention weights", ...options } = given;
  return heatMap({
    ...options,
    title,
    values: weights,
    rows: queries.length,
    columns: keys.length,
    rowLabels: queries,
    columnLabels: keys,
    range: [0, 1],
  });
}
