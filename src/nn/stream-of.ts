import { checkCall, checkCount } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import type { Tensor } from "../tensor/tensor.js";
import { inEvaluation } from "./in-evaluation.js";
import { Module } from "./module.js";
import { SequentialStream } from "./sequential-stream.js";
import { Sequential, type InputOf, type Layer, type LayerFunction } from "./sequential.js";
import {
  functionSteps,
  layerSteps,
  StagedLayer,
  StatelessStage,
  type Stage,
  type Steps,
} from "./steps.js";
import { Recurrent } from "./recurrent.js";

/** A step of what a chain takes. */
type StepOf<X> = X extends Tensor<"int32"> ? Int32Array : Float32Array;

/**
 * A `Sequential` step by step, with the bits that its `forward` gives for whole sequences in evaluation mode: Embedding,
 * Linear, LayerNorm, recurrent layers that read forwards, and layers and functions without weights that treat each step
 * by itself (activations, Dropout). The weights are those of the moment. A recurrent layer alone has `stream()`.
 *
 * ```ts
 * const stream = streamOf(new Sequential(new Linear(3, 8), relu, new LSTM(8, 16), new Linear(16, 1)));
 * const answer = stream.push(Float32Array.of(0.1, 0.2, 0.3)); // of one number
 * ```
 *
 * @param options.batch rows side by side. Default 1
 * @throws OptionError for a layer that needs the whole sequence, by its number
 */
export function streamOf<Layers extends readonly (Layer | LayerFunction)[]>(
  model: Sequential<Layers>,
  options: { batch?: number | undefined } = {},
): SequentialStream<StepOf<InputOf<Layers>>> {
  checkCall("streamOf", arguments, "model:object {batch:number}");
  if (!(model instanceof Sequential))
    throw new OptionError({ op: "streamOf", expected: "a Sequential", got: described(model) });
  const { batch = 1 } = options;
  checkCount("streamOf", "batch", batch);
  return new SequentialStream(stagesOf(model.layers, batch), batch);
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
  const add = (layer: unknown, name: string): void => {
    if (layer instanceof Sequential) {
      (layer.layers as readonly unknown[]).forEach((each, i) => add(each, `${name}.${i}`));
    } else if (layer instanceof Recurrent || layer instanceof StagedLayer) {
      flush();
      const stage: Stage =
        layer instanceof StagedLayer
          ? layer.stage(batch)
          : (layer as Recurrent<string>).stream({ batch });
      stages.push(stage);
      size = stage.outputSize;
    } else {
      const kind = layer instanceof Module ? layer.constructor.name : "a function";
      const called = `layer ${name} (${kind})`;
      const steps = layerSteps(layer) ?? functionSteps(runOf(layer, called), size, called);
      pending.push(steps);
      size = steps.outputSize;
    }
  };
  try {
    layers.forEach((layer, i) => add(layer, String(i)));
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
      op: "streamOf",
      expected: "recurrent layers, Embedding, Linear, LayerNorm, and what has no weights",
      got: name,
      cure: "Run it on what the stream of the layers before it gives, step by step.",
    });
  return (x) => inEvaluation(layer, () => (layer as Layer).forward(x));
}
