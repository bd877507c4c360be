// Small values that calls are made with.
import { randn, tensor, type Tensor } from "../../src/index.js";

/** A float32 tensor of some numbers. */
export const floats = (...shape: number[]): Tensor => randn(shape);

/** An int32 tensor. */
export const ints = (...values: number[]): Tensor<"int32"> => tensor(new Int32Array(values));

export const intsOf = (shape: number[], ...values: number[]): Tensor<"int32"> =>
  tensor(new Int32Array(values), { shape });

/** A float32 tensor of ones. */
export const onesOf = (...shape: number[]): Tensor =>
  tensor(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), { shape });
