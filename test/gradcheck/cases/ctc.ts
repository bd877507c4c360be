// CTC's loss against the enumeration of every alignment.
import { ctcLoss, type CtcLossOptions } from "../../../src/losses/index.js";
import { lossByEnumeration } from "../../losses/ctc-reference.js";
import { float, ints, type GradientCase } from "../check.js";
import { at, build, sum, type Twin } from "../twin.js";

function ctcCase(
  [batch, time, classes]: [number, number, number],
  targets: number[][],
  options: CtcLossOptions = {},
): GradientCase {
  const length = targets[0]!.length;
  const { blank = 0, reduction = "mean" } = options;
  const inputLengths = Array.from((options.inputLengths as number[]) ?? Array(batch).fill(time));
  const targetLengths = Array.from(
    (options.targetLengths as number[]) ?? Array(batch).fill(length),
  );
  const lossOf = (logits: Twin, row: number): number => {
    const steps = Array.from({ length: inputLengths[row]! }, (_, t) =>
      Array.from({ length: classes }, (_, label) => at(logits, [row, t, label])),
    );
    return lossByEnumeration(steps, targets[row]!.slice(0, targetLengths[row]), blank);
  };
  return {
    inputs: {
      logits: float([batch, time, classes], { step: 0.125 }),
      targets: ints([batch, length], targets.flat()),
    },
    run: ({ logits, targets: labels }) => ctcLoss(logits!, labels as never, options),
    twin: ({ logits }) => {
      const losses = targets.map((_, row) => lossOf(logits!, row));
      if (reduction === "none") return build([batch], ([row]) => losses[row!]!);
      if (reduction === "sum") return build([], () => sum(losses));
      const perLabel = losses.map((loss, row) => loss / Math.max(1, targetLengths[row]!));
      return build([], () => sum(perLabel) / batch);
    },
  };
}

export const ctc: Record<string, GradientCase[]> = {
  ctcLoss: [
    ctcCase([1, 1, 2], [[1]]),
    ctcCase(
      [2, 4, 3],
      [
        [1, 2],
        [2, 2],
      ],
      { reduction: "sum" },
    ),
    ctcCase(
      [3, 5, 3],
      [
        [1, 1, 2],
        [2, 9, 9],
        [9, 9, 9],
      ],
      {
        inputLengths: [5, 3, 2],
        targetLengths: [3, 1, 0],
      },
    ),
    ctcCase(
      [2, 4, 4],
      [
        [0, 3, 1],
        [1, 0, 7],
      ],
      {
        blank: 2,
        targetLengths: [3, 2],
        reduction: "none",
      },
    ),
  ],
};
