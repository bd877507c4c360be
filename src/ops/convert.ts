// Copies of a tensor: as it is, and in another dtype.
import { checkCall } from "../core/check.js";
import { defineOp } from "../autograd/op.js";
import { described } from "../core/described.js";
import type { DType } from "../core/dtype.js";
import { DTypeError } from "../core/errors.js";
import { running } from "../core/running.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { kernels } from "../wasm/backend.js";
import { copyBytes } from "../wasm/memory.js";
import { reshape } from "./reshape.js";

const copy = /* @__PURE__ */ defineOp({
  name: "clone",
  forward(x: Tensor<DType>) {
    const y: Tensor<DType> = empty(x.shape, x.dtype);
    copyBytes(y.storage.ptr, x.address("clone"), x.storage.bytes);
    return { inputs: [x], output: y, saved: undefined };
  },
  backward(pass) {
    pass.passOn(0, { move: true });
  },
});

/** A copy with memory of its own, in the graph: gradients pass through. */
export function clone<D extends DType>(x: Tensor<D>): Tensor<D> {
  checkCall("clone", arguments, "x:tensor");
  return copy(x) as Tensor<D>;
}

/**
 * Conversion to another dtype. float32 to int32 cuts off the fraction; NaN becomes 0, and what int32
 * cannot hold its nearest end. No gradient passes between dtypes. To its own dtype, x is shared, not
 * copied.
 */
export function to<E extends DType>(x: Tensor<DType>, dtype: E): Tensor<E> {
  checkCall("to", arguments, "x:tensor dtype");
  if (dtype !== "float32" && dtype !== "int32")
    throw new DTypeError({
      op: "to",
      expected: 'dtype "float32" or "int32"',
      got: described(dtype),
    });
  if (x.dtype === dtype) return reshape(x, x.shape) as unknown as Tensor<E>;
  running.op = "to";
  const y = empty(x.shape, dtype);
  const convert = dtype === "int32" ? kernels().floatToInt : kernels().intToFloat;
  convert(y.storage.ptr, x.address("to"), x.size);
  return y;
}
