// What a layer of Keras is here: a module that takes tensors with the masks that travel beside them.
import type { DType } from "../core/dtype.js";
import { quoted } from "../core/code-points.js";
import { FormatError, ShapeError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import { Module } from "../nn/module.js";
import type { Layer, LayerFunction } from "../nn/sequential.js";
import { StagedLayer, StatelessStage, type Stage } from "../nn/steps.js";
import type { Tensor } from "../tensor/tensor.js";
import type { Config, Dialect } from "./config.js";
import type { Mask } from "./mask.js";
import type { WeightReader } from "./weights.js";

/** A tensor between layers, and which of its steps count; no mask: all. */
export interface Value {
  readonly x: Tensor<DType>;
  readonly mask: Mask | undefined;
}

export interface CallOptions {
  /** States to begin with. */
  readonly states: readonly Tensor[];
  /** Attention: whether a step sees none after it. */
  readonly causal: boolean;
}

export const NO_OPTIONS: CallOptions = { states: [], causal: false };

/** What a layer is made of. */
export interface LayerParts {
  readonly op: string;
  readonly type: string;
  readonly name: string;
  readonly config: Config;
  readonly weights: WeightReader;
  readonly dialect: Dialect;
  /** Makes the layer that a wrapper holds. */
  readonly make: (value: unknown, weights: WeightReader, overrides?: Config) => KerasLayer;
}

/** Layers of a stream, each step by itself; undefined where a layer needs the whole sequence. */
export type Streamed = readonly (Layer | LayerFunction)[] | undefined;

/**
 * A layer of a Keras model, with Keras' numbers in evaluation mode. Its parameters are those of the layers that it is made of here
 * (`weight_ih_l0` of an LSTM), so it trains as they do.
 */
export abstract class KerasLayer extends Module {
  /** The layer's name in the model. */
  readonly name: string;

  constructor({ name }: { readonly name: string }) {
    super();
    this.name = name;
  }

  /** @internal */
  abstract call(inputs: readonly Value[], options: CallOptions): Value[];

  /** @internal */
  streamed(): Streamed {
    return undefined;
  }

  /** @internal Forgets the states of stateful layers. */
  resetStates(): void {
    // Only recurrent layers have some.
  }

  /** The shape that it needs, by the number of axes. */
  protected axes(x: Tensor<DType>, count: number): Tensor {
    if (x.shape.length === count && x.dtype === "float32") return x as Tensor;
    throw new ShapeError({
      op: `layer ${quoted(this.name)}`,
      expected: `a float32 tensor of ${count} axes`,
      got: `${x.dtype} ${formatShape(x.shape)}`,
    });
  }
}

/** A step of a known size, which may be a stream's first. */
export class SizedSteps extends StagedLayer {
  readonly #size: number;
  readonly #run: (x: Tensor) => Tensor;

  constructor(size: number, run: (x: Tensor) => Tensor) {
    super();
    this.#size = size;
    this.#run = run;
  }

  forward(x: Tensor): { output: Tensor } {
    return { output: this.#run(x) };
  }

  stage(batch: number): Stage {
    const own = { inputSize: this.#size, outputSize: this.#size, copies: [], run: this.#run };
    return new StatelessStage([own], batch);
  }
}

export type MakeLayer = (parts: LayerParts) => KerasLayer;

/** What a layer is where a function says all of it, as activations, reshapes and poolings are. */
export class FunctionLayer extends KerasLayer {
  readonly #run: (x: Tensor, training: boolean) => Tensor;
  readonly #keepsMask: boolean;
  readonly #stepwise: boolean;
  readonly #trainingOnly: boolean;

  /**
   * @param options.keepsMask whether outputs have the steps of the input
   * @param options.stepwise whether each step is treated by itself
   * @param options.trainingOnly whether it passes on its input in evaluation
   */
  constructor(
    parts: { readonly name: string },
    run: (x: Tensor, training: boolean) => Tensor,
    { keepsMask = false, stepwise = false, trainingOnly = false } = {},
  ) {
    super(parts);
    this.#trainingOnly = trainingOnly;
    this.#run = run;
    this.#keepsMask = keepsMask;
    this.#stepwise = stepwise;
  }

  /** @internal */
  call([input]: readonly Value[]): Value[] {
    const { x, mask } = input!;
    return [{ x: this.#run(x as Tensor, this.training), mask: this.#keepsMask ? mask : undefined }];
  }

  /** @internal */
  override streamed(): Streamed {
    if (this.#trainingOnly) return [];
    return this.#stepwise ? [(x: Tensor) => this.#run(x, false)] : undefined;
  }
}

/** The error for an option of a layer that is not known. */
export function unknownOption(
  { op, name }: LayerParts,
  option: string,
  value: unknown,
): FormatError {
  return new FormatError({
    op,
    expected: `${option} of layer ${quoted(name)} as Keras has it`,
    got: JSON.stringify(value) ?? "none",
  });
}

/** A number that a layer cannot do without. */
export function sizeIn(parts: LayerParts, option: string): number {
  const value = parts.config[option];
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return value;
  throw unknownOption(parts, option, value);
}
