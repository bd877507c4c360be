// Arithmetic with broadcasting. Gradients are summed over the axes along which an operand was repeated.
import type { BackwardPass } from "../autograd/backward-pass.js";
import { defineOp } from "../autograd/op.js";
import { BYTES_PER_ELEMENT } from "../core/dtype.js";
import { broadcastShapes, type Shape } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { heap, kernels } from "../wasm/backend.js";
import {
  combine,
  operandPlace,
  placeOf,
  type BinaryKernel,
  type Operand,
  type Place,
} from "./broadcast.js";
import { requireFloat } from "./check.js";
import { giveSummed, sumTo } from "./sum-to.js";

/** A tensor and a tensor or number, in either order. */
export interface Arithmetic {
  (a: Tensor, b: Operand): Tensor;
  (a: number, b: Tensor): Tensor;
}

interface Pair {
  readonly a: Operand;
  readonly b: Operand;
  readonly y: Tensor;
}

/**
 * An operand's gradient before it is summed to the operand's shape: writes it to `to` in the shape of
 * the result. `"same"`: it is the result's own.
 */
type Gradient = "same" | ((to: number, dy: Place, pair: Pair) => void);

interface Definition {
  readonly name: string;
  /** For operands of one shape: no plan to write. */
  readonly flat?: "add" | "sub" | "mul" | "div";
  readonly broadcast: BinaryKernel;
  readonly gradients: readonly [a: Gradient, b: Gradient];
}

function arithmetic({
  name,
  flat,
  broadcast,
  gradients: [gradientOfA, gradientOfB],
}: Definition): Arithmetic {
  return defineOp({
    name,
    forward(a: Operand, b: Operand) {
      const y = empty(resultShape(name, a, b));
      if (
        flat &&
        typeof a !== "number" &&
        typeof b !== "number" &&
        a.size === y.size &&
        b.size === y.size
      )
        kernels()[flat](y.storage.ptr, a.address(name), b.address(name), y.size);
      else combine(broadcast, y.storage.ptr, y.shape, operandPlace(name, a), operandPlace(name, b));
      const inputs = typeof a === "number" ? [b as Tensor] : typeof b === "number" ? [a] : [a, b];
      return { inputs, output: y, saved: { a, b, y } };
    },
    backward(pass, pair: Pair) {
      const { a, b } = pair;
      const inputOfB = typeof a === "number" ? 0 : 1;
      const aFollows = typeof a !== "number" && pass.needs(0);
      if (typeof b !== "number" && pass.needs(inputOfB))
        give(pass, inputOfB, b, gradientOfB, pair, !aFollows);
      if (aFollows) give(pass, 0, a, gradientOfA, pair, true);
    },
  }) as Arithmetic;
}

function resultShape(name: string, a: Operand, b: Operand): Shape {
  if (typeof a === "number") {
    requireFloat(name, b as Tensor);
    return (b as Tensor).shape;
  }
  requireFloat(name, a);
  if (typeof b === "number") return a.shape;
  requireFloat(name, b);
  return broadcastShapes(name, a.shape, b.shape);
}

/** Gives an operand its gradient. `last`: nobody needs the result's gradient afterwards. */
function give(
  pass: BackwardPass,
  input: number,
  x: Tensor,
  gradient: Gradient,
  pair: Pair,
  last: boolean,
): void {
  const { shape, size } = pair.y;
  if (gradient === "same" && x.size === size) return pass.passOn(input, { move: last });
  const dy = { ptr: pass.grad(), shape, size };
  if (gradient === "same")
    pass.accumulate(input, (to, accumulates) => sumTo(to, x.shape, dy, accumulates));
  else giveSummed(pass, input, x, dy, (to) => gradient(to, dy, pair));
}

/** dy unless less < more; half of it where they are equal. */
function unlessLess(to: number, dy: Place, less: Place, more: Place): void {
  const { size } = dy;
  const strict = heap().allocate(size * BYTES_PER_ELEMENT);
  combine("lessBroadcast", strict, dy.shape, less, more);
  combine("lessEqualBroadcast", to, dy.shape, less, more);
  kernels().intToFloat(strict, strict, size);
  kernels().intToFloat(to, to, size);
  kernels().add(to, to, strict, size);
  kernels().scale(to, to, size, -0.5);
  kernels().addScalar(to, to, size, 1);
  kernels().mul(to, to, dy.ptr, size);
  heap().free(strict);
}

const unlessFirstIsLess: Gradient = (to, dy, { a, b }) =>
  unlessLess(to, dy, operandPlace("maximum", a), operandPlace("maximum", b));

const unlessSecondIsLess: Gradient = (to, dy, { a, b }) =>
  unlessLess(to, dy, operandPlace("minimum", b), operandPlace("minimum", a));

/**
 * a + b, broadcasting.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for int32
 */
export const add: Arithmetic = /* @__PURE__ */ arithmetic({
  name: "add",
  flat: "add",
  broadcast: "addBroadcast",
  gradients: ["same", "same"],
});

/**
 * a - b, broadcasting.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for int32
 */
export const sub: Arithmetic = /* @__PURE__ */ arithmetic({
  name: "sub",
  flat: "sub",
  broadcast: "subBroadcast",
  gradients: ["same", (to, dy) => kernels().scale(to, dy.ptr, dy.size, -1)],
});

/**
 * a · b element by element, broadcasting.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for int32
 */
export const mul: Arithmetic = /* @__PURE__ */ arithmetic({
  name: "mul",
  flat: "mul",
  broadcast: "mulBroadcast",
  gradients: [
    (to, dy, { b }) => combine("mulBroadcast", to, dy.shape, dy, operandPlace("mul", b)),
    (to, dy, { a }) => combine("mulBroadcast", to, dy.shape, dy, operandPlace("mul", a)),
  ],
});

/**
 * a / b element by element, broadcasting.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for int32
 */
export const div: Arithmetic = /* @__PURE__ */ arithmetic({
  name: "div",
  flat: "div",
  broadcast: "divBroadcast",
  gradients: [
    (to, dy, { b }) => combine("divBroadcast", to, dy.shape, dy, operandPlace("div", b)),
    (to, dy, { y, b }) => {
      combine("divBroadcast", to, dy.shape, placeOf("div", y), operandPlace("div", b));
      kernels().mul(to, to, dy.ptr, dy.size);
      kernels().scale(to, to, dy.size, -1);
    },
  ],
});

/**
 * The larger of a and b element by element, broadcasting; NaN where either is. Where they are equal,
 * each gets half of the gradient.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for int32
 */
export const maximum: Arithmetic = /* @__PURE__ */ arithmetic({
  name: "maximum",
  broadcast: "maximumBroadcast",
  gradients: [unlessFirstIsLess, unlessSecondIsLess],
});

/**
 * The smaller of a and b element by element, broadcasting; NaN where either is. Where they are equal,
 * each gets half of the gradient.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for int32
 */
export const minimum: Arithmetic = /* @__PURE__ */ arithmetic({
  name: "minimum",
  broadcast: "minimumBroadcast",
  gradients: [unlessSecondIsLess, unlessFirstIsLess],
});

/** -x */
export const neg = /* @__PURE__ */ defineOp({
  name: "neg",
  forward(x: Tensor) {
    requireFloat("neg", x);
    const y = empty(x.shape);
    kernels().scale(y.storage.ptr, x.address("neg"), x.size, -1);
    return { inputs: [x], output: y, saved: x.size };
  },
  backward(pass, size: number) {
    pass.write(0, (dx) => kernels().scale(dx, pass.grad(), size, -1));
  },
});
