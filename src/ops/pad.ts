// A tensor within a larger one.
import { described } from "../core/described.js";
import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import type { DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { view } from "../wasm/memory.js";
import { at } from "../wasm/ptr.js";
import { commonDType } from "./check.js";
import { strided, stridesOf, type StridedView } from "./strided.js";

interface Inside extends StridedView {
  /** Elements of the larger one before the first. */
  readonly first: number;
}

const inside = /* @__PURE__ */ defineOp({
  name: "pad",
  forward(x: Tensor<DType>, sides: readonly (readonly [number, number])[], value: number) {
    const y: Tensor<DType> = empty(
      x.shape.map((size, axis) => sides[axis]![0] + size + sides[axis]![1]),
      x.dtype,
    );
    view(x.dtype, y.storage.ptr, y.size).fill(value);
    const strides = stridesOf(y.shape);
    const first = strides.reduce((sum, stride, axis) => sum + stride * sides[axis]![0], 0);
    const saved: Inside = { shape: x.shape, strides, first };
    strided(kernels().scatterStrided, at(y.storage.ptr, first), x.address("pad"), saved);
    return { inputs: [x], output: y, saved };
  },
  backward(pass, { first, ...place }: Inside) {
    pass.write(0, (dx) => strided(kernels().copyStrided, dx, at(pass.grad(), first), place));
  },
});

/**
 * x with a number round it.
 *
 * @param padding how many elements before and after, by axes from the last one on: `[left, right]`,
 *   `[left, right, top, bottom]` and so on, as in PyTorch; axes not named get none
 * @param value default 0
 * @throws OptionError for an odd count, more than two numbers an axis, or numbers below 0 (cut with slice())
 */
export function pad<D extends DType>(
  x: Tensor<D>,
  padding: readonly number[],
  value = 0,
): Tensor<D> {
  checkCall("pad", arguments, "x:tensor padding:list value?:number");
  const rank = x.shape.length;
  const whole = padding.every((count) => Number.isInteger(count) && count >= 0);
  if (!whole || padding.length % 2 !== 0 || padding.length > 2 * rank)
    throw new OptionError({
      op: "pad",
      expected: `up to ${rank} pairs of whole numbers >= 0`,
      got: described(padding),
      cure: "Pairs go from the last axis to the first; cut with slice().",
    });
  commonDType("pad", x, value);
  const sides = x.shape.map((_, axis): [number, number] => {
    const pair = 2 * (rank - 1 - axis);
    return [padding[pair] ?? 0, padding[pair + 1] ?? 0];
  });
  return inside(x, sides, value) as Tensor<D>;
}
