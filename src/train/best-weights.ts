// The weights at the best moment of a run: what early stopping goes back to.
import { checkLike } from "../core/check-like.js";
import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import type { Module } from "../nn/module.js";
import { zerosOnHeap } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";

/**
 * A second copy of a model's parameters and float32 buffers.
 *
 * For `fit`'s checkpoint: `tensors: { ...best.tensors }, parts: { best }`.
 *
 * @example
 * ```ts
 * const model = new Linear(2, 1);
 * const best = new BestWeights(model);
 * const stopping = new EarlyStopping({ patience: 2 });
 * for (const loss of [3, 2, 4]) {
 *   stopping.update(loss);
 *   if (stopping.improved) best.keep();
 * }
 * best.restore(); // the weights of the second
 * ```
 */
export class BestWeights {
  /** The copies by `best.<name>`: zeros before the first `keep`. */
  readonly tensors: Readonly<Record<string, Tensor>>;
  readonly #pairs: readonly (readonly [Tensor, Tensor])[];
  /** Whether there is something to go back to. Plain data, for a checkpoint. */
  state: { readonly kept: boolean } = { kept: false };

  constructor(model: Module) {
    checkCall("BestWeights", arguments, "model:object");
    checkLike("BestWeights", "a Module", "stateDict", model);
    const seen = new Set<Tensor<DType>>();
    const own = [...model.stateDict()].filter(([, tensor]) => {
      const first = !seen.has(tensor);
      seen.add(tensor);
      return first && tensor.dtype === "float32";
    }) as [string, Tensor][];
    const copies = own.map(([, { shape }]) => zerosOnHeap(shape));
    this.tensors = Object.fromEntries(own.map(([name], i) => [`best.${name}`, copies[i]!]));
    this.#pairs = own.map(([, tensor], i) => [tensor, copies[i]!]);
  }

  /** Copies the model's weights as they are now. */
  keep(): void {
    for (const [own, copy] of this.#pairs) copy.set(own);
    this.state = { kept: true };
  }

  /**
   * Gives the model the weights of the last `keep`.
   *
   * @throws OptionError before the first
   */
  restore(): void {
    if (!this.state.kept)
      throw new OptionError({
        op: "BestWeights.restore",
        expected: "at least one keep() before",
        got: "none",
      });
    for (const [own, copy] of this.#pairs) own.set(copy);
  }

  /** Frees the copies. */
  dispose(): void {
    for (const [, copy] of this.#pairs) copy.dispose();
  }
}
