// safetensors between bytes and plain typed arrays: no Tensor, no WebAssembly.

import { described } from "../core/described.js";
import { byCodePoint, hasLoneSurrogate, quoted } from "../core/code-points.js";
import { FormatError, OptionError } from "../core/errors.js";
import { MAX_ELEMENTS } from "../core/shape.js";
import { safetensorsDtypes, type ReadableArray } from "./safetensors-dtypes.js";
import {
  FORMAT_MAX_HEADER_BYTES,
  METADATA_KEY,
  type SafetensorsEntry,
} from "./safetensors-header.js";

/** What can be written: a Tensor is one. */
export interface SafetensorsSource {
  readonly dtype: "float32" | "int32";
  readonly shape: readonly number[];
  readonly size: number;
  /** Copies the values, row by row, into `out`. */
  data(out: ReadableArray): unknown;
}

/**
 * The values of one entry. F32 and I32 that lie aligned come as a view on `bytes`, everything else as a new
 * array.
 */
export function decodeEntry(
  bytes: Uint8Array,
  entry: Pick<SafetensorsEntry, "name" | "dtype" | "size" | "begin">,
  op = "readSafetensors",
): ReadableArray {
  const type = safetensorsDtypes.get(entry.dtype)!;
  if (entry.size > MAX_ELEMENTS) {
    throw new FormatError({
      op,
      expected: `at most ${MAX_ELEMENTS} elements in tensor ${quoted(entry.name)}`,
      got: described(entry.size),
      cure: "Larger tensors do not fit into WebAssembly memory: split it.",
    });
  }
  const Values = type.reads === "float32" ? Float32Array : Int32Array;
  const offset = bytes.byteOffset + entry.begin;
  if ((entry.dtype === "F32" || entry.dtype === "I32") && offset % 4 === 0) {
    return new Values(bytes.buffer as ArrayBuffer, offset, entry.size);
  }
  const values = new Values(entry.size);
  const misfit = type.decode(bytes, entry.begin, values);
  if (misfit) {
    throw new FormatError({
      op,
      expected:
        entry.dtype === "BOOL"
          ? `0 or 1 in BOOL tensor ${quoted(entry.name)}`
          : `values of ${entry.dtype} tensor ${quoted(entry.name)} within int32`,
      got: `${misfit.value} at index ${misfit.index}`,
      cure: "Integers are read as int32: save this tensor with smaller values, or as F32.",
    });
  }
  return values;
}

/**
 * Writes a file. The order is that of the reference writer (float before int, then by name), so the same
 * tensors give the same bytes whatever order they come in.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, SafetensorsSource>,
  metadata: ReadonlyMap<string, string>,
): Uint8Array<ArrayBuffer> {
  const ordered = [...tensors].sort(
    ([aName, a], [bName, b]) =>
      Number(a.dtype === "int32") - Number(b.dtype === "int32") || byCodePoint(aName, bName),
  );
  const members: string[] = [];
  if (metadata.size > 0) {
    members.push(`${JSON.stringify(METADATA_KEY)}:{${metadataMembers(metadata).join(",")}}`);
  }
  let dataBytes = 0;
  for (const [name, { dtype, shape, size }] of ordered) {
    checkText("a tensor's name", name);
    if (name === METADATA_KEY) {
      throw new OptionError({
        op: "saveSafetensors",
        expected: "a tensor's name",
        got: `${quoted(name)}, which the format keeps for the metadata`,
        cure: "Give the tensor another name.",
      });
    }
    const end = dataBytes + size * 4;
    const type = dtype === "float32" ? "F32" : "I32";
    members.push(
      `${JSON.stringify(name)}:{"dtype":"${type}","shape":[${shape.join(",")}],` +
        `"data_offsets":[${dataBytes},${end}]}`,
    );
    dataBytes = end;
  }
  return assemble(`{${members.join(",")}}`, dataBytes, ordered);
}

function assemble(
  json: string,
  dataBytes: number,
  ordered: (readonly [string, SafetensorsSource])[],
): Uint8Array<ArrayBuffer> {
  const header = new TextEncoder().encode(json);
  const headerBytes = Math.ceil(header.length / 8) * 8;
  if (headerBytes > FORMAT_MAX_HEADER_BYTES) {
    throw new OptionError({
      op: "saveSafetensors",
      expected: `names and metadata that fit into a header of ${FORMAT_MAX_HEADER_BYTES} bytes`,
      got: `${headerBytes} bytes`,
      cure: "Keep large texts out of the metadata.",
    });
  }
  const bytes = new Uint8Array(8 + headerBytes + dataBytes);
  new DataView(bytes.buffer).setUint32(0, headerBytes, true);
  bytes.set(header, 8);
  bytes.fill(0x20, 8 + header.length, 8 + headerBytes);
  let offset = 8 + headerBytes;
  for (const [, source] of ordered) {
    const Values = source.dtype === "float32" ? Float32Array : Int32Array;
    source.data(new Values(bytes.buffer, offset, source.size));
    offset += source.size * 4;
  }
  return bytes;
}

function metadataMembers(metadata: ReadonlyMap<string, string>): string[] {
  return [...metadata]
    .sort(([a], [b]) => byCodePoint(a, b))
    .map(([key, value]) => {
      checkText("a metadata key", key);
      checkText(`metadata ${quoted(key)}`, value);
      return `${JSON.stringify(key)}:${JSON.stringify(value)}`;
    });
}

function checkText(what: string, text: string): void {
  if (typeof text !== "string" || hasLoneSurrogate(text)) {
    throw new OptionError({
      op: "saveSafetensors",
      expected: `${what} to be a string of whole Unicode characters`,
      got: typeof text === "string" ? quoted(text) : `${typeof text} ${String(text)}`,
      cure: "Metadata maps strings to strings: JSON.stringify anything else.",
    });
  }
}
