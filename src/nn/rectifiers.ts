// Rectifiers as modules, for Sequential.
import { checkCall, checkChoice } from "../core/check.js";
import { elu, gelu, leakyRelu, silu, softplus, type GeluOptions } from "../ops/activations.js";
import { hardTanh } from "../ops/clamp.js";
import type { Tensor } from "../tensor/tensor.js";
import { Module } from "./module.js";

/**
 * x · Φ(x): {@link gelu}.
 *
 * @example
 * ```ts
 * new GELU().forward(zeros([2])).toArray(); // [0, 0]
 * ```
 */
export class GELU extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "GELU";
  readonly approximate: "none" | "tanh";

  /** @param options `approximate`: `"none"` (default), or `"tanh"` for GPT-2's form */
  constructor(options: GeluOptions = {}) {
    checkCall("GELU", arguments, "{approximate:string}");
    super();
    const { approximate = "none" } = options;
    checkChoice("GELU", "approximate", approximate, ["none", "tanh"]);
    this.approximate = approximate;
  }

  forward(x: Tensor): Tensor {
    checkCall("GELU.forward", arguments, "x:tensor");
    return gelu(x, { approximate: this.approximate });
  }
}

/**
 * x · sigmoid(x), also called swish.
 *
 * @example
 * ```ts
 * new SiLU().forward(zeros([2])).toArray(); // [0, 0]
 * ```
 */
export class SiLU extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "SiLU";
  forward(x: Tensor): Tensor {
    checkCall("SiLU.forward", arguments, "x:tensor");
    return silu(x);
  }
}

/**
 * log(1 + e^(beta·x)) / beta: {@link softplus}.
 *
 * @example
 * ```ts
 * new Softplus().forward(zeros([1])).item().toFixed(4); // "0.6931"
 * ```
 */
export class Softplus extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Softplus";
  readonly beta: number;
  readonly threshold: number;

  /**
   * @param beta default 1
   * @param threshold x itself where beta·x is above it; default 20
   */
  constructor(beta = 1, threshold = 20) {
    checkCall("Softplus", arguments, "beta?:number threshold?:number");
    super();
    this.beta = beta;
    this.threshold = threshold;
  }

  forward(x: Tensor): Tensor {
    checkCall("Softplus.forward", arguments, "x:tensor");
    return softplus(x, this.beta, this.threshold);
  }
}

/**
 * x above 0, alpha · (e^x - 1) below: {@link elu}.
 *
 * @example
 * ```ts
 * new ELU().forward(tensor([2])).toArray(); // [2]
 * ```
 */
export class ELU extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "ELU";
  readonly alpha: number;

  /** @param alpha default 1 */
  constructor(alpha = 1) {
    checkCall("ELU", arguments, "alpha?:number");
    super();
    this.alpha = alpha;
  }

  forward(x: Tensor): Tensor {
    checkCall("ELU.forward", arguments, "x:tensor");
    return elu(x, this.alpha);
  }
}

/**
 * x above 0, negativeSlope · x below.
 *
 * @example
 * ```ts
 * new LeakyReLU().forward(tensor([3])).toArray(); // [3]
 * ```
 */
export class LeakyReLU extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "LeakyReLU";
  readonly negativeSlope: number;

  /** @param negativeSlope default 0.01 */
  constructor(negativeSlope = 0.01) {
    checkCall("LeakyReLU", arguments, "negativeSlope?:number");
    super();
    this.negativeSlope = negativeSlope;
  }

  forward(x: Tensor): Tensor {
    checkCall("LeakyReLU.forward", arguments, "x:tensor");
    return leakyRelu(x, this.negativeSlope);
  }
}

/**
 * x within two bounds: {@link hardTanh}.
 *
 * @example
 * ```ts
 * new Hardtanh().forward(tensor([-3, 0.5])).toArray(); // [-1, 0.5]
 * ```
 */
export class Hardtanh extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Hardtanh";
  readonly minVal: number;
  readonly maxVal: number;

  /**
   * @param minVal default -1
   * @param maxVal default 1
   */
  constructor(minVal = -1, maxVal = 1) {
    checkCall("Hardtanh", arguments, "minVal?:number maxVal?:number");
    super();
    this.minVal = minVal;
    this.maxVal = maxVal;
  }

  forward(x: Tensor): Tensor {
    checkCall("Hardtanh.forward", arguments, "x:tensor");
    return hardTanh(x, this.minVal, this.maxVal);
  }
}
