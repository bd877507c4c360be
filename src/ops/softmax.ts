// Softmax and its logarithm over any axis.
import { defineOp } from "../autograd/op.js";
import { normalizeAxis } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { requireFloat } from "./check.js";
import { transpose } from "./permute.js";

function overRows(name: "softmax" | "logSoftmax"): (x: Tensor, length: number) => Tensor {
  const forward = `${name}Forward` as const;
  const backward = `${name}Backward` as const;
  return defineOp({
    name,
    forward(x: Tensor, length: number) {
      const y = empty(x.shape);
      kernels()[forward](y.storage.ptr, x.address(name), rowsOf(x, length), length);
      return { inputs: [x], output: y, saved: { y, length } };
    },
    backward(pass, { y, length }: { y: Tensor; length: number }) {
      pass.write(0, (dx) =>
        kernels()[backward](dx, pass.grad(), y.address(name), rowsOf(y, length), length),
      );
    },
  });
}

const softmaxOfRows = /* @__PURE__ */ overRows("softmax");
const logSoftmaxOfRows = /* @__PURE__ */ overRows("logSoftmax");

function rowsOf({ size }: Tensor, length: number): number {
  return length === 0 ? 0 : size / length;
}

function alongAxis(
  name: string,
  x: Tensor,
  axis: number,
  rows: (x: Tensor, length: number) => Tensor,
): Tensor {
  requireFloat(name, x);
  // A scalar is a row of one, as in PyTorch.
  const last = Math.max(x.shape.length, 1) - 1;
  const normal = normalizeAxis(name, axis, last + 1);
  const length = x.shape[normal] ?? 1;
  if (normal === last) return rows(x, length);
  return transpose(rows(transpose(x, normal, last), length), normal, last);
}

/**
 * e^x / Σ e^x over an axis, without overflow.
 *
 * @param axis default -1, the last
 * @throws OptionError for an axis out of range; DTypeError for int32
 */
export function softmax(x: Tensor, axis = -1): Tensor {
  return alongAxis("softmax", x, axis, softmaxOfRows);
}

/**
 * log(softmax(x)) over an axis, without overflow.
 *
 * @param axis default -1, the last
 * @throws OptionError for an axis out of range; DTypeError for int32
 */
export function logSoftmax(x: Tensor, axis = -1): Tensor {
  return alongAxis("logSoftmax", x, axis, logSoftmaxOfRows);
}
