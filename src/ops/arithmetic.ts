// Arithmetic with broadcasting. Gradients are summed over the axes along which an operand was repeated.
import type { BackwardPass } from "../autograd/backward-pass.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { broadcastShapes } from "../core/shape.js";
import { empty, type Operand, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import type { Ptr } from "../wasm/ptr.js";
import { combine, shapeOf, sourceOf, type BinaryKernel, type NdArray } from "./broadcast.js";
import { commonDType, requireFloat } from "./check.js";
import { giveSummed, sumTo } from "./sum-to.js";

/** A tensor and a tensor of its dtype or a number, in either order. */
export interface Arithmetic<Types extends DType = "float32"> {
  <D extends Types>(a: Tensor<D>, b: NoInfer<Operand<D>>): Tensor<D>;
  <D extends Types>(a: number, b: Tensor<D>): Tensor<D>;
}

interface Pair {
  readonly a: Operand;
  readonly b: Operand;
  readonly y: Tensor;
}

/**
 * @internal An operand's gradient before it is summed to the operand's shape: writes it to `to` in the shape of
 * the result. `"same"`: it is the result's own.
 */
export type Gradient = "same" | ((to: Ptr, dy: NdArray, pair: Pair) => void);

interface Definition {
  readonly name: string;
  /** For operands of one shape: no plan to write. */
  readonly flat?: "add" | "sub" | "mul" | "div" | undefined;
  readonly broadcast: BinaryKernel;
  /** For int32 operands, where it takes them. */
  readonly int32?: BinaryKernel | undefined;
  readonly backward: readonly [a: Gradient, b: Gradient];
}

/** @internal Completes a record, which is written out where it is given: the inference build leaves out its `backward`. */
export function arithmetic(definition: Definition): Arithmetic<DType> {
  const { name, flat, broadcast, int32 } = definition;
  return defineOp({
    name,
    signature: "a:tensor|number b:tensor|number",
    forward(a: Operand, b: Operand) {
      const tensors = [a, b].filter((x) => typeof x !== "number");
      if (!int32) requireFloat(name, ...tensors);
      const dtype: DType = commonDType(name, a, b);
      const shape = broadcastShapes(name, shapeOf(a), shapeOf(b));
      const y = empty(shape, dtype) as Tensor;
      const to = y.storage.ptr;
      const full =
        tensors.length === 2 && tensors[0]!.size === y.size && tensors[1]!.size === y.size;
      if (flat && full && dtype === "float32")
        kernels()[flat](to, tensors[0]!.address(name), tensors[1]!.address(name), y.size);
      else {
        const kernel = dtype === "int32" ? int32! : broadcast;
        combine(kernel, to, shape, sourceOf(name, a), sourceOf(name, b), dtype);
      }
      return { inputs: tensors, output: y, saved: { a, b, y } };
    },
    backward(pass, pair: Pair) {
      const { a, b } = pair;
      const [gradientOfA, gradientOfB] = definition.backward;
      const inputOfB = typeof a === "number" ? 0 : 1;
      const aFollows = typeof a !== "number" && pass.needs(0);
      if (typeof b !== "number" && pass.needs(inputOfB))
        give(pass, inputOfB, b, gradientOfB, pair, !aFollows);
      if (aFollows) give(pass, 0, a, gradientOfA, pair, true);
    },
  });
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

/**
 * a + b, broadcasting; of int32 tensors modulo 2^32.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for mixed dtypes
 */
export const add: Arithmetic<DType> = /* @__PURE__ */ arithmetic({
  name: "add",
  flat: "add",
  broadcast: "addBroadcast",
  int32: "addIntBroadcast",
  backward: ["same", "same"],
});

/**
 * a - b, broadcasting; of int32 tensors modulo 2^32.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for mixed dtypes
 */
export const sub: Arithmetic<DType> = /* @__PURE__ */ arithmetic({
  name: "sub",
  flat: "sub",
  broadcast: "subBroadcast",
  int32: "subIntBroadcast",
  backward: ["same", (to, dy) => kernels().scale(to, dy.ptr, dy.size, -1)],
});

/**
 * a · b element by element, broadcasting; of int32 tensors modulo 2^32.
 *
 * @throws ShapeError when the shapes do not broadcast; DTypeError for mixed dtypes
 */
export const mul: Arithmetic<DType> = /* @__PURE__ */ arithmetic({
  name: "mul",
  flat: "mul",
  broadcast: "mulBroadcast",
  int32: "mulIntBroadcast",
  backward: [
    (to, dy, { b }) => combine("mulBroadcast", to, dy.shape, dy, sourceOf("mul", b)),
    (to, dy, { a }) => combine("mulBroadcast", to, dy.shape, dy, sourceOf("mul", a)),
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
  backward: [
    (to, dy, { b }) => combine("divBroadcast", to, dy.shape, dy, sourceOf("div", b)),
    (to, dy, { y, b }) => {
      combine("divBroadcast", to, dy.shape, sourceOf("div", y), sourceOf("div", b));
      kernels().mul(to, to, dy.ptr, dy.size);
      kernels().scale(to, to, dy.size, -1);
    },
  ],
});

/** -x */
export const neg = /* @__PURE__ */ defineOp({
  name: "neg",
  signature: "x:tensor",
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
