import { described } from "../core/described.js";
import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape, sameShape, sizeOf, type Shape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { fillZero } from "../wasm/memory.js";
import { bytesOf } from "../wasm/ptr.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { requireFloat } from "./check.js";

interface Saved {
  readonly x: Tensor;
  /** Mean and 1 / √(variance + eps) of each row. */
  readonly stats: Tensor;
  readonly weight: Tensor | undefined;
  readonly bias: Tensor | undefined;
  readonly rows: number;
  readonly width: number;
}

const NAME = "layerNorm";

const normalized = /* @__PURE__ */ defineOp({
  name: NAME,
  forward(
    x: Tensor,
    width: number,
    weight: Tensor | undefined,
    bias: Tensor | undefined,
    eps: number,
  ) {
    const y = empty(x.shape);
    const rows = width === 0 ? 0 : x.size / width;
    const stats = empty([rows, 2]);
    kernels().layerNormForward(
      y.storage.ptr,
      stats.storage.ptr,
      x.address(NAME),
      weight?.address(NAME) ?? 0,
      bias?.address(NAME) ?? 0,
      rows,
      width,
      eps,
    );
    const inputs = [x, weight, bias].filter((input) => input !== undefined);
    const saved = { x, stats, weight, bias, rows, width };
    return { inputs, unread: bias ? [bias] : [], output: y, saved };
  },
  backward(pass, { x, stats, weight, bias, rows, width }: Saved) {
    const dy = pass.grad();
    const [from, means, scale] = [x.address(NAME), stats.address(NAME), weight?.address(NAME) ?? 0];
    pass.write(0, (dx) =>
      trainingKernels().layerNormBackward(dx, dy, from, means, scale, rows, width),
    );
    if (weight)
      pass.accumulate(1, (dw, accumulates) => {
        if (!accumulates) fillZero(dw, bytesOf(width));
        trainingKernels().layerNormWeightAcc(dw, dy, from, means, rows, width);
      });
    if (bias)
      pass.accumulate(weight ? 2 : 1, (db, accumulates) => {
        if (accumulates) trainingKernels().sumAxisAcc(db, dy, 1, rows, width);
        else kernels().sumAxis(db, dy, 1, rows, width);
      });
  },
});

export interface LayerNormOptions {
  /** What each element is multiplied with, of shape `normalizedShape`. Default: nothing. */
  weight?: Tensor | undefined;
  /** What is added to each element, of shape `normalizedShape`. Default: nothing. */
  bias?: Tensor | undefined;
  /** Added to the variance. Default 1e-5. */
  eps?: number | undefined;
}

/**
 * `(x - mean) / √(variance + eps) · weight + bias` over the trailing axes, the variance biased (divided by
 * n). Ba, Kiros, Hinton: Layer Normalization (2016).
 *
 * @param normalizedShape the sizes of the trailing axes; a number for the last one
 * @throws ShapeError when x, weight or bias do not end in `normalizedShape`; OptionError for an eps below
 *   0; DTypeError for int32
 */
export function layerNorm(
  x: Tensor,
  normalizedShape: number | Shape,
  options: LayerNormOptions = {},
): Tensor {
  checkCall(
    "layerNorm",
    arguments,
    "x:tensor normalizedShape:number|list {weight:tensor bias:tensor eps:number}",
  );
  const { weight, bias, eps = 1e-5 } = options;
  const sizes = checkNormalized(NAME, x, normalizedShape, { weight, bias });
  checkEps(NAME, eps);
  return normalized(x, sizeOf(sizes), weight, bias, eps);
}

/**
 * @internal The sizes of the trailing axes that are normalized.
 *
 * @param affine what has their shape, by name
 */
export function checkNormalized(
  op: string,
  x: Tensor,
  normalizedShape: number | Shape,
  affine: Readonly<Record<string, Tensor | undefined>>,
): Shape {
  const shape = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  requireFloat(op, x);
  if (shape.length === 0 || !sameShape(x.shape.slice(-shape.length), shape))
    throw new ShapeError({
      op,
      expected: `input [..., ${formatShape(shape).slice(1)}`,
      got: formatShape(x.shape),
      cure: `The trailing axes must equal normalizedShape (${formatShape(shape)}).`,
    });
  for (const [name, tensor] of Object.entries(affine))
    if (tensor) {
      requireFloat(op, tensor);
      if (!sameShape(tensor.shape, shape))
        throw new ShapeError({
          op,
          expected: `${name} ${formatShape(shape)}`,
          got: formatShape(tensor.shape),
        });
    }
  return shape;
}

/** @internal Refuses what is no number to keep a variance above 0. */
export function checkEps(op: string, eps: number, name = "eps"): void {
  if (!(eps >= 0 && eps < Infinity))
    throw new OptionError({
      op,
      expected: `${name} to be a number of at least 0`,
      got: described(eps),
    });
}
