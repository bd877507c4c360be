import { checkCall, checkCount } from "../core/check.js";
import { ShapeError } from "../core/errors.js";
import { checkShape, formatShape, type Shape } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { Carry } from "./carry.js";

export interface CarryOptions {
  /** The axis of the batch in every part. Default 0; in the states of recurrent layers it is 1. */
  batchAxis?: number | undefined;
}

/**
 * A carried state of any tensors, zeros at first: what recurrent layers have by `lstm.carry(batch)`, for the memory of a
 * Transformer-XL, or the states of a cell of one's own.
 *
 * ```ts
 * const carry = makeCarry({ memory: [batch, 64, 128] });
 * carry.set({ memory: concat([carry.memory, hidden], 1).slice(1, -64) });
 * ```
 *
 * @param shapes of each part, by its name
 * @throws ShapeError for parts without one batch at its axis, or with the name of a method
 */
export function makeCarry<Part extends string>(
  shapes: Readonly<Record<Part, Shape>>,
  options: CarryOptions = {},
): Carry<Readonly<Record<Part, Tensor>>> {
  const op = "makeCarry";
  checkCall(op, arguments, "shapes:object {batchAxis:number}");
  const { batchAxis = 0 } = options;
  const parts = Object.entries<Shape>(shapes);
  for (const [, shape] of parts) checkShape(op, shape);
  const batch = parts[0]?.[1][batchAxis];
  const odd = parts.find(
    ([part, shape]) => part in Carry.prototype || batch === undefined || shape[batchAxis] !== batch,
  );
  if (odd || batch === undefined)
    throw new ShapeError({
      op,
      expected: `parts with one batch at axis ${batchAxis}`,
      got: odd ? `${odd[0]} ${formatShape(odd[1])}` : "none",
    });
  for (const [part, shape] of parts) for (const size of shape) checkCount(op, part, size);
  return new Carry<Readonly<Record<Part, Tensor>>>(shapes, batchAxis);
}
