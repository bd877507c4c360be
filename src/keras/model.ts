// A model of Keras: its layers, and the calls among them.
import { checkCall } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import type { DType } from "../core/dtype.js";
import { FormatError, OptionError } from "../core/errors.js";
import { Sequential, type Layer, type LayerFunction } from "../nn/sequential.js";
import type { SequentialStream } from "../nn/sequential-stream.js";
import { streamOf } from "../nn/stream-of.js";
import type { Tensor } from "../tensor/tensor.js";
import {
  isModel,
  isRecord,
  readModelConfig,
  type Call,
  type Config,
  type Dialect,
  type ModelConfig,
  type Ref,
} from "./config.js";
import {
  KerasLayer,
  NO_OPTIONS,
  type CallOptions,
  type LayerParts,
  type MakeLayer,
  type Streamed,
  type Value,
} from "./layer.js";
import { attentionLayers } from "./layers/attention.js";
import { convolutionLayers } from "./layers/convolution.js";
import { coreLayers } from "./layers/core.js";
import { mergingLayers } from "./layers/merging.js";
import { normalizationLayers } from "./layers/normalization.js";
import { BidirectionalLayer, RecurrentLayer } from "./layers/recurrent.js";
import { snakeCase } from "./names.js";
import { WeightReader, type NamedArray, type StoredArray, type WeightSource } from "./weights.js";

const recurrent: MakeLayer = RecurrentLayer.make;

const LAYERS: ReadonlyMap<string, MakeLayer> = new Map(
  Object.entries<MakeLayer>({
    ...{ SimpleRNN: recurrent, LSTM: recurrent, GRU: recurrent, RNN: recurrent },
    ...{ CuDNNLSTM: recurrent, CuDNNGRU: recurrent },
    Bidirectional: (parts) => new BidirectionalLayer(parts),
    ...coreLayers,
    ...convolutionLayers,
    ...normalizationLayers,
    ...mergingLayers,
    ...attentionLayers,
  }),
);

/** What a model is made of: its description, and where its arrays are. */
export interface ModelSource {
  readonly op: string;
  readonly type: string;
  readonly config: unknown;
  readonly dialect: Dialect;
  /** Of Keras or TensorFlow.js, as the file says it. */
  readonly version: string | undefined;
  /** What stands round the configuration. */
  readonly topology: Config;
  readonly weights: WeightSource;
}

interface Step {
  readonly key: string;
  readonly layer: KerasLayer;
  readonly call: Call;
}

/** Layers of a model that is a layer of another share what they have stored with it. */
interface Inside {
  readonly name: string;
  readonly reader: WeightReader;
}

/**
 * A Sequential or functional model of Keras or TensorFlow.js, as a `Module`: its numbers are Keras' own in evaluation mode, in which
 * {@link loadKeras} gives it. It trains as any module does, by the optimizers of this library: after `train()` dropout and noise are
 * applied, in recurrent layers, too, and batch normalization reads and moves a batch's statistics, where its layer is not frozen. Layers
 * that the file says are not `trainable` are frozen.
 */
export class KerasModel extends KerasLayer {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "KerasModel";
  /** The layers by their names. */
  readonly layers: Readonly<Record<string, KerasLayer>>;
  /** @internal What it was described by. */
  readonly described: Omit<ModelSource, "weights">;
  readonly #stored: StoredArray[] = [];
  readonly #others: readonly NamedArray[];
  readonly #config: ModelConfig;
  readonly #steps: readonly Step[];

