// Keras' description of a model, of Keras 2, Keras 3 and TensorFlow.js, as one kind of graph.
import { described, isPlain } from "../core/described.js";
import { quoted } from "../core/code-points.js";
import { FormatError } from "../core/errors.js";

export type Config = Readonly<Record<string, unknown>>;

/** Whose numbers where they differ: hard_sigmoid, masks of pooling. */
export type Dialect = "keras2" | "keras3" | "tfjs";

/** An output of a call of a layer. */
export interface Ref {
  readonly layer: string;
  readonly node: number;
  readonly output: number;
}

/** A call of a layer. */
export interface Call {
  readonly inputs: readonly Ref[];
  /** States to begin with, given by name. */
  readonly states: readonly Ref[];
  readonly causal: boolean;
}

export interface LayerConfig {
  readonly type: string;
  readonly name: string;
  readonly config: Config;
  readonly calls: readonly Call[];
}

export interface ModelConfig {
  readonly name: string;
  readonly layers: readonly LayerConfig[];
  readonly inputs: readonly Ref[];
  readonly outputs: readonly Ref[];
}

const MODELS = ["Sequential", "Functional", "Model"];
const MOST_LAYERS = 10_000;

export function isRecord(value: unknown): value is Config {
  return isPlain(value);
}

export function isModel(type: string): boolean {
  return MODELS.includes(type);
}

