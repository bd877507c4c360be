import { checkArguments, checkCount } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import { Tensor } from "../tensor/tensor.js";
import { inEvaluation } from "./in-evaluation.js";
import { Module } from "./module.js";
import { SequentialStream } from "./sequential-stream.js";
import { functionSteps, StatelessStage, type Stage, type Steps } from "./steps.js";

/** A module with one input, and a tensor (or a recurrent layer's `{ output }`) as result. */
export interface Layer extends Module {
  // A method, so that layers with narrower inputs (ids) fit.
  forward(x: Tensor<DType>): Tensor | { output: Tensor };
}

/** A function in place of a layer: `relu`, or `(x) => x.mean(1)`. */
// Of any input, so that functions of ids fit.
export type LayerFunction = (x: never) => Tensor | { output: Tensor };

/** What the first of a chain of layers takes. */
type InputOf<Layers extends readonly unknown[]> = Layers extends readonly [
  infer First,
  ...unknown[],
]
  ? First extends { forward(x: infer X): unknown } | ((x: infer X) => unknown)
    ? X
    : Tensor
  : Tensor;

/** A step of what a chain takes. */
type StepOf<X> = X extends Tensor<"int32"> ? Int32Array : Float32Array;

/**
 * Layers and functions one after the other; of a recurrent layer, `output` goes on. Names are `0.weight`,
 * `1.weight_ih_l0`, … as in PyTorch; a function has a number too.
 *
 * ```ts
 * new Sequential(new Embedding(96, 64), new LSTM(64, 128), (x: Tensor) => x.mean(1), new Linear(128, 4))
 * ```
 */
export class Sequential<
  Layers extends readonly (Layer | LayerFunction)[] = readonly Layer[],
> extends Module {
  readonly #layers: Layers;

  constructor(...layers: Layers) {
    super();
    const op = "Sequential";
    if (layers.length === 0)
      throw new OptionError({ op, expected: "at least one layer", got: "none" });
    layers.forEach((each: unknown, i) => {
      if (isLayer(each) || (typeof each === "function" && !isClass(each))) return;
      const isClassGiven = typeof each === "function";
      throw new OptionError({
        op,
        expected: "modules with forward(x), or functions of a tensor",
        got: `${isClassGiven ? `the class ${each.name}` : typeof each} as layer ${i}`,
        cure: isClassGiven ? "Make one of it with new." : undefined,
      });
    });
    this.#layers = layers;
    // Own properties "0", "1", … give the parts PyTorch's names.
    Object.assign(this, layers);
  }

  /**
   * The chain step by step, with the bits that {@link forward} gives for whole sequences in evaluation mode: Embedding,
   * Linear, LayerNorm, recurrent layers that read forwards, and layers and functions without weights that treat each step
   * by itself (activations, Dropout). The weights are those of the moment.
   *
   * ```ts
   * const stream = new Sequential(new Linear(3, 8), relu, new LSTM(8, 16), new Linear(16, 1)).stream();
   * const answer = stream.push(Float32Array.of(0.1, 0.2, 0.3)); // of one number
   * ```
   *
   * @param options.batch rows side by side. Default 1
   * @throws OptionError for a layer that needs the whole sequence, by its number
   */
  stream({ batch = 1 }: { batch?: number } = {}): SequentialStream<StepOf<InputOf<Layers>>> {
    checkArguments("sequential.stream", arguments, 1, "batch");
    checkCount("sequential.stream", "batch", batch);
    return new SequentialStream(stagesOf(this.#layers, batch), batch);
  }

  forward(x: InputOf<Layers>): Tensor {
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

interface Streamable {
  stream(options: { batch: number }): Stage;
}

/** The stages of a chain; what was made of them goes where one cannot be. */
function stagesOf(layers: readonly unknown[], batch: number): Stage[] {
  const stages: Stage[] = [];
  let pending: Steps[] = [];
  let size: number | undefined;
  const flush = (): void => {
    if (pending.length > 0) stages.push(new StatelessStage(pending, batch));
    pending = [];
  };
  try {
    layers.forEach((layer, i) => {
      const name = `layer ${i} (${layer instanceof Module ? layer.constructor.name : "a function"})`;
      if (typeof (layer as Partial<Streamable>).stream === "function") {
        flush();
        const stage = (layer as Streamable).stream({ batch });
        stages.push(stage);
        size = stage.outputSize;
        return;
      }
      const own = (layer as { steps?(): Steps | undefined }).steps?.();
      const steps = own ?? functionSteps(runOf(layer, name), size, name);
      pending.push(steps);
      size = steps.outputSize;
    });
    flush();
    return stages;
  } catch (error) {
    flush();
    for (const stage of stages) stage.dispose();
    throw error;
  }
}

/** A function, or a layer without weights in evaluation mode. */
function runOf(layer: unknown, name: string): (x: Tensor) => unknown {
  if (!(layer instanceof Module)) return layer as (x: Tensor) => unknown;
  if (layer.stateDict().size > 0)
    throw new OptionError({
      op: "sequential.stream",
      expected: "recurrent layers, Embedding, Linear, LayerNorm, and what has no weights",
      got: name,
      cure: "Run it on what the stream of the layers before it gives, step by step.",
    });
  return (x) => inEvaluation(layer, () => (layer as Layer).forward(x));
}

function isClass(value: { readonly prototype?: unknown }): boolean {
  return value.prototype instanceof Module;
}

function isLayer(value: unknown): value is Layer {
  return value instanceof Module && "forward" in value;
}