  /** @internal */
  constructor(source: ModelSource, inside?: Inside) {
    const config = readModelConfig(source.op, source.type, source.config);
    super({ name: inside?.name ?? config.name });
    const { weights: _weights, ...description } = source;
    this.described = description;
    // Its configuration holds no parts.
    Object.defineProperty(this, "described", { enumerable: false });
    this.#config = config;
    const order = callsInOrder(source.op, config);
    const needed = new Set(order.map(({ layer }) => layer));
    const layers = new Map<string, KerasLayer>();
    const used = new Map<string, number>();
    for (const { type, name, config: own } of config.layers) {
      const snake = snakeCase(type);
      const count = used.get(snake) ?? 0;
      if (type === "InputLayer") {
        // The layer before a Sequential's first has no place among its paths.
        if (source.type !== "Sequential") used.set(snake, count + 1);
        continue;
      }
      used.set(snake, count + 1);
      // Keras 3 writes down how it finds masks, which travel with the values here.
      if (!needed.has(name) && !isKnown(type)) continue;
      if (layers.has(name)) throw graphFault(source.op, "layers of different names", quoted(name));
      const path = `layers/${snake}${count > 0 ? `_${count}` : ""}`;
      const reader = inside
        ? inside.reader.inner(name, path)
        : WeightReader.of(source.op, source.weights, this.#stored, name, path);
      layers.set(name, makeLayer(source, type, name, own, reader));
    }
    this.layers = Object.fromEntries(layers);
    this.#steps = order.map(({ key, layer, call }) => ({ key, call, layer: layers.get(layer)! }));
    // They are few and small; the file is let go.
    const paths = new Set(this.#stored.map(({ path }) => path));
    this.#others = inside ? [] : (source.weights.others?.(paths) ?? []);
    if (!inside) this.eval();
  }

  /** How many inputs it has. */
  get inputs(): number {
    return this.#config.inputs.length;
  }

  /** Names of its outputs: of the layers that give them. */
  get outputNames(): readonly string[] {
    return this.#config.outputs.map(({ layer }) => layer);
  }

  /**
   * The output for the inputs, in the order of the model's.
   *
   * @param inputs of each `[batch, …]`: ids as int32, everything else float32
   * @throws OptionError for another number of inputs, or a model of several outputs: {@link outputs} gives them
   */
  forward(...inputs: readonly Tensor<DType>[]): Tensor {
    const all = this.outputs(...inputs);
    if (all.length === 1) return all[0]!;
    throw new OptionError({
      op: "KerasModel.forward",
      expected: "a model of one output",
      got: `${all.length}: ${this.outputNames.join(", ")}`,
      cure: "Call outputs(…), which gives all of them.",
    });
  }

  /** All outputs, in the order of the model's. */
  outputs(...inputs: readonly Tensor<DType>[]): Tensor[] {
    for (const input of inputs) checkCall("KerasModel.outputs", [input], "input:tensor");
    if (inputs.length !== this.inputs)
      throw new OptionError({
        op: "KerasModel.forward",
        expected: `${this.inputs} inputs: ${this.#config.inputs.map(({ layer }) => layer || "the sequence").join(", ")}`,
        got: String(inputs.length),
      });
    return this.call(inputs.map((x) => ({ x, mask: undefined }))).map(({ x }) => x as Tensor);
  }

  /** @internal */
  call(inputs: readonly Value[], _options: CallOptions = NO_OPTIONS): Value[] {
    const values = new Map<string, readonly Value[]>();
    this.#config.inputs.forEach((ref, i) => values.set(keyOf(ref), [inputs[i]!]));
    const valueOf = (ref: Ref): Value => {
      const value = values.get(keyOf(ref))?.[ref.output];
      if (value) return value;
      throw graphFault(
        this.described.op,
        `output ${ref.output} of layer ${quoted(ref.layer)}`,
        "fewer outputs",
      );
    };
    for (const { key, layer, call } of this.#steps) {
      const states = call.states.map((ref) => valueOf(ref).x as Tensor);
      const given = { states, causal: call.causal };
      values.set(key, layer.call(call.inputs.map(valueOf), given));
    }
    return this.#config.outputs.map(valueOf);
  }

  /** Forgets what stateful layers remember: the next batch begins new sequences. */
  override resetStates(): void {
    for (const layer of Object.values(this.layers)) layer.resetStates();
  }

  /**
   * The model step by step, for a chain of layers each of which reads forwards: Embedding, recurrent layers, Dense, activations,
   * normalization, TimeDistributed. Each push gives what the model says of the sequence up to there; masks are not
   * looked at: do not push padding.
   *
   * @param options.batch rows side by side. Default 1
   * @throws OptionError for a layer that needs the whole sequence, by its name
   */
  stream<X extends Float32Array | Int32Array = Float32Array>(
    options: { batch?: number | undefined } = {},
  ): SequentialStream<X> {
    checkCall("KerasModel.stream", arguments, "{batch:number}");
    const layers = this.#chain().flatMap((layer) => {
      const streamed = layer.streamed();
      if (streamed) return [...streamed];
      throw new OptionError({
        op: "KerasModel.stream",
        expected: "layers that read step by step",
        got: `layer ${quoted(layer.name)}, which needs the whole sequence`,
        cure: "Call forward() with the sequence so far.",
      });
    });
    return streamOf(new Sequential(...layers), options) as unknown as SequentialStream<X>;
  }

