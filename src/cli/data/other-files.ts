// Files of PyTorch, NumPy, Keras and TensorFlow.js, as inspect and convert read them.
import { dirname, join } from "node:path";
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

export interface OtherFileOptions {
  readonly key?: string | undefined;
  readonly prefix?: string | undefined;
  readonly unknown?: "refuse" | "skip" | undefined;
}

type Tensors = Map<string, Tensor<DType>>;

/** The tensors of a file by their names; undefined where it is of none of these libraries. */
export async function otherTensors(
  path: string,
  bytes: Uint8Array,
  options: OtherFileOptions = {},
): Promise<Tensors | undefined> {
  const name = path;
  if (bytes[0] === 0x93) return new Map([["array", loadNpy(bytes, { name })]]);
  if (isH5(bytes)) return loadKerasWeights(bytes, { name });
  if (isLayersModel(path, bytes))
    return loadKerasWeights(bytes, { name, shards: await shardsBeside(path, bytes) });
  if (!isZip(bytes)) return undefined;
  const names = [...new ZipArchive("inspect", bytes, "a zip archive", name).entries.keys()];
  if (names.includes("config.json")) return loadKerasWeights(bytes, { name });
  return names.every((each) => each.endsWith(".npy"))
    ? loadNpz(bytes, { name })
    : loadTorch(bytes, { ...options, name });
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
