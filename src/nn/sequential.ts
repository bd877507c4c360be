import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import { Tensor } from "../tensor/tensor.js";
import { Module } from "./module.js";

/** A module with one input, and a tensor (or a recurrent layer's `{ output }`) as result. */
export interface Layer extends Module {
  // A method, so that layers with narrower inputs (ids) fit.
  forward(x: Tensor<DType>): Tensor | { output: Tensor };
}

/** What the first of a chain of layers takes. */
type InputOf<Layers extends readonly unknown[]> = Layers extends readonly [
  { forward(x: infer X): unknown },
  ...unknown[],
]
  ? X
  : Tensor;

/**
 * Layers one after the other; of a recurrent layer, `output` goes on. Names are `0.weight`,
 * `1.weight_ih_l0`, … as in PyTorch.
 *
 * ```ts
 * new Sequential(new Embedding(96, 64), new LSTM(64, 128), new Linear(128, 96))
 * ```
 */
export class Sequential<Layers extends readonly Layer[] = readonly Layer[]> extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Sequential";
  readonly #layers: Layers;

  constructor(...layers: Layers) {
    super();
    if (layers.length === 0)
      throw new OptionError({ op: "Sequential", expected: "at least one layer", got: "none" });
    for (const layer of layers) checkCall("Sequential", [layer?.forward], "forward:function");
    this.#layers = layers;
    // Own properties "0", "1", … give the parts PyTorch's names.
    Object.assign(this, layers);
  }

  forward(x: InputOf<Layers>): Tensor {
    checkCall("Sequential.forward", arguments, "x:tensor");
    let current: unknown = x;
    for (const layer of this.#layers) {
      const result = layer.forward(current as Tensor);
      current = result instanceof Tensor ? result : result.output;
    }
    return current as Tensor;
  }
}
