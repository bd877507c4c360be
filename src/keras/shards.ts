// TensorFlow.js' weights: arrays one behind the other in files that are cut anywhere.
// https://github.com/tensorflow/tfjs/blob/master/tfjs-core/src/io/types.ts
import { byteFaults } from "../core/byte-fault.js";
import { quoted } from "../core/code-points.js";
import { described } from "../core/described.js";
import { joined } from "../core/joined.js";
import { sizeOf } from "../core/shape.js";
import { decodeEntry } from "../io/safetensors-bytes.js";
import { safetensorsDtypes, type ReadableArray } from "../io/safetensors-dtypes.js";
import { isRecord, type Config } from "./config.js";
import type { NamedArray } from "./weights.js";

/** Files by their paths, or in the order of the paths. */
export type Shards = readonly Uint8Array[] | Readonly<Record<string, Uint8Array>>;

const DTYPES: Readonly<Record<string, string>> = {
  ...{ float32: "F32", float16: "F16", int32: "I32", uint8: "U8", uint16: "U16", bool: "BOOL" },
};

export function listShards(json: Config): string[] {
  return groupsOf(json).flatMap(({ paths }) => paths);
}

export function shardArrays(
  json: Config,
  shards: Shards | undefined,
  op: string,
  name: string,
): NamedArray[] {
  const fault = byteFaults(op);
  if (json.modelTopology === undefined && json.weightsManifest === undefined)
    throw fault(
      name,
      0,
      "a model.json of TensorFlow.js",
      `JSON with ${Object.keys(json).slice(0, 6).map(quoted).join(", ")}`,
    );
  let passed = 0;
  return groupsOf(json).flatMap(({ paths, weights }) => {
    const parts = paths.map((path) => {
      const part: unknown = Array.isArray(shards)
        ? (shards as unknown[])[passed++]
        : (shards as Readonly<Record<string, Uint8Array>> | undefined)?.[path];
      if (part instanceof Uint8Array) return part;
      throw fault(
        name,
        0,
        `the file ${quoted(path)} among shards`,
        described(part),
        "{ shards: { [path]: bytes } }; kerasShards() lists the paths.",
      );
    });
    const bytes = joined(parts, Uint8Array);
    let at = 0;
    const arrays = weights.map((spec) => {
      const array = arrayOf(spec, bytes, at, op, name);
      at += array.bytes;
      return array;
    });
    if (at !== bytes.length)
      throw fault(name, 0, `${at} bytes of weights in ${paths.join(", ")}`, `${bytes.length}`);
    return arrays;
  });
}

function groupsOf(json: Config): { paths: string[]; weights: Config[] }[] {
  const groups = Array.isArray(json.weightsManifest) ? json.weightsManifest : [];
  return groups.filter(isRecord).map(({ paths, weights }) => ({
    paths: Array.isArray(paths) ? paths.filter((path) => typeof path === "string") : [],
    weights: Array.isArray(weights) ? weights.filter(isRecord) : [],
  }));
}

function arrayOf(
  spec: Config,
  bytes: Uint8Array,
  begin: number,
  op: string,
  name: string,
): NamedArray & { bytes: number } {
  const { name: own, shape, dtype, quantization } = spec;
  const packed = isRecord(quantization) ? quantization : undefined;
  const type = DTYPES[String(packed?.dtype ?? dtype)];
  const isShape =
    Array.isArray(shape) && shape.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (typeof own !== "string" || !isShape || type === undefined)
    throw byteFaults(op)(
      name,
      0,
      "a weight of a name, a shape and a known dtype",
      JSON.stringify(spec).slice(0, 120),
    );
  const size = sizeOf(shape as number[]);
  const length = size * safetensorsDtypes.get(type)!.bytes;
  if (!(begin + length <= bytes.length))
    throw byteFaults(op)(
      name,
      0,
      `${length} bytes of ${quoted(own)}`,
      `${bytes.length - begin}`,
      "A shard is truncated: download it again.",
    );
  const data = decodeEntry(bytes, { name: own, dtype: type, size, begin }, op);
  return { name: own, shape: shape as number[], data: unpacked(data, packed), bytes: length };
}

/** 8 or 16 bits a number between a smallest and a largest one. */
function unpacked(data: ReadableArray, quantization: Config | undefined): ReadableArray {
  const { scale, min } = quantization ?? {};
  if (typeof scale !== "number") return data;
  const least = typeof min === "number" ? min : 0;
  return Float32Array.from(data, (value) => value * scale + least);
}
