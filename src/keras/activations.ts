// Keras' activations by their names, with Keras' numbers: hard_sigmoid has another slope in Keras 3.
import { FormatError } from "../core/errors.js";
import { quoted } from "../core/code-points.js";
import { elu, gelu, leakyRelu, logSigmoid, silu, softplus } from "../ops/activations.js";
import { clamp, hardSigmoid } from "../ops/clamp.js";
import { where } from "../ops/where.js";
import { logSoftmax, softmax } from "../ops/softmax.js";
import { abs, exp, relu, sigmoid, tanh } from "../ops/unary.js";
import { greater } from "../ops/compare.js";
import type { Tensor } from "../tensor/tensor.js";
import { isRecord, numberOf, type Config, type Dialect } from "./config.js";

export type Activation = (x: Tensor) => Tensor;

export const SELU_ALPHA = 1.6732632423543772;
export const SELU_SCALE = 1.0507009873554805;

const BY_NAME: Readonly<Record<string, Activation>> = {
  linear: (x) => x,
  relu: (x) => relu(x),
  relu6: (x) => clamp(x, 0, 6),
  sigmoid: (x) => sigmoid(x),
  tanh: (x) => tanh(x),
  softmax: (x) => softmax(x, -1),
  log_softmax: (x) => logSoftmax(x, -1),
  softplus: (x) => softplus(x),
  softsign: (x) => x.div(abs(x).add(1)),
  elu: (x) => elu(x),
  selu: (x) => elu(x, SELU_ALPHA).mul(SELU_SCALE),
  gelu: (x) => gelu(x),
  swish: (x) => silu(x),
  silu: (x) => silu(x),
  mish: (x) => x.mul(tanh(softplus(x))),
  exponential: (x) => exp(x),
  leaky_relu: (x) => leakyRelu(x, 0.2),
  log_sigmoid: (x) => logSigmoid(x),
  hard_tanh: (x) => clamp(x, -1, 1),
  hard_silu: (x) => x.mul(hardSigmoid(x)),
  hard_swish: (x) => x.mul(hardSigmoid(x)),
};

/** The name of an activation in a configuration: a text, or an object with the class' name. */
export function activationName(value: unknown): string {
  const name = isRecord(value)
    ? value.class_name === "function" ||
      value.config === undefined ||
      typeof value.config === "string"
      ? (value.config ?? value.class_name)
      : value.class_name
    : (value ?? "linear");
  if (typeof name !== "string") return String(name);
  // TensorFlow.js and classes: hardSigmoid, LeakyReLU.
  return name === "ReLU" ? "relu" : name.replaceAll(/([a-z0-9])([A-Z])/g, "$1_$2").toLowerCase();
}

/**
 * @param dialect whose hard_sigmoid
 * @throws FormatError for one that is not known
 */
export function activationOf(
  op: string,
  layer: string,
  value: unknown,
  dialect: Dialect,
): Activation {
  const name = activationName(value);
  if (name === "hard_sigmoid")
    return dialect === "keras3" ? (x) => hardSigmoid(x) : (x) => clamp(x.mul(0.2).add(0.5), 0, 1);
  const found = Object.hasOwn(BY_NAME, name) ? BY_NAME[name] : undefined;
  if (found) return found;
  throw new FormatError({
    op,
    expected: `an activation of layer ${quoted(layer)} among ${Object.keys(BY_NAME).join(", ")}, hard_sigmoid`,
    got: quoted(name),
  });
}

/** The layer `ReLU`: with a bound, a slope below, a threshold. */
export function reluOf(config: Config): Activation {
  const most = numberOf(config.max_value, Infinity);
  const slope = numberOf(config.negative_slope, 0);
  const threshold = numberOf(config.threshold, 0);
  return (x) => {
    const above = most === Infinity ? x : clamp(x, -Infinity, most);
    if (threshold === 0) return slope === 0 ? relu(above) : leakyRelu(above, slope);
    return where(greater(x, threshold), above, x.sub(threshold).mul(slope));
  };
}
