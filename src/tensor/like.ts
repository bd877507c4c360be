// New tensors with the shape of another.
import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { DTypeError } from "../core/errors.js";
import type { Shape } from "../core/shape.js";
import { ones, rand, randn, zeros } from "./create.js";
import type { Tensor } from "./tensor.js";

export interface LikeOptions {
  /** Whether `backward()` computes its gradient. Default false; true throws a BackendError in `hiddenstate/infer`. */
  requiresGrad?: boolean | undefined;
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

/** Uniform numbers in [0, 1) with the shape of x, from the library's generator (`manualSeed`). */
export function randLike(x: Tensor, options: LikeOptions = {}): Tensor {
  checkCall("randLike", arguments, SIGNATURE);
  return rand(floatShape("randLike", x), options);
}

/** Standard normal numbers with the shape of x, from the library's generator (`manualSeed`). */
export function randnLike(x: Tensor, options: LikeOptions = {}): Tensor {
  checkCall("randnLike", arguments, SIGNATURE);
  return randn(floatShape("randnLike", x), options);
}

/** @throws DTypeError for int32: random numbers are not whole */
function floatShape(op: string, { dtype, shape }: Tensor<DType>): Shape {
  if (dtype !== "float32") throw new DTypeError({ op, expected: "float32", got: dtype });
  return shape;
}
