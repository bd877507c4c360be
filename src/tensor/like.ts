// New tensors with the shape of another.
import type { DType } from "../core/dtype.js";
import { ones, rand, randn, zeros } from "./create.js";
import type { Tensor } from "./tensor.js";

export interface LikeOptions {
  /** Whether `backward()` computes its gradient. Default false; true throws a BackendError in `hiddenstate/infer`. */
  requiresGrad?: boolean;
}

/** Zeros with the shape and the dtype of x. */
export function zerosLike<D extends DType>(x: Tensor<D>, options: LikeOptions = {}): Tensor<D> {
  return zeros(x.shape, { ...options, dtype: x.dtype });
}

/** Ones with the shape and the dtype of x. */
export function onesLike<D extends DType>(x: Tensor<D>, options: LikeOptions = {}): Tensor<D> {
  return ones(x.shape, { ...options, dtype: x.dtype });
}

/** Uniform numbers in [0, 1) with the shape of x, from the library's generator (`manualSeed`). */
export function randLike(x: Tensor, options: LikeOptions = {}): Tensor {
  return rand(x.shape, options);
}

/** Standard normal numbers with the shape of x, from the library's generator (`manualSeed`). */
export function randnLike(x: Tensor, options: LikeOptions = {}): Tensor {
  return randn(x.shape, options);
}
