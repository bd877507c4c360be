import { BYTES_PER_ELEMENT } from "../core/dtype.js";
import { copyBytes } from "../wasm/memory.js";
import { allocateOnHeap } from "./storage.js";
import { Tensor } from "./tensor.js";

/**
 * A tensor that a model learns. It lives on the heap whatever scope is open, never moves, and
 * `Module` finds it among its own properties.
 */
export class Parameter extends Tensor {
  /** A parameter with the values of `data` (copied), or a tensor to take the shape from. */
  constructor(data: Tensor, { requiresGrad = true }: { requiresGrad?: boolean } = {}) {
    const storage = allocateOnHeap(data.size * BYTES_PER_ELEMENT);
    copyBytes(storage.ptr, data.address("Parameter"), storage.bytes);
    super(storage, data.shape, "float32", data.size, requiresGrad);
  }
}
