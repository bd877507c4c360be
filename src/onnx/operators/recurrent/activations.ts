// The functions that a recurrent node may name, with their numbers' defaults.
import { abs, relu, sigmoid, tanh } from "../../../ops/unary.js";
import { add, div, mul } from "../../../ops/arithmetic.js";
import { clamp } from "../../../ops/clamp.js";
import { elu, leakyRelu, softplus } from "../../../ops/activations.js";
import { greaterEqual } from "../../../ops/compare.js";
import { where } from "../../../ops/where.js";
import type { Tensor } from "../../../tensor/tensor.js";

export type StepActivation = (x: Tensor) => Tensor;

interface Named {
  /** The default of alpha; undefined where there is none. */
  readonly alpha?: number;
  readonly beta?: number;
  readonly make: (alpha: number, beta: number) => StepActivation;
}

export const ACTIVATIONS: Readonly<Record<string, Named>> = {
  relu: { make: () => relu },
  tanh: { make: () => tanh },
  sigmoid: { make: () => sigmoid },
  affine: { alpha: 1, beta: 0, make: (alpha, beta) => (x) => add(mul(x, alpha), beta) },
  leakyrelu: { alpha: 0.01, make: (alpha) => (x) => leakyRelu(x, alpha) },
  thresholdedrelu: {
    alpha: 1,
    make: (alpha) => (x) => where(greaterEqual(x, alpha), x, 0),
  },
  scaledtanh: { alpha: 1, beta: 1, make: (alpha, beta) => (x) => mul(tanh(mul(x, beta)), alpha) },
  hardsigmoid: {
    alpha: 0.2,
    beta: 0.5,
    make: (alpha, beta) => (x) => clamp(add(mul(x, alpha), beta), 0, 1),
  },
  elu: { alpha: 1, make: (alpha) => (x) => elu(x, alpha) },
  softsign: { make: () => (x) => div(x, add(abs(x), 1)) },
  softplus: { make: () => (x) => softplus(x) },
};
