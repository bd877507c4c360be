// What the losses over classes have in common: scores [..., classes], and for each row a class.
import { described } from "../core/described.js";
import {
  DTypeError,
  GraphError,
  OptionError,
  ShapeError,
  type IndexError,
} from "../core/errors.js";
import { formatShape, sameShape } from "../core/shape.js";
import { badIndex } from "../ops/bad-index.js";
import { requireFloat, requireInt } from "../ops/check.js";
import type { Tensor } from "../tensor/tensor.js";
import { checkReduction, type Reduction } from "./reduction.js";

export interface ClassLossOptions {
  /** A weight for each class, `[classes]`. Default: all 1. It takes no gradient. */
  weight?: Tensor | undefined;
  /** Rows with this target count for nothing. Default -100. */
  ignoreIndex?: number | undefined;
  /** Default `"mean"`: the weighted sum divided by the sum of the targets' weights. */
  reduction?: Reduction | undefined;
}

/** Sizes as the kernels take them. */
export interface Rows {
  readonly rows: number;
  readonly classes: number;
}

/** Refuses scores, targets and options that do not fit each other. */
export function checkClassLoss(
  op: string,
  scores: Tensor,
  target: Tensor<"int32">,
  { weight, ignoreIndex = -100, reduction = "mean" }: ClassLossOptions,
): Rows {
  requireFloat(op, scores);
  requireInt(op, "target", target);
  checkReduction(op, reduction);
  const { shape } = scores;
  const leading = shape.slice(0, -1);
  const classes = shape.at(-1);
  if (classes === undefined || !sameShape(target.shape, leading))
    throw new ShapeError({
      op,
      expected:
        classes === undefined
          ? "scores [..., classes]"
          : `a target of shape ${formatShape(leading)} for scores ${formatShape(shape)}`,
      got: formatShape(classes === undefined ? shape : target.shape),
      cure: "Classes are the last axis of the scores; the target has the axes before it.",
    });
  if ((ignoreIndex | 0) !== ignoreIndex)
    throw new OptionError({
      op,
      expected: "a whole number as ignoreIndex",
      got: described(ignoreIndex),
    });
  if (weight) checkWeight(op, weight, classes);
  return { rows: target.size, classes };
}

export function checkWeight(op: string, weight: Tensor, classes: number): void {
  if (weight.dtype !== "float32")
    throw new DTypeError({ op, expected: "weight of dtype float32", got: weight.dtype });
  if (!sameShape(weight.shape, [classes]))
    throw new ShapeError({
      op,
      expected: `weight of shape [${classes}], one number a class`,
      got: formatShape(weight.shape),
    });
  refuseGradient(op, "weight", weight);
}

/** Refuses a tensor that would go without the gradient it asks for. */
export function refuseGradient(op: string, name: string, tensor: Tensor): void {
  if (tensor.requiresGrad)
    throw new GraphError({
      op,
      expected: `a ${name} that requires no gradient`,
      got: "one that does",
      cure: "Pass it with detach(): the loss has no gradient for it.",
    });
}

/** The error for a target that is no class. */
export function badClass(
  op: string,
  target: Tensor<"int32">,
  position: number,
  classes: number,
  ignoreIndex: number,
): IndexError {
  return badIndex(
    op,
    `classes from 0 to ${classes - 1}, or ignoreIndex ${ignoreIndex}`,
    target,
    position,
  );
}
