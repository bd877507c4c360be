// Functions that stop at bounds.
import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import { OptionError } from "../core/errors.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { extraKernels } from "../wasm/extra.js";
import type { DType } from "../core/dtype.js";
import { add, div } from "./arithmetic.js";
import { commonDType, requireFloat } from "./check.js";
import { clone } from "./convert.js";
import { maximum, minimum } from "./extremes.js";

interface Bounds {
  readonly low: number;
  readonly high: number;
  /** Between which, both included, the gradient passes. */
  readonly from: number;
  readonly to: number;
}

const bounded = /* @__PURE__ */ defineOp({
  name: "clamp",
  forward(x: Tensor, { low, high, from, to }: Bounds, op: string) {
    requireFloat(op, x);
    const y = empty(x.shape);
    extraKernels().clampForward(y.storage.ptr, x.address(op), x.size, low, high);
    return { inputs: [x], output: y, saved: { x, from, to } };
  },
  backward(pass, { x, from, to }: { x: Tensor; from: number; to: number }) {
    const values = x.address("clamp");
    pass.write(0, (dx) => extraKernels().clampBackward(dx, pass.grad(), values, x.size, from, to));
  },
});

/**
 * x, but no less than `min` and no more than `max`; NaN stays. The gradient passes where x lies within, the
 * bounds included.
 *
 * @param min default: none; whole beside an int32 tensor
 * @param max default: none; where it is below min, all become max
 */
export function clamp<D extends DType>(x: Tensor<D>, min?: number, max?: number): Tensor<D>;
export function clamp(x: Tensor<DType>, min = -Infinity, max = Infinity): Tensor<DType> {
  checkCall("clamp", arguments, "x:tensor min?:number max?:number");
  if (x.dtype === "int32") {
    commonDType("clamp", x, ...[min, max].filter(Number.isFinite));
    const above = min === -Infinity ? x : maximum(x, min);
    return max === Infinity ? clone(above) : minimum(above, max);
  }
  return bounded(x as Tensor, { low: min, high: max, from: min, to: max }, "clamp");
}

/**
 * x within two bounds. The gradient is 0 at both, as in PyTorch.
 *
 * @param min default -1
 * @param max default 1
 * @throws OptionError unless min is below max
 */
export function hardTanh(x: Tensor, min = -1, max = 1): Tensor {
  checkCall("hardTanh", arguments, "x:tensor min?:number max?:number");
  if (!(min < max))
    throw new OptionError({
      op: "hardTanh",
      expected: "min below max",
      got: `${min} and ${max}`,
    });
  return bounded(x, open(min, max), "hardTanh");
}

/** x / 6 + 1/2 within 0 and 1. The gradient is 0 at both ends, as in PyTorch. */
export function hardSigmoid(x: Tensor): Tensor {
  checkCall("hardSigmoid", arguments, "x:tensor");
  return div(bounded(add(x, 3), open(0, 6), "hardSigmoid"), 6);
}

/** Bounds that the gradient does not pass: from the first float32 behind one to the last before the other. */
function open(low: number, high: number): Bounds {
  return { low, high, from: -before(-low), to: before(high) };
}

/** The last float32 before a number. */
function before(value: number): number {
  const float = Float32Array.of(value);
  const bits = new Int32Array(float.buffer);
  if (float[0] === 0) return -1.401298464324817e-45;
  bits[0]! += float[0]! > 0 ? -1 : 1;
  return float[0]!;
}
