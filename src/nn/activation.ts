// Activations as modules, for Sequential; rectifiers.ts has those whose kernels only subpaths call.
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
  forward(x: Tensor): Tensor {
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
  forward(x: Tensor): Tensor {
    return tanh(x);
  }
}

/** 1 / (1 + e^-x) */
export class Sigmoid extends Module {
  forward(x: Tensor): Tensor {
    return sigmoid(x);
  }
}

/** Softmax over an axis (default: the last). */
export class Softmax extends Module {
  readonly axis: number;

  constructor(axis = -1) {
    super();
    this.axis = axis;
  }

  forward(x: Tensor): Tensor {
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
export class LogSoftmax extends Module {
  readonly axis: number;

  constructor(axis = -1) {
    super();
    this.axis = axis;
  }

  forward(x: Tensor): Tensor {
    return logSoftmax(x, this.axis);
  }
}
