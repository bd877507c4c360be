// What an operation's backward sees: the gradients that came in, and where the ones it makes go.
import type { DType } from "../core/dtype.js";
import { LeafGradient } from "../tensor/leaf-gradient.js";
import type { GraphNode } from "../tensor/graph-node.js";
import type { Tensor } from "../tensor/tensor.js";
import { heap } from "../wasm/backend.js";
import { copyBytes, fillZero } from "../wasm/memory.js";
import { bytesOf, type Ptr } from "../wasm/ptr.js";
import { withBlock } from "../wasm/scratch.js";
import { trainingKernels } from "../wasm/training-kernels.js";

/**
 * One node's turn in the backward pass. Gradients between nodes live on the heap and are freed as
 * soon as the node that consumed them has run; those of leaves are kept with the leaf.
 */
export class BackwardPass {
  readonly #node: GraphNode;

  constructor(node: GraphNode) {
    this.#node = node;
  }

  /** Address of the gradient that came in for an output; zeros where none did. */
  grad(output = 0): Ptr {
    const slot = this.#node.outputs[output]!;
    if (slot.gradient === 0) {
      slot.gradient = heap().allocate(bytesOf(slot.size));
      fillZero(slot.gradient, bytesOf(slot.size));
    }
    return slot.gradient;
  }

  /** Address of the gradient that came in for an output, or 0 where none did. */
  gradOrNone(output: number): Ptr {
    return this.#node.outputs[output]!.gradient;
  }

  /** Whether an input wants a gradient. */
  needs(input: number): boolean {
    return this.#node.inputs[input]!.requiresGrad;
  }

  /**
   * Gives an input its gradient, by a kernel that overwrites. Where the input has one already, from
   * another use of it, the new one is added.
   */
  write(input: number, kernel: (to: Ptr) => void): void {
    this.accumulate(input, (to, accumulates) => {
      if (!accumulates) return kernel(to);
      const { size } = this.#node.inputs[input]!;
      withBlock(bytesOf(size), (addend) => {
        kernel(addend);
        trainingKernels().axpy(to, addend, size, 1);
      });
    });
  }

  /** As {@link write}, for kernels that can add by themselves. */
  accumulate(input: number, kernel: (to: Ptr, accumulates: boolean) => void): void {
    const tensor = this.#node.inputs[input]!;
    if (!tensor.requiresGrad) return;
    const slot = slotOf(tensor);
    if (slot.gradient !== 0) return kernel(slot.gradient, true);
    const to = slot.take();
    kernel(to, false);
  }

  /**
   * As {@link accumulate}, for a kernel that adds to some rows of a matrix: it always adds.
   *
   * @param ids the rows it adds to
   */
  accumulateRows(input: number, ids: Int32Array, kernel: (to: Ptr) => void): void {
    const tensor = this.#node.inputs[input]!;
    if (!tensor.requiresGrad || tensor.node) {
      return this.accumulate(input, (to, accumulates) => {
        if (!accumulates) fillZero(to, bytesOf(tensor.size));
        kernel(to);
      });
    }
    const gradient = leafGradientOf(tensor as Tensor);
    gradient.addRows(ids);
    kernel(gradient.tensor.storage.ptr);
  }

  /**
   * As {@link write}, and where it can over what the forward pass saved: for kernels that may overwrite
   * `saved`, which nobody reads again.
   */
  writeOver(input: number, saved: Tensor, kernel: (to: Ptr) => void): void {
    const tensor = this.#node.inputs[input]!;
    if (!tensor.requiresGrad) return;
    const slot = slotOf(tensor);
    const place = saved.address(this.#node.op);
    if (slot.gradient !== 0 || !slot.adopt(place, true)) return this.write(input, kernel);
    kernel(place);
  }

  /**
   * Gives an input the gradient of an output as it is. The last input to get it takes the memory
   * over instead of a copy: pass `move` there.
   */
  passOn(input: number, { move = false, output = 0 } = {}): void {
    const tensor = this.#node.inputs[input]!;
    if (!tensor.requiresGrad) return;
    const from = this.grad(output);
    const slot = slotOf(tensor);
    if (slot.gradient !== 0) trainingKernels().axpy(slot.gradient, from, tensor.size, 1);
    else if (move && slot.adopt(from, this.#node.outputs[output]!.borrowed))
      this.#node.outputs[output]!.gradient = 0;
    else copyBytes(slot.take(), from, bytesOf(tensor.size));
  }
}

/** Where the gradient of a tensor accumulates: its node's output, or its leaf gradient. */
interface Slot {
  /** The gradient so far; 0 while there is none. */
  readonly gradient: Ptr;
  /** Makes room and gives its address. */
  take(): Ptr;
  /**
   * Takes over a heap block, or borrows memory of the forward pass; false where the gradient has a place
   * of its own.
   */
  adopt(block: Ptr, borrowed: boolean): boolean;
}

function slotOf(tensor: Tensor<DType>): Slot {
  const { node } = tensor;
  return node ? nodeSlot(node, tensor.output) : leafSlot(tensor as Tensor);
}

function nodeSlot(node: GraphNode, output: number): Slot {
  const slot = node.outputs[output]!;
  return {
    gradient: slot.gradient,
    take: () => (slot.gradient = heap().allocate(bytesOf(slot.size))),
    adopt(block, borrowed) {
      slot.gradient = block;
      slot.borrowed = borrowed;
      return true;
    },
  };
}

function leafSlot(tensor: Tensor): Slot {
  const gradient = leafGradientOf(tensor);
  gradient.rows = undefined;
  const address = gradient.tensor.storage.ptr;
  return {
    gradient: gradient.filled ? address : 0,
    take() {
      gradient.filled = true;
      return address;
    },
    adopt: () => false,
  };
}

function leafGradientOf(tensor: Tensor): LeafGradient {
  if (!tensor.leafGradient?.live) tensor.leafGradient = new LeafGradient(tensor);
  return tensor.leafGradient;
}
