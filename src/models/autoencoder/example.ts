// What an autoencoder of sequences learns from, and what it says.
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import type { Series } from "../parts/series-input.js";

/** A series; for scores whether it is an anomaly. */
export interface AutoencoderExample {
  readonly input: Series;
  /** Whether it is what should be found. Default false: it is normal. */
  readonly anomaly?: boolean | undefined;
}

/** What is found in a series by its reconstruction. */
export interface Reconstruction {
  /** Mean squared error over steps and features, in units of the variance of what the model was built from. */
  readonly score: number;
  /** Whether the score is above the model's threshold. */
  readonly anomaly: boolean;
  /** The error of each step: their mean is the score. */
  readonly stepErrors: Float32Array;
  /** All numbers step by step, in the units of the series. */
  readonly reconstruction: Float32Array;
}

/**
 * Whether an example is an anomaly, checked.
 *
 * @param training whether it is to be learnt: then it must be normal
 */
export function anomalyOf(
  op: string,
  { anomaly = false }: AutoencoderExample,
  training: boolean,
): boolean {
  if (typeof anomaly !== "boolean")
    throw new OptionError({ op, expected: "anomaly to be true or false", got: described(anomaly) });
  if (training && anomaly)
    throw new OptionError({
      op,
      expected: "normal series to learn from",
      got: "anomaly: true",
      cure: "What is learnt is not found later: leave anomalies out, or give them as validation.",
    });
  return anomaly;
}
