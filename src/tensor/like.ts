// New tensors with the shape of another.
import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { ones, rand, randn, zeros } from "./create.js";
import type { Tensor } from "./tensor.js";

export interface LikeOptions {
  /** Whether `backward()` computes its gradient. Default false; true throws a BackendError in `hiddenstate/infer`. */
  requiresGrad?: boolean;
}

const SIGNATURE = "x:tensor {requiresGrad:boolean}";

/** Zeros with the shape and the dtype of x. */
export function zerosLike<D extends DType>(x: Tensor<D>, options: LikeOptions = {}): Tensor<D> {
  checkCall("zerosLike", arguments, SIGNATURE);
  return zeros(x.shape, { ...options, dtype: x.dtype });
}

/** Ones with the shape and the dtype of x. */
export function onesLike<D extends DType>(x: Tensor<D>, options: LikeOptions = {}): Tensor<D> {
  checkCall("onesLike", arguments, SIGNATURE);
  return ones(x.shape, { ...options, dtype: x.dtype });
}

/** Uniform numbers in [0, 1) with the shape of x, from the library's generator ({@link manualSeed}). */
export function randLike(x: Tensor, options: LikeOptions = {}): Tensor {
  checkCall("randLike", arguments, SIGNATURE);
  return rand(x.shape, options);
}

/** Standard normal numbers with the shape of x, from the library's generator ({@link manualSeed}). */
export function randnLike(x: Tensor, options: LikeOptions = {}): Tensor {
  checkCall("randnLike", arguments, SIGNATURE);
  return randn(x.shape, options);
}
