import type { DType } from "../core/dtype.js";
import type { Shape } from "../core/shape.js";
import type { Operand, Tensor } from "./tensor.js";

/** The operations behind Tensor's methods. A layer above fills it: `ops/methods.ts`. */
export interface Methods {
  backward(x: Tensor, gradient?: Tensor): void;
  clone(x: Tensor): Tensor;
  to(x: Tensor<DType>, dtype: DType): Tensor<DType>;
  reshape(x: Tensor, shape: Shape): Tensor;
  add(a: Tensor<DType>, b: Operand<DType>): Tensor<DType>;
  sub(a: Tensor<DType>, b: Operand<DType>): Tensor<DType>;
  mul(a: Tensor<DType>, b: Operand<DType>): Tensor<DType>;
  div(a: Tensor, b: Operand): Tensor;
  neg(x: Tensor): Tensor;
  matmul(a: Tensor, b: Tensor): Tensor;
  sum(x: Tensor, axis?: number | readonly number[], keepdim?: boolean): Tensor;
  mean(x: Tensor, axis?: number | readonly number[], keepdim?: boolean): Tensor;
  permute(x: Tensor, axes: readonly number[]): Tensor;
  slice(x: Tensor, axis: number, start: number, end?: number): Tensor;
  select(x: Tensor, axis: number, index: number): Tensor;
}

export const methods = {} as Methods;
