// In the inference build parameters begin with zeros where training would draw: values come from a file.
import type { Shape } from "../core/shape.js";
import { full } from "../tensor/create.js";
import { Parameter } from "../tensor/parameter.js";

export function uniformParameter(shape: Shape): Parameter {
  return filledParameter(shape, 0);
}

export function normalParameter(shape: Shape): Parameter {
  return filledParameter(shape, 0);
}

/** The same value everywhere. */
export function filledParameter(shape: Shape, value: number): Parameter {
  const values = full(shape, value);
  const parameter = new Parameter(values);
  values.dispose();
  return parameter;
}
