import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import { sizeOf, type Shape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { extraKernels } from "../wasm/extra.js";
import { fillZero } from "../wasm/memory.js";
import { bytesOf } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { checkEps, checkNormalized } from "./layer-norm.js";

interface Saved {
  readonly x: Tensor;
  /** 0 and 1 / √(mean of squares + eps) of each row. */
  readonly stats: Tensor;
  readonly weight: Tensor | undefined;
  readonly rows: number;
  readonly width: number;
}

const NAME = "rmsNorm";

const normalized = /* @__PURE__ */ defineOp({
  name: NAME,
  forward(x: Tensor, width: number, weight: Tensor | undefined, eps: number) {
    const y = empty(x.shape);
    const rows = width === 0 ? 0 : x.size / width;
    const stats = empty([rows, 2]);
    const scale = weight?.address(NAME) ?? 0;
    const [to, moments] = [y.storage.ptr, stats.storage.ptr];
    extraKernels().rmsNormForward(to, moments, x.address(NAME), scale, rows, width, eps);
    return {
      inputs: weight ? [x, weight] : [x],
      output: y,
      saved: { x, stats, weight, rows, width },
    };
  },
  backward(pass, { x, stats, weight, rows, width }: Saved) {
    const dy = pass.grad();
    const [from, moments, scale] = [
      x.address(NAME),
      stats.address(NAME),
      weight?.address(NAME) ?? 0,
    ];
    pass.write(0, (dx) =>
      extraKernels().rmsNormBackward(dx, dy, from, moments, scale, rows, width),
    );
    if (weight)
      pass.accumulate(1, (dw, accumulates) => {
        if (!accumulates) fillZero(dw, bytesOf(width));
        trainingKernels().layerNormWeightAcc(dw, dy, from, moments, rows, width);
      });
  },
});

export interface RMSNormOptions {
  /** What each element is multiplied with, of shape `normalizedShape`. Default: nothing. */
  weight?: Tensor | undefined;
  /** Added to the mean of the squares. Default 1.1920929e-7, the spacing of float32 at 1, as in PyTorch. */
  eps?: number | undefined;
}

/** @internal The spacing of float32 at 1. */
export const FLOAT_EPS = 1.1920928955078125e-7;

/**
 * `x / √(mean of x² + eps) · weight` over the trailing axes. Zhang and Sennrich: Root Mean Square Layer Normalization
 * (2019).
 *
 * @param normalizedShape the sizes of the trailing axes; a number for the last one
 * @throws ShapeError when x or weight do not end in `normalizedShape`; OptionError for an eps below 0; DTypeError for int32
 */
export function rmsNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  options: RMSNormOptions = {},
): Tensor {
  checkCall(
    "rmsNorm",
    arguments,
    "x:tensor normalizedShape:number|list {weight:tensor eps:number}",
  );
  const { weight, eps = FLOAT_EPS } = options;
  const sizes = checkNormalized(NAME, x, normalizedShape, { weight });
  checkEps(NAME, eps);
  return normalized(x, sizeOf(sizes), weight, eps);
}
