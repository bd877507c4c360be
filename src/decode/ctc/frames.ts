// What CTC's searches read: a distribution over the classes at each step.
import { described } from "../../core/described.js";
import { OptionError, ShapeError } from "../../core/errors.js";
import { formatShape } from "../../core/shape.js";
import { requireFloat } from "../../ops/check.js";
import { checkLengths, type Lengths } from "../../ops/lengths.js";
import { logSoftmax, softmax } from "../../ops/softmax.js";
import { tensor } from "../../tensor/create.js";
import { scope } from "../../tensor/scope.js";
import type { Tensor } from "../../tensor/tensor.js";
import { notLogits } from "../logits.js";

export interface CtcOptions {
  /** Steps that count in each row: integers 0..time. Default: all. */
  lengths?: Lengths | undefined;
  /** The class that stands for no label. Default 0. */
  blank?: number | undefined;
}

export interface CtcRow {
  readonly logits: Float32Array;
  readonly steps: number;
}

/** The rows of a batch of logits, with the steps that count, and the number of classes. */
export function rowsOf(
  op: string,
  logits: Tensor,
  lengths: Lengths | undefined,
  blank: number,
  lengthsName = "lengths",
): { rows: CtcRow[]; classes: number } {
  requireFloat(op, logits);
  if (logits.shape.length !== 3)
    throw new ShapeError({
      op,
      expected: "logits [batch, time, classes]",
      got: formatShape(logits.shape),
    });
  const [batch, time, classes] = logits.shape as [number, number, number];
  checkBlank(op, blank, classes);
  const own = checkLengths(op, lengths, batch, time, lengthsName);
  const values = logits.data();
  const rows = Array.from({ length: batch }, (_, row) => {
    const steps = own?.[row] ?? time;
    const from = row * time * classes;
    return { logits: values.subarray(from, from + steps * classes), steps };
  });
  return { rows, classes };
}

export function checkBlank(op: string, blank: number, classes: number): void {
  if (!Number.isInteger(blank) || blank < 0 || blank >= classes)
    throw new OptionError({
      op,
      expected: `blank to be a class from 0 to ${classes - 1}`,
      got: described(blank),
    });
}

/**
 * Probabilities of the classes at each step, or their logarithms.
 *
 * @throws NumericError for logits that are no distribution, with the step
 */
export function distributions(
  op: string,
  logits: Float32Array,
  classes: number,
  kind: "softmax" | "logSoftmax",
  first = 0,
): Float32Array {
  const steps = logits.length / classes;
  if (steps === 0) return new Float32Array(0);
  const compute = kind === "softmax" ? softmax : logSoftmax;
  const values = scope(() => compute(tensor(logits, { shape: [steps, classes] })).data());
  for (let t = 0; t < steps; t++)
    // Either all of a step are NaN or none.
    if (Number.isNaN(values[t * classes]))
      throw notLogits(op, logits.subarray(t * classes, (t + 1) * classes), ` at step ${first + t}`);
  return values;
}
