// Comparisons, element by element. They have no gradient.
import type { DType } from "../core/dtype.js";
import { running } from "../core/running.js";
import { broadcastShapes } from "../core/shape.js";
import { empty, type Tensor } from "../tensor/tensor.js";
import { combine, operandPlace, shapeOf, type BinaryKernel, type Operand } from "./broadcast.js";
import { commonDType } from "./check.js";

/** Tensors of one dtype, or a tensor and a number in either order. */
export interface Comparison {
  <D extends DType>(a: Tensor<D>, b: NoInfer<Operand<D>>): Tensor<"int32">;
  <D extends DType>(a: number, b: Tensor<D>): Tensor<"int32">;
}

interface Definition {
  readonly name: string;
  readonly float32: BinaryKernel;
  readonly int32: BinaryKernel;
  /** Asks the kernel with b first. */
  readonly swapped?: boolean;
}

function comparison({ name, swapped, ...kernelFor }: Definition): Comparison {
  return (a: Operand<DType>, b: Operand<DType>): Tensor<"int32"> => {
    running.op = name;
    const dtype = commonDType(name, a, b);
    const y = empty(broadcastShapes(name, shapeOf(a), shapeOf(b)), "int32");
    const first = operandPlace(name, swapped ? b : a, dtype);
    const second = operandPlace(name, swapped ? a : b, dtype);
    combine(kernelFor[dtype], y.storage.ptr, y.shape, first, second);
    return y;
  };
}

const EQUAL = { float32: "equalBroadcast", int32: "equalIntBroadcast" } as const;
const LESS = { float32: "lessBroadcast", int32: "lessIntBroadcast" } as const;
const LESS_EQUAL = { float32: "lessEqualBroadcast", int32: "lessEqualIntBroadcast" } as const;

/** 1 where a = b, else 0, broadcasting. Without gradient. */
export const equal = /* @__PURE__ */ comparison({ name: "equal", ...EQUAL });

/** 1 where a < b, else 0, broadcasting. Without gradient. */
export const less = /* @__PURE__ */ comparison({ name: "less", ...LESS });

/** 1 where a ≤ b, else 0, broadcasting. Without gradient. */
export const lessEqual = /* @__PURE__ */ comparison({ name: "lessEqual", ...LESS_EQUAL });

/** 1 where a > b, else 0, broadcasting. Without gradient. */
export const greater = /* @__PURE__ */ comparison({ name: "greater", ...LESS, swapped: true });

/** 1 where a ≥ b, else 0, broadcasting. Without gradient. */
export const greaterEqual = /* @__PURE__ */ comparison({
  name: "greaterEqual",
  ...LESS_EQUAL,
  swapped: true,
});
