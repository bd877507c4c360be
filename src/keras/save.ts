// Models back into files of Keras and TensorFlow.js, with the description that they came with.
import { zipSync } from "fflate";
import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { scope } from "../tensor/scope.js";
import { writeH5, type H5Array } from "./h5-writer.js";
import { KerasModel } from "./model.js";
import type { StoredArray } from "./weights.js";

const EPOCH = "1980-01-01T12:00:00";
const SHARD = "group1-shard1of1.bin";

/**
 * A model as a `.keras` file with its weights now, which `keras.saving.load_model` of Keras 3 reads: of one that was read from a file
 * of Keras 3.
 *
 * @throws OptionError for a model of Keras 2 or TensorFlow.js, whose description Keras 3 does not take: write those by {@link saveLayersModel}
 * @example
 * ```ts
 * // writeFileSync("taught.keras", saveKeras(model));
 * saveKeras.length; // 1
 * ```
 */
export function saveKeras(model: KerasModel): Uint8Array {
  const op = "saveKeras";
  checkModel(op, model, arguments);
  const { type, config, dialect, topology } = model.described;
  if (dialect !== "keras3" || !("module" in topology))
    throw new OptionError({
      op,
      expected: "a model from a .keras file of Keras 3",
      got: `one of ${dialect === "tfjs" ? "TensorFlow.js" : "Keras 2, or a .h5 file"}`,
      cure: "saveLayersModel() writes it for TensorFlow.js; in Python, save it as .keras first.",
    });
  const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
  const others = model.others.map(({ name, shape, data }): [string, H5Array] => [
    name,
    { shape, data: Float32Array.from(data) },
  ]);
  const own = arraysOf(model).map(({ path, array }): [string, H5Array] => [path, array]);
  const arrays = new Map([...own, ...others]);
  return zipSync(
    {
      "metadata.json": text({
        keras_version: model.described.version ?? "3.0.0",
        date_saved: "1980-01-01@12:00:00",
      }),
      "config.json": text({ ...topology, class_name: type, config }),
      "model.weights.h5": writeH5(arrays),
    },
    { level: 0, mtime: EPOCH },
  );
}

/** What {@link saveLayersModel} writes. */
export interface LayersModelFiles {
  /** The text of `model.json`. */
  readonly json: string;
  /** Files beside it by their names: what the option `shards` of `loadKeras` takes. */
  readonly shards: Readonly<Record<string, Uint8Array>>;
}

/**
 * A model as a layers model of TensorFlow.js with its weights now, which `tf.loadLayersModel` reads.
 *
 * @example
 * ```ts
 * // const { json, shards } = saveLayersModel(model);
 * // loadKeras(new TextEncoder().encode(json), { shards });
 * saveLayersModel.length; // 1
 * ```
 */
export function saveLayersModel(model: KerasModel): LayersModelFiles {
  const op = "saveLayersModel";
  checkModel(op, model, arguments);
  const { type, config, dialect, version } = model.described;
  if (dialect === "keras3")
    throw new OptionError({
      op,
      expected: "a model of Keras 2 or TensorFlow.js",
      got: "one of Keras 3, whose description TensorFlow.js does not take",
      cure: "saveKeras() writes it as .keras.",
    });
  const arrays = arraysOf(model);
  const bytes = new Uint8Array(arrays.reduce((sum, { array }) => sum + array.data.byteLength, 0));
  let at = 0;
  const weights = arrays.map(({ name, array: { shape, data } }) => {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
    return { name, shape, dtype: "float32" };
  });
  const json = JSON.stringify({
    format: "layers-model",
    generatedBy: "hiddenstate",
    convertedBy: null,
    modelTopology: {
      class_name: type,
      config,
      keras_version: version ?? "2.0.0",
      backend: "tensorflow",
    },
    weightsManifest: [{ paths: [SHARD], weights }],
  });
  return { json, shards: { [SHARD]: bytes } };
}

function arraysOf(model: KerasModel): (Pick<StoredArray, "name" | "path"> & { array: H5Array })[] {
  return model.stored.map(({ name, path, value }) => {
    const array = scope(() => {
      const { shape, size } = value();
      return { shape: [...shape], data: value().data(new Float32Array(size)) };
    });
    return { name, path, array };
  });
}

function checkModel(op: string, model: unknown, given: ArrayLike<unknown>): void {
  checkCall(op, given, "model:object");
  if (!(model instanceof KerasModel))
    throw new OptionError({ op, expected: "a model of loadKeras()", got: described(model) });
}
