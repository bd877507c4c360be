import { checkLike } from "../core/check-like.js";
import { checkCall } from "../core/check.js";
import { GraphError } from "../core/errors.js";
import type { Module } from "../nn/module.js";

/** Sizes of one parameter's gradient. */
export interface GradientNorm {
  readonly name: string;
  /** Number of elements. */
  readonly size: number;
  /** Euclidean norm. NaN or Infinity where an element is. */
  readonly norm: number;
  /** Root mean square of the elements: comparable between parameters of different sizes. */
  readonly rms: number;
  /** Largest absolute value. */
  readonly max: number;
  /** The norm over the parameter's own; times the learning rate, how far a step of SGD moves it. */
  readonly ratio: number;
  /** Elements that are NaN or infinite. */
  readonly nonFinite: number;
}

/**
 * The gradient of each parameter in numbers, after `backward()` and before `zeroGrad()`. A parameter
 * without a gradient is left out.
 *
 * @throws GraphError when no parameter has a gradient
 * @example
 * ```ts
 * const model = new Linear(2, 1);
 * model.forward(ones([1, 2])).sum().backward();
 * gradientNorms(model).map(({ name }) => name); // ["weight", "bias"]
 * ```
 */
export function gradientNorms(model: Module): GradientNorm[] {
  checkCall("gradientNorms", arguments, "model:object");
  checkLike("gradientNorms", "a Module", "namedParameters", model);
  const norms: GradientNorm[] = [];
  for (const [name, parameter] of model.namedParameters()) {
    const { grad, size } = parameter;
    if (!grad) continue;
    const { norm, max, nonFinite } = measure(grad.data());
    const ratio = norm / measure(parameter.data()).norm;
    norms.push({ name, size, norm, rms: norm / Math.sqrt(size), max, ratio, nonFinite });
  }
  if (norms.length === 0)
    throw new GraphError({
      op: "gradientNorms",
      expected: "parameters with gradients",
      got: "none",
      cure: "Call it between loss.backward() and zeroGrad().",
    });
  return norms;
}

function measure(values: Float32Array): { norm: number; max: number; nonFinite: number } {
  let [sum, max, nonFinite] = [0, 0, 0];
  for (const value of values) {
    sum += value * value;
    max = Math.max(max, Math.abs(value));
    if (!Number.isFinite(value)) nonFinite++;
  }
  return { norm: Math.sqrt(sum), max, nonFinite };
}
