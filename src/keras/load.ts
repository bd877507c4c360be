// Models and weights in files of Keras and TensorFlow.js.
import { byteFaults } from "../core/byte-fault.js";
import { checkCall, type Given } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import type { DType } from "../core/dtype.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { appearance } from "../io/appearance.js";
import { isZip, ZipArchive } from "../io/zip.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { isRecord, type Config, type Dialect } from "./config.js";
import { H5File, isH5 } from "./h5.js";
import { KerasModel } from "./model.js";
import { listShards, shardArrays, type Shards } from "./shards.js";
import { h5Source, listSource, namedSource } from "./sources.js";
import type { NamedArray, WeightSource } from "./weights.js";

export interface LoadKerasOptions {
  /** The file's name, for errors. Default `"the file"`. */
  name?: string | undefined;
  /**
   * The files that a model.json names, by their paths, or in their order: {@link kerasShards} lists them.
   */
  shards?: Shards | undefined;
  /** What `model.to_json()` gave, for a file of weights alone: the text, or what it stands for. */
  config?: string | object | undefined;
}

const OP = "loadKeras";
const KEYS = "bytes:Uint8Array {name:string shards:list|object config:string|object}";

/** A file taken apart. */
interface Opened {
  /** The model's description; undefined in a file of weights alone. */
  readonly topology: Config | undefined;
  readonly version: string | undefined;
  readonly source: WeightSource;
  readonly arrays: () => NamedArray[];
}

/**
 * A model from a file of Keras or TensorFlow.js: `.keras`, `.h5` or `.hdf5` of a whole model, `model.json` with its `shards`, or a file of
 * weights with the `config` that `model.to_json()` gave. It is in evaluation mode.
 *
 * @param bytes the whole file
 * @throws FormatError for another file, a damaged one, or layers that are not known, by their names
 * @example
 * ```ts
 * // const model = loadKeras(readFileSync("model.keras"));
 * // model.forward(tensor(ids, { shape: [1, ids.length] }));
 * loadKeras.length; // 1
 * ```
 */
export function loadKeras(bytes: Uint8Array, options: Given<LoadKerasOptions> = {}): KerasModel {
  checkCall(OP, arguments, KEYS);
  const { topology, version, source } = opened(bytes, OP, options);
  if (topology && options.config !== undefined)
    throw new OptionError({
      op: OP,
      expected: "config beside a file of weights alone",
      got: "a file with a configuration of its own",
      cure: "Leave config out.",
    });
  const described = topology ?? configOf(options.config, OP);
  if (!described)
    throw byteFaults(OP)(
      options.name ?? "the file",
      0,
      "a model",
      "weights alone",
      "Give { config } what model.to_json() says, or read the weights by loadKerasWeights().",
    );
  // What to_json() gives, and what TensorFlow.js keeps, has the model in it, as `.keras` has it whole.
  const inner = isRecord(described.model_config) ? described.model_config : described;
  const type = String(inner.class_name);
  const saved = version ?? stringIn(described, "keras_version");
  return new KerasModel({
    ...{ op: OP, type, config: inner.config, weights: source },
    dialect: dialectOf(saved, inner),
    version: saved,
    topology: inner,
  });
}

/**
 * The arrays of a file of Keras or TensorFlow.js by their names in it, in Keras' layout: for models that are built here. Reads what
 * {@link loadKeras} reads, and files of weights alone.
 *
 * @param bytes the whole file
 * @throws FormatError for another file, or a damaged one
 * @example
 * ```ts
 * // loadKerasWeights(readFileSync("model.weights.h5")).get("layers/lstm/cell/vars/0");
 * loadKerasWeights.length; // 1
 * ```
 */
export function loadKerasWeights(
  bytes: Uint8Array,
  options: Given<Omit<LoadKerasOptions, "config">> = {},
): Map<string, Tensor<DType>> {
  const op = "loadKerasWeights";
  checkCall(op, arguments, "bytes:Uint8Array {name:string shards:list|object}");
  return new Map(
    opened(bytes, op, options)
      .arrays()
      .map(({ name, shape, data }) => [name, tensor(data, { shape })]),
  );
}

/**
 * The files that a `model.json` of TensorFlow.js needs beside it, by their paths from it.
 *
 * @throws FormatError for another file
 * @example
 * ```ts
 * const json = { format: "layers-model", weightsManifest: [{ paths: ["group1-shard1of1.bin"], weights: [] }] };
 * kerasShards(new TextEncoder().encode(JSON.stringify(json))); // ["group1-shard1of1.bin"]
 * ```
 */
export function kerasShards(bytes: Uint8Array): string[] {
  checkCall("kerasShards", arguments, "bytes:Uint8Array");
  return listShards(jsonOf(bytes, "kerasShards", "the file"));
}

