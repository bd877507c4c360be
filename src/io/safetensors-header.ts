// The header of a safetensors file: 8 bytes of little-endian length, that many bytes of JSON, then the data.
// The rules are those of the format's own README and of its reference reader, where the two differ the
// stricter one: https://github.com/huggingface/safetensors. A file from outside is not trusted: every rule is
// checked before anything is allocated for the tensors, and what the header itself can cost is limited.

import { checkCall } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import { FormatError, OptionError } from "../core/errors.js";
import { appearance, type Appearance } from "./appearance.js";
import { JsonScanner, type ScanProblem } from "./json-scanner.js";
import { safetensorsDtypes } from "./safetensors-dtypes.js";

export interface SafetensorsLimits {
  /**
   * Largest header in bytes. Default 8 MiB, which fits the 128 MB of an edge isolate and holds the names of
   * some 80 000 tensors; the format's own limit is 100 000 000.
   */
  maxHeaderBytes?: number | undefined;
  /**
   * Most tensors, and most entries of the metadata. Default 16 384: about 5 MB while reading. Raise it, on a
   * server, for a file you trust.
   */
  maxTensors?: number | undefined;
}

export interface SafetensorsEntry {
  name: string;
  /** The file's own name of the type, such as `"BF16"`. */
  dtype: string;
  shape: number[];
  /** Number of elements. */
  size: number;
  /** Where the values begin and end, in bytes from the start of the file. */
  begin: number;
  end: number;
}

export interface SafetensorsLayout {
  /** In the order of their data. */
  entries: SafetensorsEntry[];
  metadata: Map<string, string>;
}

/** The format's own limit on the header. */
export const FORMAT_MAX_HEADER_BYTES = 100_000_000;
export const METADATA_KEY = "__metadata__";

const LENGTH_BYTES = 8;
const BRACE = 0x7b;
const MAX_RANK = 64; // PyTorch's own limit
const TRUNCATED = "The file is truncated: copy or download it again.";
const DAMAGED = "The file is damaged or forged: write it again with a safetensors library.";

/** Reads and checks everything but the values themselves. */
export function parseSafetensors(
  bytes: Uint8Array,
  options: SafetensorsLimits = {},
): SafetensorsLayout {
  checkCall(
    "readSafetensors",
    arguments,
    "bytes:Uint8Array {maxHeaderBytes:number maxTensors:number}",
  );
  const { maxHeaderBytes = 8 * 1024 * 1024, maxTensors = 16_384 } = options;
  checkLimits(maxHeaderBytes, maxTensors);
  const dataBegin = LENGTH_BYTES + headerLength(bytes, maxHeaderBytes);
  const scanner = new JsonScanner(bytes, LENGTH_BYTES, dataBegin, fail);
  const layout = readHeader(scanner, maxTensors);
  scanner.end("the header's object");
  checkCover(layout.entries, bytes.length - dataBegin);
  for (const entry of layout.entries) {
    entry.begin += dataBegin;
    entry.end += dataBegin;
  }
  return layout;
}

function checkLimits(maxHeaderBytes: number, maxTensors: number): void {
  for (const [name, value, max] of [
    ["maxHeaderBytes", maxHeaderBytes, FORMAT_MAX_HEADER_BYTES],
    ["maxTensors", maxTensors, Number.MAX_SAFE_INTEGER],
  ] as const) {
    if (!Number.isSafeInteger(value) || value < 0 || value > max) {
      throw new OptionError({
        op: "readSafetensors",
        expected: `${name} to be an integer from 0 to ${max}`,
        got: String(value),
      });
    }
  }
}

function headerLength(bytes: Uint8Array, maxHeaderBytes: number): number {
  const whole = bytes.length > LENGTH_BYTES;
  const length = whole ? new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true) : 0n;
  if (length > BigInt(FORMAT_MAX_HEADER_BYTES) || bytes[LENGTH_BYTES] !== BRACE) {
    const { what, cure } = TRAINING ? appearance(bytes) : beginning(bytes);
    if (what !== undefined) fail({ expected: "a safetensors file", got: what, cure });
  }
  if (TRAINING && bytes.length < LENGTH_BYTES) {
    fail({
      expected: "at least 8 bytes",
      got: `a file of ${bytes.length} bytes`,
      cure: TRUNCATED,
    });
  }
  if (length > BigInt(maxHeaderBytes)) {
    fail({
      expected: `a header of at most ${maxHeaderBytes} bytes`,
      got: `a header of ${length} bytes`,
      cure: "If this is a safetensors file that you trust, raise maxHeaderBytes.",
    });
  }
  if (length > BigInt(bytes.length - LENGTH_BYTES)) {
    fail({
      expected: `a header of ${length} bytes`,
      got: `${bytes.length - LENGTH_BYTES} bytes after the header's length`,
      cure: TRUNCATED,
    });
  }
  if (length === 0n || (TRAINING && bytes[LENGTH_BYTES] !== BRACE)) {
    fail({
      expected: 'a header that begins with "{"',
      got:
        TRAINING && length > 0n ? `byte 0x${bytes[LENGTH_BYTES]!.toString(16)}` : "an empty header",
      cure: "Is this a safetensors file?",
    });
  }
  return Number(length);
}

