import { checkCall } from "../../core/check.js";
import { NumericError, OptionError, ShapeError } from "../../core/errors.js";
import { exp } from "../../core/exp-log.js";
import { formatShape } from "../../core/shape.js";
import { badIndex } from "../../ops/bad-index.js";
import { requireInt } from "../../ops/check.js";
import { checkLengths, type Lengths } from "../../ops/lengths.js";
import type { Tensor } from "../../tensor/tensor.js";
import { distributions, rowsOf } from "./frames.js";

export interface CtcAlignmentOptions {
  /** Steps that count in each sequence: integers 0..time. Default: all. */
  inputLengths?: Lengths | undefined;
  /** Labels that count in each target: integers 0..length. Default: all. */
  targetLengths?: Lengths | undefined;
  /** The class that stands for no label. Default 0. */
  blank?: number | undefined;
}

/** Where a label is. */
export interface LabelSpan {
  readonly label: number;
  /** The first step at which it is read. */
  readonly start: number;
  /** The step behind the last. */
  readonly end: number;
  /** Its mean probability over these steps. */
  readonly score: number;
}

/** The most probable alignment of a target with a sequence. */
export interface CtcAlignment {
  /** Of each step, the label that is read, or the blank. */
  readonly path: Int32Array;
  /** Of each label of the target, where it is. */
  readonly spans: LabelSpan[];
  /** The natural logarithm of the alignment's probability. */
  readonly logProbability: number;
}

const OP = "ctcForcedAlignment";

/**
 * Forced alignment: when each label of a target that is known was said. Of all alignments that give the target, the most probable
 * one (Viterbi), as torchaudio's `functional.forced_align` with `merge_tokens`.
 *
 * @param logits `[batch, time, classes]`, before any softmax
 * @param targets int32 classes `[batch, length]`, none of them the blank
 * @returns one alignment for each row
 * @throws OptionError for a target that is too long for its steps, with the row; NumericError where no alignment is possible;
 *   IndexError for a target that is no class or the blank; ShapeError or DTypeError for what does not fit
 * @example
 * ```ts
 * const logits = tensor([[[5, 0, 0], [0, 5, 0], [0, 5, 0], [0, 0, 5]]]);
 * const targets = tensor([[1, 2]], { dtype: "int32" });
 * ctcForcedAlignment(logits, targets)[0]!.spans.map(({ start, end }) => [start, end]); // [[1, 3], [3, 4]]
 * ```
 */
export function ctcForcedAlignment(
  logits: Tensor,
  targets: Tensor<"int32">,
  options: CtcAlignmentOptions = {},
): CtcAlignment[] {
  checkCall(
    OP,
    arguments,
    "logits:tensor targets:tensor {inputLengths:list|tensor targetLengths:list|tensor blank:number}",
  );
  const { blank = 0, inputLengths, targetLengths } = options;
  const { rows, classes } = rowsOf(OP, logits, inputLengths, blank, "inputLengths");
  requireInt(OP, "targets", targets);
  if (targets.shape.length !== 2 || targets.shape[0] !== rows.length)
    throw new ShapeError({
      op: OP,
      expected: `targets [${rows.length}, length] for logits ${formatShape(logits.shape)}`,
      got: formatShape(targets.shape),
    });
  const width = targets.shape[1]!;
  const lengths = checkLengths(OP, targetLengths, rows.length, width, "targetLengths");
  const labels = targets.data();
  return rows.map(({ logits: own, steps }, row) => {
    const length = lengths?.[row] ?? width;
    const target = labels.subarray(row * width, row * width + length);
    const wrong = target.findIndex((label) => label < 0 || label >= classes || label === blank);
    if (wrong >= 0)
      throw badIndex(
        OP,
        `targets from 0 to ${classes - 1} that are not the blank (${blank})`,
        targets,
        row * width + wrong,
      );
    const needed = length + target.filter((label, i) => i > 0 && label === target[i - 1]).length;
    if (needed > steps)
      throw new OptionError({
        op: OP,
        expected: `at least ${needed} steps for the ${length} labels of row ${row}`,
        got: String(steps),
        cure: "A label each needs a step, and a repeated one a blank before it.",
      });
    const logProbabilities = distributions(OP, own, classes, "logSoftmax");
    const found = align(logProbabilities, classes, target, blank);
    if (found) return found;
    throw new NumericError({
      op: OP,
      expected: "an alignment that is possible",
      got: `logits of -Infinity on each of row ${row}`,
    });
  });
}

/** State 2i is the blank before label i, 2i + 1 the label. */
function align(
  logProbabilities: Float32Array,
  classes: number,
  target: Int32Array,
  blank: number,
): CtcAlignment | undefined {
  const steps = logProbabilities.length / classes;
  const states = 2 * target.length + 1;
  const labelOf = (state: number) => (state % 2 === 0 ? blank : target[state >> 1]!);
  /** By how many states each step has gone on. */
  const moves = new Uint8Array(steps * states);
  let scores = new Float64Array(states).fill(-Infinity);
  let before = new Float64Array(states);
  for (let t = 0; t < steps; t++) {
    [before, scores] = [scores, before];
    for (let state = 0; state < states; state++) {
      let best = t === 0 ? (state <= 1 ? 0 : -Infinity) : before[state]!;
      let move = 0;
      if (t > 0 && state > 0 && before[state - 1]! > best) {
        best = before[state - 1]!;
        move = 1;
      }
      const skips = state % 2 === 1 && state > 1 && labelOf(state) !== labelOf(state - 2);
      if (t > 0 && skips && before[state - 2]! > best) {
        best = before[state - 2]!;
        move = 2;
      }
      scores[state] = best + logProbabilities[t * classes + labelOf(state)]!;
      moves[t * states + state] = move;
    }
  }
  let state = states - 1;
  if (steps === 0) return { path: new Int32Array(0), spans: [], logProbability: 0 };
  if (state > 0 && scores[state - 1]! > scores[state]!) state--;
  const logProbability = scores[state]!;
  if (logProbability === -Infinity) return undefined;
  const path = new Int32Array(steps);
  const ofStates = new Int32Array(steps);
  for (let t = steps - 1; t >= 0; t--) {
    ofStates[t] = state;
    path[t] = labelOf(state);
    state -= moves[t * states + state]!;
  }
  return { path, spans: spansOf(ofStates, path, logProbabilities, classes), logProbability };
}

function spansOf(
  states: Int32Array,
  path: Int32Array,
  logProbabilities: Float32Array,
  classes: number,
): LabelSpan[] {
  const spans: LabelSpan[] = [];
  for (let start = 0; start < states.length;) {
    const state = states[start]!;
    const label = path[start]!;
    let sum = 0;
    let end = start;
    for (; states[end] === state; end++) sum += exp(logProbabilities[end * classes + label]!);
    if (state % 2 === 1) spans.push({ label, start, end, score: sum / (end - start) });
    start = end;
  }
  return spans;
}
