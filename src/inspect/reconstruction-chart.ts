import { checkCall, checkCount, type Given } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { panelFigure } from "./panels.js";
import { FIGURE, type FigureOptions } from "./svg.js";

export interface ReconstructionChartOptions {
  /** Numbers at a step: mel bands, sensors. */
  features: number;
}

/**
 * What an autoencoder was given and what came back, one below the other in the same colours: a spectrogram before and after. Time goes to
 * the right, the first feature (the lowest frequency) is the lowest row; below them what lies between the two.
 *
 * @param before all numbers step by step, `[time, features]`: `logMel(samples).data()`
 * @param after the same of what came back: `autoencoder.reconstruct(before)`
 * @throws ShapeError where there are not as many numbers before as after; OptionError for one that is not finite
 * @example
 * ```ts
 * const svg = reconstructionChart([0, 1, 2, 3], [0, 1, 2, 2], { features: 2 });
 * svg.startsWith("<svg"); // true
 * ```
 */
export function reconstructionChart(
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  options: Given<FigureOptions> & ReconstructionChartOptions,
): string {
  const op = "reconstructionChart";
  checkCall(op, arguments, `before:list after:list {${FIGURE} features!:number}`);
  const { features, title = "Before and after", ...rest } = options;
  checkCount(op, "features", features);
  if (before.length === 0 || before.length % features !== 0 || after.length !== before.length)
    throw new ShapeError({
      op,
      expected: `a multiple of ${features} numbers before, and as many after`,
      got: `${before.length} and ${after.length}`,
    });
  const [given, back] = [rowsOf(op, before, features), rowsOf(op, after, features)];
  const between = given.map((value, i) => Math.abs(value - back[i]!));
  const all = [...given, ...back];
  const low = all.reduce((a, b) => Math.min(a, b));
  const high = all.reduce((a, b) => Math.max(a, b));
  // What is everywhere the same has the palest colour.
  const range: [number, number] = [low, high > low ? high : low + 1];
  const columns = before.length / features;
  const rowLabels = Array.from({ length: features }, (_, row) => String(features - 1 - row));
  const shared = { rows: features, columns, rowLabels, hover: false };
  return panelFigure({ title, ...rest }, [
    { ...shared, title: "Before", values: given, range, diverging: false },
    { ...shared, title: "After", values: back, range, diverging: false },
    {
      ...shared,
      title: "Between them",
      values: between,
      range: [0, range[1] - low],
      x: "time step",
    },
  ]);
}

/** A row for each feature, the last on top. */
function rowsOf(op: string, values: ArrayLike<number>, features: number): Float64Array {
  const time = values.length / features;
  const rows = new Float64Array(values.length);
  for (let t = 0; t < time; t++)
    for (let i = 0; i < features; i++) {
      const value = values[t * features + i];
      if (!Number.isFinite(value))
        throw new OptionError({
          op,
          expected: "finite numbers",
          got: `${described(value)} at step ${t}, feature ${i}`,
        });
      rows[(features - 1 - i) * time + t] = value!;
    }
  return rows;
}
