// Initial values of parameters, as PyTorch draws them (its distributions; the stream is our own). The inference build
// draws nothing: its parameters are zeros until they are loaded.
import { full, randn, uniform, zeros } from "../tensor/create.js";
import { Parameter } from "../tensor/parameter.js";
import type { Shape } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Uniform in [-bound, bound). */
export function uniformParameter(shape: Shape, bound: number): Parameter {
  return intoParameter(TRAINING ? uniform(shape, -bound, bound) : zeros(shape));
}

/** Standard normal. */
export function normalParameter(shape: Shape): Parameter {
  return intoParameter(TRAINING ? randn(shape) : zeros(shape));
}

/** The same value everywhere. */
export function filledParameter(shape: Shape, value: number): Parameter {
  return intoParameter(full(shape, value));
}

/** A parameter with the values of a tensor that nobody else holds. */
function intoParameter(values: Tensor): Parameter {
  const parameter = new Parameter(values);
  values.dispose();
  return parameter;
}
