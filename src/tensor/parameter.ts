import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { DTypeError } from "../core/errors.js";
import { running } from "../core/running.js";
import { copyBytes } from "../wasm/memory.js";
import { bytesOf } from "../wasm/ptr.js";
import { allocateOnHeap, type Storage } from "./storage.js";
import { Tensor } from "./tensor.js";

/**
 * A tensor that a model learns. It lives on the heap whatever scope is open, never moves, and
 * `Module` finds it among its own properties.
 *
 * @example
 * ```ts
 * class Scale extends Module {
 *   factor = new Parameter(ones([3]));
 *
 *   forward(x: Tensor): Tensor {
 *     return x.mul(this.factor);
 *   }
 * }
 * [...new Scale().stateDict().keys()]; // ["factor"]
 * ```
 */
export class Parameter extends Tensor {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Parameter";
  /** Tells it from any other tensor at compile time. */
  declare private readonly learned: true;

  /**
   * @param data its first values (copied)
   * @param requiresGrad false for a frozen parameter. Default true.
   */
  constructor(data: Tensor, options: { requiresGrad?: boolean | undefined } = {}) {
    checkCall("Parameter", arguments, "data:tensor {requiresGrad:boolean}");
    const { requiresGrad = true } = options;
    if (data.dtype !== "float32")
      throw new DTypeError({ op: "Parameter", expected: "float32", got: data.dtype });
    super(copyToHeap("Parameter", data), data.shape, "float32", data.size, requiresGrad);
  }
}

/** A tensor that a module saves but does not train. Made by {@link buffer}. */
export class Buffer<D extends DType = "float32"> extends Tensor<D> {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Buffer";
  /** @internal */
  constructor(data: Tensor<D>) {
    super(copyToHeap("buffer", data), data.shape, data.dtype, data.size);
  }
}

/**
 * A copy of `data` that a module saves and loads with its parameters but does not train.
 *
 * @example
 * ```ts
 * class Shift extends Module {
 *   mean = buffer(tensor([1, 2])); // in the state dict, not trained
 * }
 * [...new Shift().stateDict().keys()]; // ["mean"]
 * ```
 */
export function buffer<D extends DType>(data: Tensor<D>): Buffer<D> {
  checkCall("buffer", arguments, "data:tensor");
  return new Buffer(data);
}

function copyToHeap(op: string, data: Tensor<DType>): Storage {
  running.op = op;
  const from = data.address(op);
  const storage = allocateOnHeap(bytesOf(data.size));
  copyBytes(storage.ptr, from, storage.bytes);
  return storage;
}
