import { bytesOf } from "../wasm/ptr.js";
import { allocateOnHeap } from "./storage.js";
import { Tensor } from "./tensor.js";

/**
 * The gradient of a leaf: a heap block kept from step to step, and whether it holds anything. It
 * lives as long as its leaf: with a scoped one it goes when the scope ends.
 */
export class LeafGradient {
  readonly tensor: Tensor;
  filled = false;

  constructor(leaf: Tensor) {
    const storage = allocateOnHeap(bytesOf(leaf.size));
    this.tensor = new Tensor(storage, leaf.shape, "float32", leaf.size);
    leaf.storage.scope?.attached.add(this.tensor);
  }

  /** False once somebody has disposed of the tensor. */
  get live(): boolean {
    return this.tensor.storage.live;
  }

  clear(): void {
    this.filled = false;
  }

  dispose(): void {
    this.filled = false;
    this.tensor.dispose();
  }
}
