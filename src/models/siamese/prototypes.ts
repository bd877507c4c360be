import { unit } from "../../vectors/search.js";
import { UnitRows } from "../../vectors/unit-rows.js";

/** Unit vectors with a label each. */
export interface LabelledRows {
  readonly labels: readonly string[];
  readonly rows: UnitRows;
}

/** The direction of the mean of each label's vectors (Snell et al. 2017), labels in the order of their first. */
export function prototypesOf({ labels, rows: { values, dimension } }: LabelledRows): LabelledRows {
  const sums = new Map<string, Float64Array>();
  labels.forEach((label, row) => {
    const sum = sums.get(label) ?? new Float64Array(dimension);
    sums.set(label, sum);
    for (let i = 0; i < dimension; i++) sum[i]! += values[row * dimension + i]!;
  });
  const rows = new UnitRows(dimension);
  for (const sum of sums.values()) rows.add(Float32Array.from(unit(sum)));
  return { labels: [...sums.keys()], rows };
}
