import { checkCall, checkCount } from "../core/check.js";
import { described } from "../core/described.js";
import { IndexError } from "../core/errors.js";
import { splitAtAxis, type Shape } from "../core/shape.js";
import { zerosOnHeap } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { fillZero } from "../wasm/memory.js";
import { at, bytesOf } from "../wasm/ptr.js";
import { checkState } from "./recurrent-input.js";

/**
 * A state that outlives scopes, for truncated backpropagation through time (Williams & Peng 1990): each window starts
 * from the values of the one before, in a graph of its own.
 */
class CarriedState<State extends Readonly<Record<keyof State, Tensor>>> {
  readonly #batchAxis: number;

  /** @internal */
  constructor(shapes: Readonly<Record<keyof State, Shape>>, batchAxis: number) {
    this.#batchAxis = batchAxis;
    for (const [part, shape] of Object.entries<Shape>(shapes)) {
      shape.forEach((size) => checkCount("carry", "batch", size));
      Object.defineProperty(this, part, { value: zerosOnHeap(shape), enumerable: true });
    }
  }

  /** Copies the values of a state, detached. A state of other shapes changes nothing. */
  set(state: State): void {
    checkCall("carry.set", arguments, "state:object");
    const parts = this.#parts();
    checkState(
      "carry.set",
      { ...state },
      Object.fromEntries(parts.map(([part, { shape }]) => [part, shape])),
    );
    for (const [part, own] of parts) own.set(state[part]);
  }

  /** Back to zeros, for all rows or for the given rows of the batch (where a new sequence begins). */
  reset(rows?: readonly number[]): void {
    checkCall("carry.reset", arguments, "rows?:list");
    const parts = this.#parts();
    const batch = parts[0]![1].shape[this.#batchAxis]!;
    const wrong = rows?.find((row) => !(Number.isInteger(row) && row >= 0 && row < batch));
    if (wrong !== undefined)
      throw new IndexError({
        op: "carry.reset",
        expected: `rows from 0 to ${batch - 1}`,
        got: described(wrong),
      });
    for (const [, { shape, storage }] of parts) {
      const { outer, inner } = splitAtAxis(shape, this.#batchAxis);
      const start = storage.address("carry.reset");
      if (!rows) fillZero(start, storage.bytes);
      for (const row of rows ?? [])
        for (let slab = 0; slab < outer; slab++)
          fillZero(at(start, (slab * batch + row) * inner), bytesOf(inner));
      storage.version++;
    }
  }

  /** Frees its memory. */
  dispose(): void {
    for (const [, own] of this.#parts()) own.dispose();
  }

  #parts(): [keyof State, Tensor][] {
    return Object.entries(this) as [keyof State, Tensor][];
  }
}

/** A carried state: its own parts (`h`, and `c` for an LSTM) and the methods to set and reset them. */
export type Carry<State extends Readonly<Record<keyof State, Tensor>>> = State &
  CarriedState<State>;
/**
 * @example
 * ```ts
 * const lstm = new LSTM(2, 4);
 * const carry = lstm.carry(3); // a state of zeros for 3 rows
 * for (const window of [randn([3, 5, 2]), randn([3, 5, 2])])
 *   scope(() => {
 *     const { state } = lstm.forward(window, { state: carry });
 *     carry.set(state); // without the graph
 *   });
 * carry.dispose();
 * ```
 */
export const Carry = CarriedState as new <State extends Readonly<Record<keyof State, Tensor>>>(
  shapes: Readonly<Record<keyof State, Shape>>,
  batchAxis: number,
) => Carry<State>;
