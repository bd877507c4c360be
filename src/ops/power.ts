// Powers and roots.
import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { broadcastShapes } from "../core/shape.js";
import { ones } from "../tensor/create.js";
import { empty, type Operand, type Tensor } from "../tensor/tensor.js";
import { extraKernels } from "../wasm/extra.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";
import { withScratch } from "../wasm/scratch.js";
import { div, mul } from "./arithmetic.js";
import { combine, shapeOf, sourceOf, type NdArray, type Source } from "./broadcast.js";
import { requireFloat } from "./check.js";
import { clone } from "./convert.js";
import { giveSummed } from "./sum-to.js";
import { sqrt } from "./unary.js";

/** x² */
export function square<D extends DType>(x: Tensor<D>): Tensor<D> {
  checkCall("square", arguments, "x:tensor");
  return mul(x, x);
}

/** 1 / x */
export function reciprocal(x: Tensor): Tensor {
  checkCall("reciprocal", arguments, "x:tensor");
  requireFloat("reciprocal", x);
  return div(1, x);
}

/** 1 / √x */
export function rsqrt(x: Tensor): Tensor {
  checkCall("rsqrt", arguments, "x:tensor");
  requireFloat("rsqrt", x);
  return div(1, sqrt(x));
}

/** Lends `run` the elements of an operand in a shape that it broadcasts to. */
function inFull<T>(
  x: Source,
  { shape, size }: Pick<NdArray, "shape" | "size">,
  run: (full: Ptr) => T,
): T {
  if (typeof x !== "number" && x.size === size) return run(x.ptr);
  return withScratch(bytesOf(size), (space) => {
    combine("mulBroadcast", space, shape, x, 1);
    return run(space);
  });
}

interface Power {
  readonly x: Tensor;
  readonly exponent: Operand;
  readonly y: Tensor;
}

const power = /* @__PURE__ */ defineOp({
  name: "pow",
  forward(x: Tensor, exponent: Operand) {
    const y = empty(broadcastShapes("pow", x.shape, shapeOf(exponent)));
    const to = y.storage.ptr;
    inFull(sourceOf("pow", x), y, (bases) =>
      inFull(sourceOf("pow", exponent), y, (exponents) =>
        extraKernels().powForward(to, bases, exponents, y.size),
      ),
    );
    const inputs = typeof exponent === "number" ? [x] : [x, exponent];
    return { inputs, output: y, saved: { x, exponent, y } };
  },
  backward(pass, { x, exponent, y }: Power) {
    const { shape, size } = y;
    const dy = { ptr: pass.grad(), shape, size };
    inFull(sourceOf("pow", x), y, (bases) =>
      inFull(sourceOf("pow", exponent), y, (exponents) => {
        giveSummed(pass, 0, x, dy, (to) =>
          extraKernels().powBaseBackward(to, dy.ptr, bases, exponents, size),
        );
        if (typeof exponent === "number") return;
        const powers = y.address("pow");
        giveSummed(pass, 1, exponent, dy, (to) =>
          extraKernels().powExponentBackward(to, dy.ptr, bases, exponents, powers, size),
        );
      }),
    );
  },
});

/**
 * x to a power. Whole numbers as exponent are products, exact up to the rounding of each. Any other is
 * e^(exponent · log |x|), with a relative error of about 1e-7 · (1 + |exponent · log |x||), negative for x below 0 and an
 * odd exponent; NaN for x below 0 and an exponent that is not whole.
 *
 * Gradients are PyTorch's: at x = 0 that of an exponent from 0 on is 0, and that of x where the exponent is 0. An exponent's
 * gradient is NaN below 0, where powers between are no numbers.
 *
 * @param exponent a number, or a tensor that broadcasts with x
 * @throws ShapeError when the shapes do not broadcast; DTypeError for int32
 */
export function pow(x: Tensor, exponent: number | Tensor): Tensor {
  checkCall("pow", arguments, "x:tensor exponent:tensor|number");
  if (typeof exponent !== "number") requireFloat("pow", x, exponent);
  else requireFloat("pow", x);
  if (exponent === 0.5) return sqrt(x);
  if (exponent === -0.5) return rsqrt(x);
  if (!Number.isSafeInteger(exponent)) return power(x, exponent);
  const whole = exponent as number;
  // The gradient of 1 / x^n is not finite where x^n is infinite or 0, that of (1 / x)^n is what it should be.
  return whole < 0 ? wholePower(reciprocal(x), -whole) : wholePower(x, whole);
}

function wholePower(x: Tensor, exponent: number): Tensor {
  if (exponent === 0) return ones(x.shape);
  return exponent === 1 ? clone(x) : product(x, exponent);
}

/** By repeated squaring. */
function product(x: Tensor, factors: number): Tensor {
  if (factors === 1) return x;
  const half = square(product(x, Math.floor(factors / 2)));
  return factors % 2 === 1 ? mul(half, x) : half;
}
