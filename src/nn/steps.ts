// One step at a time through layers that keep no state: what a stream of a whole model has between recurrent layers.
import { noGrad } from "../autograd/mode.js";
import { FormatError, OptionError, ShapeError } from "../core/errors.js";
import { running } from "../core/running.js";
import type { DType } from "../core/dtype.js";
import { embedding } from "../ops/embedding.js";
import { layerNorm } from "../ops/layer-norm.js";
import { linear } from "../ops/linear.js";
import { slice } from "../ops/slice.js";
import { tensor } from "../tensor/create.js";
import { Parameter } from "../tensor/parameter.js";
import { scopeWithin } from "../tensor/scope-stack.js";
import type { Tensor } from "../tensor/tensor.js";
import { Embedding } from "./embedding.js";
import { LayerNorm } from "./layer-norm.js";
import { Linear } from "./linear.js";
import { Module } from "./module.js";

/** @internal What bytes are that fit no stage. */
export const OTHER_STREAM = {
  op: "streamOf.fromBytes",
  expected: "the state of a stream of the same layers",
  got: "that of another stream, or other bytes",
};

/** A part of a model that runs step by step, with rows side by side. */
export interface Stage {
  readonly outputSize: number;
  /** One step of every row; what it returns is overwritten by the next. */
  push(x: never): Float32Array;
  select(order: Int32Array): void;
  reset(): void;
  clone(): Stage;
  dispose(): void;
  toBytes(): Uint8Array;
  /** All or nothing. */
  fromBytes(bytes: Uint8Array): void;
}

/** A layer with a state that says itself how a stream runs it, with copies of the weights that it has now. */
export abstract class StagedLayer extends Module {
  abstract forward(x: Tensor): { output: Tensor };
  abstract stage(batch: number): Stage;
}

/** @internal A layer without state as a stream reads it: with copies of the weights that it has now. */
export interface Steps {
  readonly inputSize: number;
  readonly outputSize: number;
  /** Whether it reads ids, `[rows, 1]`, instead of `[rows, 1, inputSize]`. */
  readonly ids?: boolean | undefined;
  readonly copies: readonly Tensor[];
  readonly run: (x: Tensor) => Tensor;
}

/** @internal A copy on the heap, untrained. */
export function copyOf(x: Tensor): Parameter;
export function copyOf(x: Tensor | undefined): Parameter | undefined;
export function copyOf(x: Tensor | undefined): Parameter | undefined {
  return x && new Parameter(x, { requiresGrad: false });
}

/** @internal What a layer with weights is to a stream; undefined for one that needs more than a step. */
export function layerSteps(layer: unknown): Steps | undefined {
  if (layer instanceof Linear) {
    const [weight, bias] = [copyOf(layer.weight), copyOf(layer.bias)];
    const [outputSize, inputSize] = weight.shape as [number, number];
    const copies = bias ? [weight, bias] : [weight];
    return { inputSize, outputSize, copies, run: (x) => linear(x, weight, bias) };
  }
  if (layer instanceof Embedding) {
    const table = copyOf(layer.weight);
    const run = (ids: unknown): Tensor => embedding(ids as Tensor<"int32">, table);
    return { inputSize: 1, outputSize: table.shape[1]!, ids: true, copies: [table], run };
  }
  if (!(layer instanceof LayerNorm) || layer.normalizedShape.length > 1) return undefined;
  const { eps } = layer;
  const size = layer.normalizedShape[0]!;
  const [weight, bias] = [copyOf(layer.weight), copyOf(layer.bias)];
  const run = (x: Tensor): Tensor => layerNorm(x, size, { weight, bias, eps });
  const copies = [weight, bias].filter((each) => each !== undefined);
  return { inputSize: size, outputSize: size, copies, run };
}

/** @internal Layers without state, one after the other. */
export class StatelessStage implements Stage {
  readonly outputSize: number;
  readonly #layers: readonly Steps[];
  readonly #batch: number;
  /** How many stages share the copies of the weights. */
  readonly #holders: { count: number };
  #rows: number;
  #own: Float32Array;

