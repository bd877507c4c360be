import { checkCall } from "../core/check.js";
import { ShapeError } from "../core/errors.js";
import { formatShape, normalizeAxis } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { mul } from "./arithmetic.js";
import { requireFloat } from "./check.js";
import { split } from "./slice.js";
import { sigmoid } from "./unary.js";

/**
 * a · sigmoid(b) of the two halves a, b of an axis: the gated linear unit (Dauphin et al., "Language modeling with gated
 * convolutional networks", 2017).
 *
 * @param axis default -1
 * @throws ShapeError for an axis of odd length; OptionError for an axis out of range
 */
export function glu(x: Tensor, axis = -1): Tensor {
  checkCall("glu", arguments, "x:tensor axis?:number");
  requireFloat("glu", x);
  const length = x.shape[normalizeAxis("glu", axis, x.shape.length)]!;
  if (length % 2 !== 0)
    throw new ShapeError({
      op: "glu",
      expected: "an even number of elements on the axis",
      got: `${length} of ${formatShape(x.shape)}`,
    });
  const [a, b] = split(x, [length / 2, length / 2], axis);
  return mul(a!, sigmoid(b!));
}
