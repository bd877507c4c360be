// Whole numbers near x. They have no gradient: it would be 0 wherever there is one.
import { checkCall } from "../core/check.js";
import { running } from "../core/running.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { extraKernels } from "../wasm/extra.js";
import { sub } from "./arithmetic.js";
import { requireFloat } from "./check.js";
import { greater, less } from "./compare.js";
import { to } from "./convert.js";

/** By the numbers that the kernel knows the directions by. */
function rounded(op: string, x: Tensor, direction: number): Tensor {
  running.op = op;
  requireFloat(op, x);
  const y = empty(x.shape);
  extraKernels().roundWhole(y.storage.ptr, x.address(op), x.size, direction);
  return y;
}

/** The largest whole number that is not above x. Without gradient. */
export function floor(x: Tensor): Tensor {
  checkCall("floor", arguments, "x:tensor");
  return rounded("floor", x, 0);
}

/** The smallest whole number that is not below x. Without gradient. */
export function ceil(x: Tensor): Tensor {
  checkCall("ceil", arguments, "x:tensor");
  return rounded("ceil", x, 1);
}

/** The nearest whole number; of two, the even one. Without gradient. */
export function round(x: Tensor): Tensor {
  checkCall("round", arguments, "x:tensor");
  return rounded("round", x, 2);
}

/** 1 above 0, -1 below, 0 at 0 and for NaN. Without gradient. */
export function sign(x: Tensor): Tensor {
  checkCall("sign", arguments, "x:tensor");
  requireFloat("sign", x);
  return to(sub(greater(x, 0), less(x, 0)), "float32");
}
