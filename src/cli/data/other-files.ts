// Files of PyTorch, NumPy, Keras and TensorFlow.js, as inspect and convert read them.
import { dirname, join } from "node:path";
import { definedOnly } from "../../core/check.js";
import type { DType } from "../../core/dtype.js";
import { isH5 } from "../../keras/h5.js";
import { kerasShards, loadKerasWeights } from "../../keras/load.js";
import type { Shards } from "../../keras/shards.js";
import { loadNpy } from "../../io/npy.js";
import { loadNpz } from "../../io/npz.js";
import { isZip, ZipArchive } from "../../io/zip.js";
import { readBytes } from "../../platform/node/files.js";
import { loadTorch } from "../../pytorch/load-torch.js";
import type { Tensor } from "../../tensor/tensor.js";
import { UsageError } from "../usage.js";

export interface OtherFileOptions {
  readonly key?: string | undefined;
  readonly prefix?: string | undefined;
  readonly unknown?: "refuse" | "skip" | undefined;
}

type Tensors = Map<string, Tensor<DType>>;
type Format = "npy" | "npz" | "torch" | "keras";

const BY_NAME: readonly (readonly [RegExp, Format])[] = [
  [/\.npy$/, "npy"],
  [/\.npz$/, "npz"],
  [/\.(pt|pth|bin|ckpt)$/, "torch"],
  [/\.(keras|h5|hdf5|json)$/, "keras"],
];

/** The tensors of a file by their names; undefined where neither its bytes nor its name are of these libraries. */
export async function otherTensors(
  path: string,
  bytes: Uint8Array,
  options: OtherFileOptions = {},
): Promise<Tensors | undefined> {
  const name = path;
  // What is damaged, or something else, is told by the reader of what its name promises.
  const format =
    formatOf(path, bytes) ?? BY_NAME.find(([end]) => end.test(path.toLowerCase()))?.[1];
  if (format === "torch") return loadTorch(bytes, { ...options, name });
  if (format === "npy") return new Map([["array", loadNpy(bytes, { name })]]);
  if (format === "npz") return loadNpz(bytes, { name });
  if (format === undefined) return undefined;
  const shards = isLayersModel(path, bytes) ? await shardsBeside(path, bytes) : undefined;
  return loadKerasWeights(bytes, { name, shards });
}

/** @throws UsageError for options that are given for another file than one of PyTorch, where there are no bytes, too */
export function checkTorchOptions(
  path: string,
  given: OtherFileOptions,
  bytes: Uint8Array = new Uint8Array(),
): void {
  const [option] = Object.keys(definedOnly(given));
  if (option !== undefined && formatOf(path, bytes) !== "torch")
    throw new UsageError({
      op: `--${option}`,
      expected: "a file of PyTorch",
      got: path,
      cure: `Leave out --${option}: all tensors are converted.`,
    });
}

function formatOf(path: string, bytes: Uint8Array): Format | undefined {
  if (bytes[0] === 0x93) return "npy";
  if (isH5(bytes) || isLayersModel(path, bytes)) return "keras";
  if (!isZip(bytes)) return undefined;
  const names = [...new ZipArchive("inspect", bytes, "a zip archive", path).entries.keys()];
  if (names.includes("config.json")) return "keras";
  if (names.some((each) => each.endsWith("data.pkl"))) return "torch";
  return names.length > 0 && names.every((each) => each.endsWith(".npy")) ? "npz" : undefined;
}

/** Whether it is a model.json: the text says so, whatever its name. */
export function isLayersModel(path: string, bytes: Uint8Array): boolean {
  const begin = new TextDecoder().decode(bytes.subarray(0, 400));
  return path.endsWith(".json") && /"(modelTopology|weightsManifest|format)"/.test(begin);
}

/** The files that a model.json names, from its folder. */
export async function shardsBeside(path: string, bytes: Uint8Array): Promise<Shards> {
  const shards: Record<string, Uint8Array> = {};
  for (const shard of kerasShards(bytes))
    shards[shard] = await readBytes(join(dirname(path), shard));
  return shards;
}
