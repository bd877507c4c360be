// The larger and the smaller of two operands, with broadcasting.
import type { DType } from "../core/dtype.js";
import { kernels } from "../wasm/backend.js";
import { extraKernels } from "../wasm/extra.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";
import { withBlock } from "../wasm/scratch.js";
import { arithmetic, type Arithmetic, type Gradient } from "./arithmetic.js";
import { combine, sourceOf, type NdArray, type Source } from "./broadcast.js";

/** dy unless less < more; half of it where they are equal. */
function unlessLess(to: Ptr, dy: NdArray, less: Source, more: Source): void {
  const { size } = dy;
  withBlock(bytesOf(size), (strict) => {
    combine("lessBroadcast", strict, dy.shape, less, more);
    combine("lessEqualBroadcast", to, dy.shape, less, more);
    kernels().intToFloat(strict, strict, size);
    kernels().intToFloat(to, to, size);
    kernels().add(to, to, strict, size);
    kernels().scale(to, to, size, -0.5);
    extraKernels().addScalar(to, to, size, 1);
    kernels().mul(to, to, dy.ptr, size);
  });
}

const unlessFirstIsLess: Gradient = (to, dy, { a, b }) =>
  unlessLess(to, dy, sourceOf("maximum", a), sourceOf("maximum", b));

const unlessSecondIsLess: Gradient = (to, dy, { a, b }) =>
  unlessLess(to, dy, sourceOf("minimum", b), sourceOf("minimum", a));

/**
 * The larger of a and b element by element, broadcasting; NaN where either is. Where they are equal,
 * each gets half of the gradient.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for mixed dtypes
 */
export const maximum: Arithmetic<DType> = /* @__PURE__ */ arithmetic({
  name: "maximum",
  broadcast: "maximumBroadcast",
  int32: "maximumIntBroadcast",
  backward: [unlessFirstIsLess, unlessSecondIsLess],
});

/**
 * The smaller of a and b element by element, broadcasting; NaN where either is. Where they are equal,
 * each gets half of the gradient.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for mixed dtypes
 */
export const minimum: Arithmetic<DType> = /* @__PURE__ */ arithmetic({
  name: "minimum",
  broadcast: "minimumBroadcast",
  int32: "minimumIntBroadcast",
  backward: [unlessSecondIsLess, unlessFirstIsLess],
});