  constructor(layers: readonly Steps[], batch: number, holders = { count: 0 }) {
    this.#layers = layers;
    this.#batch = this.#rows = batch;
    this.#holders = holders;
    holders.count++;
    this.outputSize = layers.at(-1)!.outputSize;
    this.#own = new Float32Array(batch * this.outputSize);
  }

  push(x: Float32Array | Int32Array): Float32Array {
    const { ids, inputSize } = this.#layers[0]!;
    const shape = ids ? [this.#rows, 1] : [this.#rows, 1, inputSize];
    if (x.length !== this.#rows * (ids ? 1 : inputSize))
      throw new ShapeError({
        op: "streamOf.push",
        expected: ids ? `${this.#rows} ids` : `${this.#rows * inputSize} numbers`,
        got: String(x.length),
      });
    scopeWithin(() =>
      noGrad(() => {
        let y = tensor(x, { shape }) as Tensor;
        for (const { run } of this.#layers) y = run(y);
        y.data(this.#own);
      }),
    );
    return this.#own;
  }

  select(order: Int32Array): void {
    this.#resize(order.length);
  }

  reset(): void {
    this.#resize(this.#batch);
  }

  clone(): StatelessStage {
    const copy = new StatelessStage(this.#layers, this.#batch, this.#holders);
    copy.#resize(this.#rows);
    return copy;
  }

  dispose(): void {
    if (--this.#holders.count === 0)
      for (const { copies } of this.#layers) for (const each of copies) each.dispose();
  }

  toBytes(): Uint8Array {
    return new Uint8Array();
  }

  fromBytes(bytes: Uint8Array): void {
    if (bytes.length > 0) throw new FormatError(OTHER_STREAM);
  }

  #resize(rows: number): void {
    if (rows === this.#rows) return;
    this.#rows = rows;
    this.#own = new Float32Array(rows * this.outputSize);
  }
}

/**
 * @internal A function without weights as a stream runs it. It is tried on a few numbers: it must give each step, of each row,
 * what it gives the step alone.
 *
 * @param size of a step; undefined where nothing before tells
 * @param name of it, in errors
 */
export function functionSteps(
  run: (x: Tensor) => unknown,
  size: number | undefined,
  name: string,
): Steps {
  const refuse = (got: string, cure: string): never => {
    throw new OptionError({
      op: "streamOf",
      expected: "layers and functions that treat each step by itself",
      got: `${name}, ${got}`,
      cure,
    });
  };
  if (size === undefined)
    return refuse(
      "before anything that tells how many numbers a step has",
      "Begin with an Embedding, a Linear or a recurrent layer.",
    );
  let outputSize = 0;
  scopeWithin(() =>
    noGrad(() => {
      const op = running.op;
      const values = Float32Array.from(
        { length: 4 * size },
        (_, i) => ((i * 37 + 5) % 61) / 30 - 1,
      );
      const x = tensor(values, { shape: [2, 2, size] });
      const whole = run(x);
      const shape = shapeOf(whole);
      if (shape.length !== 3 || shape[0] !== 2 || shape[1] !== 2)
        refuse(
          `which makes [${shape.join(", ")}] of [2, 2, ${size}]`,
          "What reads whole sequences runs behind the stream, on what it gives step by step.",
        );
      outputSize = shape[2]!;
      const alone = [0, 1].flatMap((row) =>
        [0, 1].flatMap((step) => [...partOf(run(partOf(x, row, step)), 0, 0).data()]),
      );
      const together = (whole as Tensor).data();
      if (!together.every((value, i) => Object.is(value, alone[i])))
        refuse(
          "which gives a step something else among others",
          "It looks across steps or rows, or draws at random: run it behind the stream.",
        );
      running.op = op;
    }),
  );
  return { inputSize: size, outputSize, copies: [], run: run as (x: Tensor) => Tensor };
}

function partOf(x: unknown, row: number, step: number): Tensor {
  return slice(slice(x as Tensor, 0, row, row + 1), 1, step, step + 1);
}

function shapeOf(x: unknown): readonly number[] {
  return (x as Tensor<DType> | undefined)?.shape ?? [];
}
