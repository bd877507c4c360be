import { mul } from "../ops/arithmetic.js";
import { dropout } from "../ops/dropout.js";
import { ones } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * Dropout of `[batch, time, features]`; `locked`: of the same features at every step of a sequence (Gal &
 * Ghahramani 2016).
 */
export function lockedDropout(
  x: Tensor,
  p: number,
  { training, locked }: { training: boolean; locked: boolean },
): Tensor {
  if (!locked || !training || p === 0) return dropout(x, p, { training });
  const [batch, , features] = x.shape as [number, number, number];
  return mul(x, dropout(ones([batch, 1, features]), p));
}
