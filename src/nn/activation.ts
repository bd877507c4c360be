// Activations as modules, for Sequential; rectifiers.ts has those whose kernels only subpaths call.
import { checkCall } from "../core/check.js";
import { relu, sigmoid, tanh } from "../ops/unary.js";
import { logSoftmax, softmax } from "../ops/softmax.js";
import type { Tensor } from "../tensor/tensor.js";
import { Module } from "./module.js";

/**
 * max(x, 0)
 *
 * @example
 * ```ts
 * new ReLU().forward(tensor([-1, 2])).toArray(); // [0, 2]
 * ```
 */
export class ReLU extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "ReLU";
  forward(x: Tensor): Tensor {
    checkCall("ReLU.forward", arguments, "x:tensor");
    return relu(x);
  }
}

/**
 * Hyperbolic tangent.
 *
 * @example
 * ```ts
 * new Tanh().forward(zeros([2])).toArray(); // [0, 0]
 * ```
 */
export class Tanh extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Tanh";
  forward(x: Tensor): Tensor {
    checkCall("Tanh.forward", arguments, "x:tensor");
    return tanh(x);
  }
}

/**
 * 1 / (1 + e^-x)
 *
 * @example
 * ```ts
 * new Sigmoid().forward(zeros([2])).toArray(); // [0.5, 0.5]
 * ```
 */
export class Sigmoid extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Sigmoid";
  forward(x: Tensor): Tensor {
    checkCall("Sigmoid.forward", arguments, "x:tensor");
    return sigmoid(x);
  }
}

abstract class OverAxis extends Module {
  readonly axis: number;

  constructor(axis = -1) {
    checkCall(new.target.name, arguments, "axis?:number");
    super();
    this.axis = axis;
  }
}

/**
 * Softmax over an axis (default: the last).
 *
 * @example
 * ```ts
 * new Softmax(-1).forward(zeros([1, 2])).toArray(); // [[0.5, 0.5]]
 * ```
 */
export class Softmax extends OverAxis {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Softmax";

  forward(x: Tensor): Tensor {
    checkCall("Softmax.forward", arguments, "x:tensor");
    return softmax(x, this.axis);
  }
}

/**
 * Logarithm of softmax over an axis (default: the last).
 *
 * @example
 * ```ts
 * new LogSoftmax().forward(zeros([1, 2])).shape; // [1, 2]
 * ```
 */
export class LogSoftmax extends OverAxis {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "LogSoftmax";

  forward(x: Tensor): Tensor {
    checkCall("LogSoftmax.forward", arguments, "x:tensor");
    return logSoftmax(x, this.axis);
  }
}
