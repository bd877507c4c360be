// What each evaluation of a run found, as lines of JSON for programs: curves, sweeps.
import { appendFileSync, writeFileSync } from "node:fs";
import type { Metrics } from "../../metrics/metric.js";
import type { EvaluationReport } from "../../models/kit/fit-options.js";

/**
 * The writer of `--log-file`: a line `{"epoch","step","trainLoss","validation","improved","metric","better"}` for each evaluation. A new run
 * begins the file anew, a resumed one adds to it; what lay behind its checkpoint comes again, the same.
 */
export function runLog(
  path: string | undefined,
  { metrics, metric = Object.keys(metrics)[0]!, resumed }: LogOptions,
): (report: EvaluationReport) => void {
  if (path === undefined) return () => {};
  if (!resumed) writeFileSync(path, "");
  const better = metrics[metric]?.better;
  return (report) => appendFileSync(path, `${JSON.stringify({ ...report, metric, better })}\n`);
}

interface LogOptions {
  readonly metrics: Metrics;
  /** What decides. Default: the first. */
  readonly metric: string | undefined;
  readonly resumed: boolean;
}
