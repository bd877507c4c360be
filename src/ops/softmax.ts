// Softmax and its logarithm over any axis.
import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import { normalizeAxis } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { trainingKernels } from "../wasm/training-kernels.js";
import { requireFloat, requireInt } from "./check.js";
import { transpose } from "./permute.js";
import { where } from "./where.js";

type OverRows = (x: Tensor, length: number, emptyRow: number) => Tensor;

function overRows(name: "softmax" | "logSoftmax"): OverRows {
  const forward = `${name}Forward` as const;
  const backward = `${name}Backward` as const;
  return defineOp({
    name,
    forward(x: Tensor, length: number, emptyRow: number) {
      const y = empty(x.shape);
      kernels()[forward](y.storage.ptr, x.address(name), rowsOf(x, length), length, emptyRow);
      return { inputs: [x], output: y, saved: { y, length } };
    },
    backward(pass, { y, length }: { y: Tensor; length: number }) {
      pass.write(0, (dx) =>
        trainingKernels()[backward](dx, pass.grad(), y.address(name), rowsOf(y, length), length),
      );
    },
  });
}

const softmaxOfRows = /* @__PURE__ */ overRows("softmax");
const logSoftmaxOfRows = /* @__PURE__ */ overRows("logSoftmax");

function rowsOf({ size }: Tensor, length: number): number {
  return length === 0 ? 0 : size / length;
}

/** @param emptyRow the softmax of a row of only -Infinity: NaN, or 0 where such a row means that nothing is allowed */
function alongAxis(name: string, x: Tensor, axis: number, rows: OverRows, emptyRow = NaN): Tensor {
  requireFloat(name, x);
  // A scalar is a row of one, as in PyTorch.
  const last = Math.max(x.shape.length, 1) - 1;
  const normal = normalizeAxis(name, axis, last + 1);
  const length = x.shape[normal] ?? 1;
  if (normal === last) return rows(x, length, emptyRow);
  return transpose(rows(transpose(x, normal, last), length, emptyRow), normal, last);
}

/**
 * e^x / Σ e^x over an axis, without overflow.
 *
 * @param axis default -1, the last
 * @throws OptionError for an axis out of range; DTypeError for int32
 * @example
 * ```ts
 * softmax(tensor([[0, 0]])).toArray(); // [[0.5, 0.5]]
 * ```
 */
export function softmax(x: Tensor, axis = -1): Tensor {
  checkCall("softmax", arguments, "x:tensor axis?:number");
  return alongAxis("softmax", x, axis, softmaxOfRows);
}

/**
 * log(softmax(x)) over an axis, without overflow.
 *
 * @param axis default -1, the last
 * @throws OptionError for an axis out of range; DTypeError for int32
 * @example
 * ```ts
 * logSoftmax(zeros([1, 4])).shape; // [1, 4]
 * ```
 */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  checkCall("logSoftmax", arguments, "x:tensor axis?:number");
  return alongAxis("logSoftmax", x, axis, logSoftmaxOfRows);
}

/**
 * Softmax over the allowed elements of an axis. The others get 0 and no gradient, whatever they hold;
 * where no element is allowed, all are 0.
 *
 * @param mask int32, not 0 where allowed; broadcasts with x
 * @param axis default -1, the last
 * @throws ShapeError when x and mask do not broadcast; OptionError for an axis out of range; DTypeError
 *   for an int32 x or a float32 mask
 */
export function maskedSoftmax(x: Tensor, mask: Tensor<"int32">, axis = -1): Tensor {
  checkCall("maskedSoftmax", arguments, "x:tensor mask:tensor axis?:number");
  return maskedRows("maskedSoftmax", x, mask, axis, softmaxOfRows);
}

/**
 * log(maskedSoftmax(x)): -Infinity where not allowed. The gradient that comes in there must be finite.
 *
 * @param mask int32, not 0 where allowed; broadcasts with x
 * @param axis default -1, the last
 * @throws as {@link maskedSoftmax}
 */
export function maskedLogSoftmax(x: Tensor, mask: Tensor<"int32">, axis = -1): Tensor {
  checkCall("maskedLogSoftmax", arguments, "x:tensor mask:tensor axis?:number");
  return maskedRows("maskedLogSoftmax", x, mask, axis, logSoftmaxOfRows);
}

function maskedRows(
  name: string,
  x: Tensor,
  mask: Tensor<"int32">,
  axis: number,
  rows: OverRows,
): Tensor {
  requireFloat(name, x);
  requireInt(name, "mask", mask);
  return alongAxis(name, where(mask, x, -Infinity), axis, rows, 0);
}
