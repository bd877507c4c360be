// Division of whole numbers. It has no gradient.
import { checkCall } from "../core/check.js";
import { running } from "../core/running.js";
import { OptionError } from "../core/errors.js";
import { broadcastShapes } from "../core/shape.js";
import { empty, type Operand, type Tensor } from "../tensor/tensor.js";
import { i32 } from "../wasm/memory.js";
import { mul, sub } from "./arithmetic.js";
import { combine, shapeOf, sourceOf } from "./broadcast.js";
import { commonDType, requireInt } from "./check.js";

/**
 * ⌊a / b⌋ of int32 tensors, rounded down as in Python, broadcasting.
 *
 * @throws OptionError for a divisor of 0; ShapeError when the shapes do not broadcast; DTypeError for float32
 */
export function floorDivide(a: Tensor<"int32">, b: Operand<"int32">): Tensor<"int32"> {
  checkCall("floorDivide", arguments, "a:tensor b:tensor|number");
  return quotient("floorDivide", a, b);
}

/**
 * a - b · ⌊a / b⌋ of int32 tensors: what is left has b's sign, as in Python; broadcasting.
 *
 * @throws as {@link floorDivide}
 */
export function remainder(a: Tensor<"int32">, b: Operand<"int32">): Tensor<"int32"> {
  checkCall("remainder", arguments, "a:tensor b:tensor|number");
  return sub(a, mul(quotient("remainder", a, b), b));
}

function quotient(op: string, a: Tensor<"int32">, b: Operand<"int32">): Tensor<"int32"> {
  running.op = op;
  requireInt(op, "a", a);
  commonDType(op, a, b);
  const zero = typeof b === "number" ? b === 0 : i32(b.address(op), b.size).includes(0);
  if (zero) throw new OptionError({ op, expected: "divisors other than 0", got: "0" });
  const y = empty(broadcastShapes(op, a.shape, shapeOf(b)), "int32");
  const [dividend, divisor] = [sourceOf(op, a), sourceOf(op, b)];
  combine("floorDivideIntBroadcast", y.storage.ptr, y.shape, dividend, divisor, "int32");
  return y;
}