export function numberOf(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

/** A number for each of two axes, from one or a list. */
export function pairOf(value: unknown, otherwise: number): [number, number] {
  if (Array.isArray(value) && value.every((each) => typeof each === "number") && value.length > 0)
    return [value[0]!, value[1] ?? value[0]!];
  const one = numberOf(value, otherwise);
  return [one, one];
}

/**
 * A Sequential or functional model of its class and configuration.
 *
 * @throws FormatError for another class, or a graph that makes no sense
 */
export function readModelConfig(op: string, type: unknown, config: unknown): ModelConfig {
  if (typeof type !== "string" || !isModel(type))
    throw fault(
      op,
      "a Sequential or a functional model",
      `a model of class ${described(type)}`,
      "A model of a class of one's own is Python code: build it here, and load its weights by loadKerasWeights().",
    );
  const listed = Array.isArray(config) ? config : isRecord(config) ? config.layers : undefined;
  const name = isRecord(config) && typeof config.name === "string" ? config.name : "model";
  if (!Array.isArray(listed) || listed.length > MOST_LAYERS)
    throw fault(op, "a list of layers", described(listed));
  return type === "Sequential"
    ? sequential(op, name, listed)
    : functional(op, name, listed, config as Config);
}

function sequential(op: string, name: string, listed: unknown[]): ModelConfig {
  const layers: LayerConfig[] = [];
  let last: Ref | undefined;
  const add = (type: string, own: string, config: Config): void => {
    layers.push({
      type,
      name: own,
      config,
      calls: last ? [{ inputs: [last], states: [], causal: false }] : [],
    });
    last = { layer: own, node: 0, output: 0 };
  };
  for (const each of listed) {
    const { type, name: own, config } = layerOf(op, each, layers.length);
    if (!last && type !== "InputLayer")
      add("InputLayer", "", { batch_input_shape: config.batch_input_shape, dtype: config.dtype });
    add(type, own, config);
  }
  if (!last) throw fault(op, "at least one layer", "none");
  return {
    name,
    layers,
    inputs: [{ layer: layers[0]!.name, node: 0, output: 0 }],
    outputs: [last],
  };
}

function functional(op: string, name: string, listed: unknown[], config: Config): ModelConfig {
  const layers = listed.map((each, i): LayerConfig => {
    const { type, name: own, config } = layerOf(op, each, i);
    const nodes = (each as Config).inbound_nodes;
    const calls = Array.isArray(nodes) ? nodes.map((node) => callOf(op, own, node)) : [];
    return { type, name: own, config, calls };
  });
  const inputs = refsOf(config.input_layers);
  const outputs = refsOf(config.output_layers);
  if (inputs.length === 0 || outputs.length === 0)
    throw fault(op, "inputs and outputs of the model", "none");
  return renumbered({ name, layers, inputs, outputs });
}

/**
 * Calls are counted from 0 in each layer. TensorFlow.js also counts those of before the layer was in the model, a Sequential's own:
 * there the numbers that are read stand for the calls in their order.
 */
function renumbered(model: ModelConfig): ModelConfig {
  const calls = model.layers.flatMap((layer) => layer.calls);
  const reads = [
    ...model.outputs,
    ...calls.flatMap(({ inputs, states }) => [...inputs, ...states]),
  ];
  const nodes = new Map<string, number[]>();
  for (const { name, calls: own } of model.layers) {
    const read = [...new Set(reads.filter(({ layer }) => layer === name).map(({ node }) => node))];
    if (own.length > 0 && read.some((node) => node >= own.length))
      nodes.set(
        name,
        read.sort((a, b) => a - b),
      );
  }
  if (nodes.size === 0) return model;
  const right = (ref: Ref): Ref => {
    const known = nodes.get(ref.layer);
    return known ? { ...ref, node: known.indexOf(ref.node) } : ref;
  };
  const layers = model.layers.map((layer) => ({
    ...layer,
    calls: layer.calls.map((call) => ({
      ...call,
      inputs: call.inputs.map(right),
      states: call.states.map(right),
    })),
  }));
  return { ...model, layers, outputs: model.outputs.map(right) };
}

function layerOf(op: string, value: unknown, index: number) {
  const { class_name: type, config, name } = isRecord(value) ? value : {};
  if (typeof type !== "string" || !(isRecord(config) || Array.isArray(config)))
    throw fault(op, `class_name and config of layer ${index}`, described(value));
  const own = typeof name === "string" ? name : (config as Config).name;
  // Keras' converters wrote names of packages before classes of one's own: "Custom>Name".
  return {
    type,
    name: typeof own === "string" ? own : `${type}_${index}`,
    config: config as Config,
  };
}

function callOf(op: string, layer: string, node: unknown): Call {
  // Keras 3: arguments as they were given.
  if (isRecord(node)) {
    const { args, kwargs } = node;
    const named = isRecord(kwargs) ? kwargs : {};
    const first = Array.isArray(args) ? args : [];
    const inputs = tensorsIn(first).length > 0 ? tensorsIn(first[0]) : tensorsIn(named.inputs);
    // Attention's value and key, states of recurrent layers: behind the first, or by name.
    const rest = [
      ...tensorsIn(first.slice(1)),
      ...["query", "value", "key"].flatMap((key) => tensorsIn(named[key])),
    ];
    return {
      inputs: [...inputs, ...rest],
      states: tensorsIn(named.initial_state),
      causal: named.use_causal_mask === true,
    };
  }
  if (!Array.isArray(node)) throw fault(op, `a call of layer ${quoted(layer)}`, described(node));
  // Keras 2: [name, node, output, arguments by name] for each input; a single input may stand alone.
  const list: unknown[] = typeof node[0] === "string" ? [node] : node;
  const named = list.map((each) => (Array.isArray(each) && isRecord(each[3]) ? each[3] : {}));
  return {
    inputs: [
      ...refsOf(list),
      ...named.flatMap((each) => ["value", "key"].flatMap((key) => refsOf(each[key]))),
    ],
    states: named.flatMap((each) => refsOf(each.initial_state)),
    causal: named.some((each) => each.use_causal_mask === true),
  };
}

/** Keras 3's tensors within arguments. */
function tensorsIn(value: unknown): Ref[] {
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (!isRecord(value) || value.class_name !== "__keras_tensor__" || !isRecord(value.config))
    return [];
  return refsOf(value.config.keras_history);
}

/** `["lstm", 0, 1]`, a list of such, or an object of such. */
function refsOf(value: unknown): Ref[] {
  if (isRecord(value)) return Object.values(value).flatMap(refsOf);
  if (!Array.isArray(value)) return [];
  const [layer, node, output] = value as unknown[];
  if (typeof layer === "string" && typeof node === "number" && typeof output === "number")
    return [{ layer, node, output }];
  return value.flatMap(refsOf);
}

function fault(op: string, expected: string, got: string, cure?: string): FormatError {
  return new FormatError({ op, expected, got, cure });
}
