// Products of two vectors.
import { checkCall } from "../core/check.js";
import { ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";
import { mul } from "./arithmetic.js";
import { matmul } from "./matmul.js";
import { unsqueeze } from "./reshape.js";

function requireVectors(op: string, a: Tensor, b: Tensor): void {
  if (a.shape.length === 1 && b.shape.length === 1) return;
  const got = `${formatShape(a.shape)} and ${formatShape(b.shape)}`;
  throw new ShapeError({ op, expected: "two vectors", got });
}

/**
 * The sum of products of two vectors of one length: a scalar.
 *
 * @throws ShapeError for other shapes
 */
export function dot(a: Tensor, b: Tensor): Tensor {
  checkCall("dot", arguments, "a:tensor b:tensor");
  requireVectors("dot", a, b);
  return matmul(a, b);
}

/**
 * Every product of an element of a `[n]` with one of b `[m]`: `[n, m]`.
 *
 * @throws ShapeError for other shapes
 */
export function outer(a: Tensor, b: Tensor): Tensor {
  checkCall("outer", arguments, "a:tensor b:tensor");
  requireVectors("outer", a, b);
  return mul(unsqueeze(a, 1), b);
}