/**
 * For the inference build, which is small: what a page or a pointer begins with says enough. It refuses all that lacks the
 * brace, so that what asks for it again further down is left out there.
 */
function beginning(bytes: Uint8Array): Appearance {
  const start = quoted(String.fromCharCode(...bytes.subarray(0, 16)));
  return { what: `one that begins with ${start}` };
}

function readHeader(scanner: JsonScanner, maxTensors: number): SafetensorsLayout {
  const entries: SafetensorsEntry[] = [];
  const metadata = new Map<string, string>();
  // One key more than tensors: the metadata.
  scanner.object("the header", maxTensors + 1, (name) => {
    if (name === METADATA_KEY) {
      scanner.object(METADATA_KEY, maxTensors, (key) => {
        metadata.set(key, scanner.string(`the value of ${METADATA_KEY} ${quoted(key)}`));
      });
    } else if (entries.length === maxTensors) {
      fail({
        expected: `at most ${maxTensors} tensors`,
        got: `one more, ${quoted(name)}`,
        cure: "If you trust this file, raise maxTensors.",
      });
    } else {
      entries.push(readEntry(scanner, name));
    }
  });
  return { entries, metadata };
}

function readEntry(scanner: JsonScanner, name: string): SafetensorsEntry {
  const tensor = `tensor ${quoted(name)}`;
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  scanner.object(tensor, 3, (key) => {
    if (key === "dtype") dtype = scanner.string(`dtype of ${tensor}`);
    else if (key === "shape") shape = scanner.integers(`shape of ${tensor}`, MAX_RANK);
    else if (key === "data_offsets") offsets = scanner.integers(`data_offsets of ${tensor}`, 2);
    else {
      fail({
        expected: `only dtype, shape and data_offsets in ${tensor}`,
        got: quoted(key),
        cure: DAMAGED,
      });
    }
  });
  if (dtype === undefined || shape === undefined || offsets === undefined) {
    const missing = dtype === undefined ? "dtype" : shape === undefined ? "shape" : "data_offsets";
    return fail({
      expected: `dtype, shape and data_offsets in ${tensor}`,
      got: `no ${missing}`,
      cure: DAMAGED,
    });
  }
  return checkEntry(tensor, { name, dtype, shape }, offsets);
}

function checkEntry(
  tensor: string,
  { name, dtype, shape }: Pick<SafetensorsEntry, "name" | "dtype" | "shape">,
  offsets: number[],
): SafetensorsEntry {
  const type = safetensorsDtypes.get(dtype);
  if (type === undefined) {
    return fail({
      expected: `dtype of ${tensor} to be one of ${[...safetensorsDtypes.keys()].join(", ")}`,
      got: quoted(dtype),
      cure: "Convert the tensor to one of these before saving it.",
    });
  }
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || offsets.length > 2 || begin > end) {
    return fail({
      expected: `data_offsets of ${tensor} to be [begin, end] with begin <= end`,
      got: `[${offsets.join(", ")}]`,
      cure: DAMAGED,
    });
  }
  // Each product is checked: a rounded one is at least 2^53, too.
  const size = shape.reduce((product, length) => {
    if (product * length * type.bytes > Number.MAX_SAFE_INTEGER) {
      fail({
        expected: `${tensor} to hold fewer than 2^53 bytes`,
        got: `shape [${shape.join(", ")}] of ${dtype}`,
        cure: DAMAGED,
      });
    }
    return product * length;
  }, 1);
  if (end - begin !== size * type.bytes) {
    fail({
      expected: `${size * type.bytes} bytes for ${tensor} (${dtype} [${shape.join(", ")}])`,
      got: `data_offsets [${begin}, ${end}], ${end - begin} bytes`,
      cure: DAMAGED,
    });
  }
  return { name, dtype, shape, size, begin, end };
}

/** The data must be covered from its first byte to its last, without a hole or an overlap: what no tensor
 * owns could hide another file. Sorts the entries by their place. */
function checkCover(entries: SafetensorsEntry[], dataBytes: number): void {
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered) {
      fail({
        expected: `tensor ${quoted(name)} to begin at byte ${covered} of the data`,
        got: `byte ${begin}, ${begin < covered ? "inside another tensor" : "which leaves a hole"}`,
        cure: DAMAGED,
      });
    }
    covered = end;
  }
  if (covered !== dataBytes) {
    fail({
      expected: `${covered} bytes of data after the header`,
      got: `${dataBytes}`,
      cure:
        covered > dataBytes
          ? TRUNCATED
          : "Something was appended to the file: write it again with a safetensors library.",
    });
  }
}

function fail({ expected, got, cure = DAMAGED }: ScanProblem): never {
  throw new FormatError({ op: "readSafetensors", expected, got, cure });
}
