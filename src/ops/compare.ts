// Comparisons, element by element. They have no gradient.
import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { running } from "../core/running.js";
import { broadcastShapes } from "../core/shape.js";
import { empty, type Operand, type Tensor } from "../tensor/tensor.js";
import { combine, shapeOf, sourceOf, type BinaryKernel } from "./broadcast.js";
import { commonDType } from "./check.js";

/** Tensors of one dtype, or a tensor and a number in either order. */
export interface Comparison {
  <D extends DType>(a: Tensor<D>, b: NoInfer<Operand<D>>): Tensor<"int32">;
  <D extends DType>(a: number, b: Tensor<D>): Tensor<"int32">;
}

type Kernels = Readonly<Record<DType, BinaryKernel>>;

/** `swapped`: asks the kernel with b first. */
function comparison(name: string, kernelFor: Kernels, swapped = false): Comparison {
  return function (a: Operand<DType>, b: Operand<DType>): Tensor<"int32"> {
    checkCall(name, arguments, "a:tensor|number b:tensor|number");
    running.op = name;
    const dtype = commonDType(name, a, b);
    const y = empty(broadcastShapes(name, shapeOf(a), shapeOf(b)), "int32");
    const first = sourceOf(name, swapped ? b : a);
    const second = sourceOf(name, swapped ? a : b);
    combine(kernelFor[dtype], y.storage.ptr, y.shape, first, second, dtype);
    return y;
  };
}

const EQUAL = { float32: "equalBroadcast", int32: "equalIntBroadcast" } as const;
const LESS = { float32: "lessBroadcast", int32: "lessIntBroadcast" } as const;
const LESS_EQUAL = { float32: "lessEqualBroadcast", int32: "lessEqualIntBroadcast" } as const;

/** 1 where a = b, else 0, broadcasting. Without gradient. */
export const equal = /* @__PURE__ */ comparison("equal", EQUAL);

/** 1 where a < b, else 0, broadcasting. Without gradient. */
export const less = /* @__PURE__ */ comparison("less", LESS);

/** 1 where a ≤ b, else 0, broadcasting. Without gradient. */
export const lessEqual = /* @__PURE__ */ comparison("lessEqual", LESS_EQUAL);

/** 1 where a > b, else 0, broadcasting. Without gradient. */
export const greater = /* @__PURE__ */ comparison("greater", LESS, true);

/** 1 where a ≥ b, else 0, broadcasting. Without gradient. */
export const greaterEqual = /* @__PURE__ */ comparison("greaterEqual", LESS_EQUAL, true);
