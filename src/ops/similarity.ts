// How near vectors are to each other. They lie along the last axis.
import { checkCall } from "../core/check.js";
import type { Tensor } from "../tensor/tensor.js";
import { add, div, mul, sub } from "./arithmetic.js";
import { requireFloat } from "./check.js";
import { clamp } from "./clamp.js";
import { matmul } from "./matmul.js";
import { square } from "./power.js";
import { mean, sum } from "./reduce.js";
import { unsqueeze } from "./reshape.js";
import { norm, rootOrZero, type NormOptions } from "./statistics.js";

export interface NormalizeOptions extends Pick<NormOptions, "p"> {
  /** Along which axis vectors lie. Default -1, the last. */
  axis?: number | undefined;
  /** The least that a vector is divided by. Default 1e-12. */
  eps?: number | undefined;
}

/**
 * Vectors divided by their norm, or by `eps` where that is larger.
 *
 * @throws OptionError for an axis out of range; DTypeError for int32
 */
export function normalize(x: Tensor, options: NormalizeOptions = {}): Tensor {
  checkCall("normalize", arguments, "x:tensor {p:number axis:number eps:number}");
  const { p = 2, axis = -1, eps = 1e-12 } = options;
  return div(x, clamp(norm(x, { p, axis, keepdim: true }), eps));
}

/**
 * The cosine of the angle between each two vectors that meet, broadcasting: a·b / (‖a‖ ‖b‖).
 *
 * @param options `axis` along which vectors lie (default -1, where PyTorch has 1), `eps`: the least that a
 *   norm counts as (default 1e-8)
 * @throws ShapeError when the shapes do not broadcast; OptionError for an axis out of range
 */
export function cosineSimilarity(
  a: Tensor,
  b: Tensor,
  options: { axis?: number | undefined; eps?: number | undefined } = {},
): Tensor {
  checkCall("cosineSimilarity", arguments, "a:tensor b:tensor {axis:number eps:number}");
  const { axis = -1, eps = 1e-8 } = options;
  return sum(mul(normalize(a, { axis, eps }), normalize(b, { axis, eps })), axis);
}

/**
 * The cosine of the angle between every vector of a `[…, n, d]` and every one of b `[…, m, d]`: `[…, n, m]`.
 *
 * @param eps the least that a norm counts as. Default 1e-8
 * @throws ShapeError when d differs or the leading axes do not broadcast
 */
export function cosineSimilarities(a: Tensor, b: Tensor, eps = 1e-8): Tensor {
  checkCall("cosineSimilarities", arguments, "a:tensor b:tensor eps?:number");
  return matmul(normalize(a, { eps }), normalize(b, { eps }), { transposeB: true });
}

/**
 * The Euclidean distance of each two vectors that meet, broadcasting: ‖a - b + eps‖.
 *
 * @param eps keeps gradients finite where a equals b. Default 1e-6
 * @throws ShapeError when the shapes do not broadcast
 */
export function pairwiseDistance(a: Tensor, b: Tensor, eps = 1e-6): Tensor {
  checkCall("pairwiseDistance", arguments, "a:tensor b:tensor eps?:number");
  return norm(add(sub(a, b), eps), { axis: -1 });
}

/**
 * The squared distance between every vector of a `[…, n, d]` and every one of b `[…, m, d]`: `[…, n, m]`, as
 * ‖a‖² + ‖b‖² - 2 a·b round b's mean. Absolute error of a few ulp of the largest ‖a‖² + ‖b‖² there.
 *
 * @throws ShapeError when d differs or the leading axes do not broadcast
 */
export function squaredDistances(a: Tensor, b: Tensor): Tensor {
  checkCall("squaredDistances", arguments, "a:tensor b:tensor");
  requireFloat("squaredDistances", a, b);
  // Distances do not depend on the origin, so nothing flows back to it.
  const origin = mean(b.detach(), -2, true);
  const [left, right] = [sub(a, origin), sub(b, origin)];
  const ofLeft = sum(square(left), -1, true);
  const ofRight = unsqueeze(sum(square(right), -1), -2);
  const products = matmul(left, right, { transposeB: true });
  return clamp(sub(add(ofLeft, ofRight), mul(products, 2)), 0);
}

/** Euclidean distances between all pairs: the roots of {@link squaredDistances}. The gradient at 0 is 0. */
export function cdist(a: Tensor, b: Tensor): Tensor {
  checkCall("cdist", arguments, "a:tensor b:tensor");
  return rootOrZero(squaredDistances(a, b));
}
