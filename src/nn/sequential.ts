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

/** A function in place of a layer: `relu`, or `(x) => x.mean(1)`. */
// Of any input, so that functions of ids fit.
export type LayerFunction = (x: never) => Tensor | { output: Tensor };

/** What the first of a chain of layers takes. */
export type InputOf<Layers extends readonly unknown[]> = Layers extends readonly [
  infer First,
  ...unknown[],
]
  ? First extends { forward(x: infer X): unknown } | ((x: infer X) => unknown)
    ? X
    : Tensor
  : Tensor;

/**
 * Layers and functions one after the other; of a recurrent layer, `output` goes on. Names are `0.weight`,
 * `1.weight_ih_l0`, … as in PyTorch; a function has a number too.
 *
 * @example
 * ```ts
 * const model = new Sequential(new Embedding(96, 64), new LSTM(64, 128), (x: Tensor) => x.mean(1), new Linear(128, 4));
 * model.forward(zeros([2, 7], { dtype: "int32" })).shape; // [2, 4]
 * ```
 */
export class Sequential<
  Layers extends readonly (Layer | LayerFunction)[] = readonly Layer[],
> extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "Sequential";
  readonly #layers: Layers;

  constructor(...layers: Layers) {
    super();
    const op = "Sequential";
    if (layers.length === 0)
      throw new OptionError({ op, expected: "at least one layer", got: "none" });
    layers.forEach((each: unknown, i) => {
      const isFunction = typeof each === "function";
      if (isFunction ? !isClass(each) : isLayer(each)) return;
      throw new OptionError({
        op,
        expected: "modules with forward(x), or functions of a tensor",
        got: `${isFunction ? `the class ${each.name}` : typeof each} as layer ${i}`,
        cure: isFunction ? "Make one of it with new." : undefined,
      });
    });
    this.#layers = layers;
    // Own properties "0", "1", … give the parts PyTorch's names.
    Object.assign(this, layers);
  }

  /** @internal */
  get layers(): Layers {
    return this.#layers;
  }

  forward(x: InputOf<Layers>): Tensor {
    checkCall("Sequential.forward", arguments, "x:tensor");
    let current: unknown = x;
    this.#layers.forEach((layer, i) => {
      const result: unknown =
        typeof layer === "function" ? layer(current as never) : layer.forward(current as Tensor);
      current =
        result instanceof Tensor ? result : (result as { output?: unknown } | undefined)?.output;
      if (!(current instanceof Tensor))
        throw new OptionError({
          op: "Sequential",
          expected: `a tensor, or { output }, from layer ${i}`,
          got: result === null ? "null" : typeof result,
        });
    });
    return current as Tensor;
  }
}

function isClass(value: { readonly prototype?: unknown }): boolean {
  return value.prototype instanceof Module;
}

function isLayer(value: unknown): value is Layer {
  return value instanceof Module && "forward" in value;
}
