// Activations as modules, for Sequential.
import { checkCall } from "../core/check.js";
import { relu, tanh } from "../ops/unary.js";
import { logSoftmax } from "../ops/softmax.js";
import type { Tensor } from "../tensor/tensor.js";
import { Module } from "./module.js";

/** max(x, 0) */
export class ReLU extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "ReLU";
  forward(x: Tensor): Tensor {
    checkCall("ReLU.forward", arguments, "x:tensor");
    return relu(x);
  }
}

/** Hyperbolic tangent. */
export class Tanh extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Tanh";
  forward(x: Tensor): Tensor {
    checkCall("Tanh.forward", arguments, "x:tensor");
    return tanh(x);
  }
}

/** Logarithm of softmax over an axis (default: the last). */
export class LogSoftmax extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "LogSoftmax";
  readonly axis: number;

  constructor(axis = -1) {
    checkCall("LogSoftmax", arguments, "axis?:number");
    super();
    this.axis = axis;
  }

  forward(x: Tensor): Tensor {
    checkCall("LogSoftmax.forward", arguments, "x:tensor");
    return logSoftmax(x, this.axis);
  }
}
