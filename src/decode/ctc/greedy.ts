import { checkCall } from "../../core/check.js";
import type { Tensor } from "../../tensor/tensor.js";
import { distributions, rowsOf, type CtcOptions } from "./frames.js";

/** Labels that were read from a sequence of steps. */
export interface CtcPath {
  readonly labels: Int32Array;
  /** Of each label, the step of its run at which it is most probable. */
  readonly times: Int32Array;
  /** The natural logarithm of the probability of the alignment. */
  readonly logProbability: number;
}

const OP = "ctcGreedy";

/**
 * Best path decoding: the most probable class of each step (of equal ones the lowest), repeated labels merged, blanks removed. It is
 * the most probable alignment, which need not be one of the most probable labelling: {@link ctcBeamSearch} sums over alignments.
 *
 * @param logits `[batch, time, classes]`, before any softmax, as `ctcLoss` takes them
 * @returns the labels of each row
 * @throws NumericError for logits that are no distribution; ShapeError, IndexError or OptionError for what does not fit
 * @example
 * ```ts
 * const logits = tensor([[[0, 5, 0], [0, 5, 0], [5, 0, 0], [0, 0, 5]]]); // [1, 4, 3], 0 the blank
 * [...ctcGreedy(logits)[0]!.labels]; // [1, 2]
 * ```
 */
export function ctcGreedy(logits: Tensor, options: CtcOptions = {}): CtcPath[] {
  checkCall(OP, arguments, "logits:tensor {lengths:list|tensor blank:number}");
  const { blank = 0, lengths } = options;
  const { rows, classes } = rowsOf(OP, logits, lengths, blank);
  return rows.map((row) =>
    bestPath(distributions(OP, row.logits, classes, "logSoftmax"), classes, blank),
  );
}

function bestPath(logProbabilities: Float32Array, classes: number, blank: number): CtcPath {
  const labels: number[] = [];
  const times: number[] = [];
  let logProbability = 0;
  let before = blank;
  let most = -Infinity;
  for (let t = 0; t * classes < logProbabilities.length; t++) {
    let best = 0;
    let score = -Infinity;
    for (let label = 0; label < classes; label++) {
      const own = logProbabilities[t * classes + label]!;
      if (own > score) [best, score] = [label, own];
    }
    logProbability += score;
    if (best !== blank && best !== before) {
      labels.push(best);
      times.push(t);
      most = score;
    } else if (best !== blank && score > most) {
      times[times.length - 1] = t;
      most = score;
    }
    before = best;
  }
  return { labels: Int32Array.from(labels), times: Int32Array.from(times), logProbability };
}