  /** @internal */
  override streamed(): Streamed {
    const all: (Layer | LayerFunction)[] = [];
    for (const layer of this.#chain()) {
      const streamed = layer.streamed();
      if (!streamed) return undefined;
      all.push(...streamed);
    }
    return all;
  }

  /** @internal Arrays in Keras' layout, in the order of the file. */
  get stored(): readonly StoredArray[] {
    return this.#stored;
  }

  /** @internal Arrays of the file that no layer here reads: they are written back as they were. */
  get others(): readonly NamedArray[] {
    return this.#others;
  }

  /** The layers one after the other, each reading the one before. */
  #chain(): KerasLayer[] {
    const { inputs, outputs } = this.#config;
    let last = inputs[0]!;
    const chain = this.#steps.map(({ key, layer, call }) => {
      const [input, ...more] = [...call.inputs, ...call.states];
      if (!input || more.length > 0 || keyOf(input) !== keyOf(last) || input.output > 0)
        throw new OptionError({
          op: "KerasModel.stream",
          expected: "a chain of layers",
          got: `layer ${quoted(layer.name)}, which reads something else`,
          cure: "Call forward() with the sequence so far.",
        });
      const [name, node] = [layer.name, Number(key.slice(key.lastIndexOf(":") + 1))];
      last = { layer: name, node, output: 0 };
      return layer;
    });
    if (inputs.length === 1 && outputs.length === 1 && keyOf(outputs[0]!) === keyOf(last))
      return chain;
    throw new OptionError({
      op: "KerasModel.stream",
      expected: "a model of one input and one output",
      got: `${inputs.length} and ${outputs.length}`,
    });
  }
}

function makeLayer(
  source: ModelSource,
  type: string,
  name: string,
  config: Config,
  weights: WeightReader,
): KerasLayer {
  if (isModel(type))
    return new KerasModel({ ...source, type, config, topology: {} }, { name, reader: weights });
  const make = LAYERS.get(type);
  if (!make)
    throw new FormatError({
      op: source.op,
      expected: `layers among ${[...LAYERS.keys()].join(", ")}`,
      got: `${quoted(type)} (layer ${quoted(name)})`,
      cure: "Build the model here, and load its weights by loadKerasWeights().",
    });
  const parts: LayerParts = {
    ...{ op: source.op, type, name, config, weights, dialect: source.dialect },
    make: (value, inner, overrides = {}) => {
      const record = isRecord(value) ? value : {};
      const own = isRecord(record.config) ? record.config : {};
      const innerName = typeof own.name === "string" ? own.name : name;
      return makeLayer(
        source,
        String(record.class_name),
        innerName,
        { ...own, ...overrides },
        inner,
      );
    },
  };
  const layer = make(parts);
  // Vectors of words that were not to be taught, say.
  if (config.trainable === false) layer.requiresGrad = false;
  return layer;
}

function keyOf({ layer, node }: { readonly layer: string; readonly node: number }): string {
  return `${layer}:${node}`;
}

interface NamedCall {
  readonly key: string;
  readonly layer: string;
  readonly call: Call;
}

/** The calls that the outputs need, each behind those whose outputs it reads. */
function callsInOrder(op: string, config: ModelConfig): NamedCall[] {
  const known = new Set(config.inputs.map(keyOf));
  const pending = new Map<string, NamedCall>();
  for (const { name, type, calls } of config.layers)
    if (type !== "InputLayer")
      calls.forEach((call, node) => {
        const key = keyOf({ layer: name, node });
        pending.set(key, { key, layer: name, call });
      });
  const steps: NamedCall[] = [];
  const reads = ({ call }: NamedCall): string[] => [...call.inputs, ...call.states].map(keyOf);
  for (let found = true; found;) {
    found = false;
    for (const [key, step] of pending) {
      if (step.call.inputs.length === 0 || !reads(step).every((read) => known.has(read))) continue;
      known.add(key);
      pending.delete(key);
      steps.push(step);
      found = true;
    }
  }
  const missing = config.outputs.find((ref) => !known.has(keyOf(ref)));
  if (missing) throw graphFault(op, "outputs that follow from the inputs", quoted(keyOf(missing)));
  const needed = new Set(config.outputs.map(keyOf));
  return steps
    .reverse()
    .filter((step) => {
      if (!needed.has(step.key)) return false;
      for (const read of reads(step)) needed.add(read);
      return true;
    })
    .reverse();
}

function isKnown(type: string): boolean {
  return isModel(type) || LAYERS.has(type);
}

function graphFault(op: string, expected: string, got: string): FormatError {
  return new FormatError({ op, expected, got });
}
