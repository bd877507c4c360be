// ln Γ half a step on, as operations that have gradients.
import { add, div, mul } from "../ops/arithmetic.js";
import { log } from "../ops/unary.js";
import type { Tensor } from "../tensor/tensor.js";

/** From here on the series below is exact to float32. */
const SHIFT = 5;

/**
 * ln Γ(x + ½) - ln Γ(x) for x > 0, whose two terms would lose digits against each other: their asymptotic series
 * (Tricomi & Erdélyi 1951) at x + 5, and the factors that lead there.
 */
export function logGammaStep(x: Tensor): Tensor {
  const z = add(x, SHIFT);
  const inverse = div(1, z);
  const square = mul(inverse, inverse);
  // - 1 / 8z + 1 / 192z³ - 1 / 640z⁵
  const rest = mul(inverse, add(mul(square, add(mul(square, -1 / 640), 1 / 192)), -1 / 8));
  let ratio = div(x, add(x, 0.5));
  for (let i = 1; i < SHIFT; i++) ratio = mul(ratio, div(add(x, i), add(x, i + 0.5)));
  return add(add(mul(log(z), 0.5), rest), log(ratio));
}
