import { OptionError, ShapeError } from "../core/errors.js";
import { checkCount, formatShape, sameShape, type Shape } from "../core/shape.js";
import { zerosOnHeap } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { BYTES_PER_ELEMENT } from "../core/dtype.js";
import { copyBytes, fillZero } from "../wasm/memory.js";

/**
 * A recurrent state that outlives scopes, for truncated backpropagation through time (Williams & Peng
 * 1990): each window starts from the values of the one before, in a graph of its own.
 */
class CarriedState<State extends Readonly<Record<keyof State, Tensor>>> {
  /** @internal */
  constructor(shapes: Readonly<Record<keyof State, Shape>>) {
    for (const [part, shape] of Object.entries(shapes) as [string, Shape][]) {
      shape.forEach((size) => checkCount("carry", "batch", size));
      Object.defineProperty(this, part, { value: zerosOnHeap(shape), enumerable: true });
    }
  }

  /** Copies the values of a state, detached. A state of other shapes changes nothing. */
  set(state: State): void {
    const parts = this.#parts().map(([part, own]) => ({ own, given: state[part as keyof State] }));
    for (const { own, given } of parts)
      if (!sameShape(own.shape, given.shape))
        throw new ShapeError({
          op: "carry.set",
          expected: `a state ${formatShape(own.shape)}`,
          got: formatShape(given.shape),
        });
    // Not through Tensor.set: recurrent layers copy the state they start from, so a graph that began
    // with the old values stays right, and must not be refused at its backward.
    for (const { own, given } of parts)
      copyBytes(own.address("carry.set"), given.address("carry.set"), own.size * BYTES_PER_ELEMENT);
  }

  /** Back to zeros, for all rows or for the given rows of the batch (where a new sequence begins). */
  reset(rows?: readonly number[]): void {
    for (const [, own] of this.#parts()) {
      const [slabs, batch, size] = own.shape as [number, number, number];
      const bytes = size * BYTES_PER_ELEMENT;
      const start = own.address("carry.reset");
      for (const row of rows ?? Array.from({ length: batch }, (_, i) => i)) {
        if (!Number.isInteger(row) || row < 0 || row >= batch)
          throw new OptionError({
            op: "carry.reset",
            expected: `rows from 0 to ${batch - 1}`,
            got: String(row),
          });
        for (let slab = 0; slab < slabs; slab++)
          fillZero(start + (slab * batch + row) * bytes, bytes);
      }
    }
  }

  /** Frees its memory. */
  dispose(): void {
    for (const [, own] of this.#parts()) own.dispose();
  }

  #parts(): [string, Tensor][] {
    return Object.entries(this) as [string, Tensor][];
  }
}

/** A carried state: its own parts (`h`, and `c` for an LSTM) and the methods to set and reset them. */
export type Carry<State extends Readonly<Record<keyof State, Tensor>>> = State &
  CarriedState<State>;
export const Carry = CarriedState as new <State extends Readonly<Record<keyof State, Tensor>>>(
  shapes: Readonly<Record<keyof State, Shape>>,
) => Carry<State>;