function opened(bytes: Uint8Array, op: string, options: Given<LoadKerasOptions>): Opened {
  const { name = "the file", shards } = options;
  const isJson = !isZip(bytes) && !isH5(bytes);
  if (shards !== undefined && !isJson)
    throw new OptionError({
      op,
      expected: "shards beside a model.json",
      got: "another kind of file",
      cure: "Leave shards out: the weights are in the file.",
    });
  if (isZip(bytes)) return openKeras(bytes, op, name);
  if (isH5(bytes)) return openH5(new H5File(bytes, op, name), op);
  const json = jsonOf(bytes, op, name);
  const named = shardArrays(json, shards, op, name);
  const topology = isRecord(json.modelTopology) ? json.modelTopology : undefined;
  return { topology, version: undefined, source: namedSource(named), arrays: () => named };
}

function openKeras(bytes: Uint8Array, op: string, name: string): Opened {
  const archive = new ZipArchive(op, bytes, "a file of Keras", name);
  const part = (path: string): Uint8Array | undefined => {
    const entry = archive.entries.get(path);
    return entry && archive.read(entry);
  };
  const config = part("config.json");
  if (!config)
    throw archive.fault(
      0,
      "a .keras file, with config.json",
      "another zip archive",
      otherZip(archive),
    );
  const h5 = part("model.weights.h5");
  if (!h5)
    throw archive.fault(
      0,
      "model.weights.h5",
      archive.entries.has("model.weights.npz")
        ? "model.weights.npz, whose arrays are pickled"
        : "none",
      'In Python: model.save("model.keras").',
    );
  const file = new H5File(h5, op, `model.weights.h5 of ${name}`);
  const metadata = part("metadata.json");
  const version = metadata && stringIn(parsed(metadata, op, name), "keras_version");
  return { topology: parsed(config, op, name), version, ...h5Arrays(file) };
}

function otherZip(archive: ZipArchive): string | undefined {
  const names = [...archive.entries.keys()];
  if (names.some((each) => each.endsWith("data.pkl")))
    return "loadTorch() of hiddenstate/pytorch reads it.";
  return names.some((each) => each.endsWith(".npy"))
    ? "loadNpz() of hiddenstate/pytorch reads it."
    : undefined;
}

function openH5(file: H5File, op: string): Opened {
  const text = file.attribute("", "model_config");
  const topology =
    typeof text === "string"
      ? parsed(new TextEncoder().encode(text), op, "model_config")
      : undefined;
  const version =
    file.attribute("", "keras_version") ?? file.attribute("model_weights", "keras_version");
  return {
    topology,
    version: typeof version === "string" ? version : undefined,
    ...h5Arrays(file),
  };
}

/** Keras 2 lists layers and their arrays in attributes; Keras 3 has paths. */
function h5Arrays(file: H5File): Pick<Opened, "source" | "arrays"> {
  const root = file.has("model_weights") ? "model_weights" : "";
  const layers = file.list(root, "layer_names");
  if (!layers)
    return {
      source: h5Source(file),
      arrays: () => file.arrays("").map((path) => file.array(path)),
    };
  const at = (path: string): string => (root ? `${root}/${path}` : path);
  const arraysOf = (layer: string): NamedArray[] =>
    (file.list(at(layer), "weight_names") ?? []).map((name) => ({
      ...file.array(`${at(layer)}/${name}`),
      name,
    }));
  return {
    source: listSource((layer) => (layers.includes(layer) ? arraysOf(layer) : [])),
    arrays: () => layers.flatMap(arraysOf),
  };
}

/** Keras 3 wrote modules into its configurations from the start. */
function dialectOf(version: string | undefined, topology: Config): Dialect {
  if (version?.startsWith("tfjs")) return "tfjs";
  if (version !== undefined && /^\d/.test(version))
    return Number.parseInt(version) >= 3 ? "keras3" : "keras2";
  return "module" in topology ? "keras3" : "keras2";
}

function configOf(config: string | object | undefined, op: string): Config | undefined {
  if (typeof config === "string") return parsed(new TextEncoder().encode(config), op, "config");
  return isRecord(config) ? config : undefined;
}

function jsonOf(bytes: Uint8Array, op: string, name: string): Config {
  const { what = "something else", cure } = appearance(bytes);
  // Behind a byte order mark and white space.
  if (!/^[\s\xef\xbb\xbf]*\{/.test(String.fromCharCode(...bytes.subarray(0, 64))))
    throw byteFaults(op)(name, 0, "a file of Keras (.keras, .h5) or a model.json", what, cure);
  const json = parsed(bytes, op, name);
  if (json.format === "graph-model")
    throw byteFaults(op)(
      name,
      0,
      "a layers model",
      "a graph model, which has no layers any more",
      "Convert the file of Keras itself: model.save(path), and give that.",
    );
  return json;
}

function parsed(bytes: Uint8Array, op: string, name: string): Config {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (isRecord(value)) return value;
    throw byteFaults(op)(name, 0, "an object in JSON", described(value));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    throw byteFaults(op)(name, 0, "JSON", `what is none: ${quoted(cause.message)}`);
  }
}

function stringIn(record: Config, key: string): string | undefined {
  const value = record[key];
  return typeof value === "string" ? value : undefined;
}
