// NumPy's .npy files: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
import { byteFaults } from "../core/byte-fault.js";
import { checkCall, type Given } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import type { DType } from "../core/dtype.js";
import { sizeOf } from "../core/shape.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { appearance } from "./appearance.js";
import { swapped } from "./byte-order.js";
import { decodeEntry } from "./safetensors-bytes.js";
import { safetensorsDtypes, type ReadableArray } from "./safetensors-dtypes.js";
import { columnMajorStrides, inRows } from "./strided.js";

export interface LoadNpyOptions {
  /** The file's name, for errors. Default `"the file"`. */
  name?: string | undefined;
}

/** An array of a file, with its numbers row by row. */
export interface NpyArray {
  readonly shape: number[];
  readonly data: ReadableArray;
}

const MAGIC = "\x93NUMPY";
/** NumPy's limit, too. */
const MOST_HEADER = 1 << 16;
const MOST_RANK = 64;
/** NumPy begins the data at a multiple of it. */
const ALIGNMENT = 64;

/** safetensors' names of NumPy's types. */
const TYPES: Readonly<Record<string, string>> = {
  ...{ b1: "BOOL", f2: "F16", f4: "F32", f8: "F64" },
  ...{ i1: "I8", i2: "I16", i4: "I32", i8: "I64", u1: "U8", u2: "U16", u4: "U32", u8: "U64" },
};
/** What else an array may hold, by the letter of its type. */
const OTHERS: Readonly<Record<string, readonly [what: string, cure: string]>> = {
  O: [
    "Python objects, which are pickled",
    'Save it as numbers: np.save(path, np.array(x, "float32")).',
  ],
  U: ["texts", "Save them as JSON, or their ids as int32."],
  S: ["bytes of texts", "Save them as JSON, or their ids as int32."],
  c: ["complex numbers", "Save x.real and x.imag."],
  V: ["records, or a type that NumPy does not have", 'Save each field, or x.astype("float32").'],
  M: ["times", 'Save x.astype("float64").'],
  m: ["times", 'Save x.astype("float64").'],
};

/**
 * The array of a `.npy` file, as `np.save` writes it: float16 and float64 become float32; bool and all integers int32. Either
 * order of bytes and of axes.
 *
 * @param bytes the whole file
 * @throws FormatError for what is no such file, ends early, holds objects, texts, records or complex numbers, or an integer beyond int32
 * @example
 * ```ts
 * const bytes = saveNpy(tensor([[1, 2], [3, 4]]));
 * loadNpy(bytes).toArray(); // [[1, 2], [3, 4]]
 * ```
 */
export function loadNpy(bytes: Uint8Array, options: Given<LoadNpyOptions> = {}): Tensor<DType> {
  checkCall("loadNpy", arguments, "bytes:Uint8Array {name:string}");
  const { shape, data } = readNpy(bytes, "loadNpy", options.name ?? "the file");
  return tensor(data, { shape });
}

/** The shape and the numbers of a file, without a tensor: what {@link loadNpy} reads. */
export function readNpy(bytes: Uint8Array, op: string, name: string): NpyArray {
  const refuse = (at: number, expected: string, got: string, cure?: string): never => {
    throw byteFaults(op)(name, at, expected, got, cure);
  };
  const { header, begin } = headerOf(bytes, refuse);
  const text = (key: string, value: string) =>
    new RegExp(`['"]${key}['"]\\s*:\\s*${value}`).exec(header)?.[1];
  const descr = text("descr", "['\"]([^'\"]*)['\"]");
  if (descr === undefined)
    return refuse(10, "the array's type", quoted(header.trim()), OTHERS.V![1]);
  const order = text("fortran_order", "(True|False)");
  // Python 2 wrote an L behind long integers.
  const axes = text("shape", "\\(([\\d\\s,L]*)\\)");
  if (order === undefined || axes === undefined)
    return refuse(10, "fortran_order and shape", quoted(header.trim()));
  const shape = [...axes.matchAll(/\d+/g)].map(Number);
  const [, endian, letter = "", bytesEach = ""] = /^([<>|=]?)([a-zA-Z])(\d*)/.exec(descr) ?? [];
  const dtype = TYPES[letter + bytesEach];
  if (dtype === undefined) {
    const [what, cure] = OTHERS[letter] ?? [`type ${quoted(descr)}`, 'Save x.astype("float32").'];
    return refuse(10, "an array of numbers", what, cure);
  }
  const size = sizeOf(shape);
  const each = safetensorsDtypes.get(dtype)!.bytes;
  const there = bytes.length - begin;
  if (shape.length > MOST_RANK || size * each !== there)
    refuse(
      begin,
      `${size * each} bytes of data for [${shape.join(", ")}] of ${descr}`,
      String(there),
      "The file is truncated or damaged: copy it again.",
    );
  const [file, at] = endian === ">" ? [swapped(bytes.subarray(begin), each), 0] : [bytes, begin];
  const data = decodeEntry(file, { name, dtype, size, begin: at }, op);
  return { shape, data: order === "True" ? inRows(data, shape, columnMajorStrides(shape)) : data };
}

type Refuse = (at: number, expected: string, got: string, cure?: string) => never;

function headerOf(bytes: Uint8Array, refuse: Refuse): { header: string; begin: number } {
  const latin1 = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (latin1(0, MAGIC.length) !== MAGIC) {
    const { what = "something else", cure } = appearance(bytes);
    return refuse(0, "a .npy file", what, cure);
  }
  const version = bytes[6]!;
  const lengthBytes = version === 1 ? 2 : 4;
  const begin = 8 + lengthBytes;
  if (!(version >= 1 && version <= 3) || bytes.length < begin)
    return refuse(6, "version 1, 2 or 3 of the format", `version ${version}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > MOST_HEADER || begin + length > bytes.length)
    return refuse(8, `a header within the file`, `one of ${length} bytes`);
  return { header: latin1(begin, begin + length), begin: begin + length };
}

/**
 * Writes a `.npy` file, which `np.load` reads: float32 or int32, row by row.
 *
 * @returns the bytes of the file
 * @example
 * ```ts
 * saveNpy(zeros([2, 3])).length; // 152
 * ```
 */
export function saveNpy(array: Tensor<DType>): Uint8Array<ArrayBuffer> {
  checkCall("saveNpy", arguments, "array:tensor");
  const { shape, size, dtype } = array;
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  const descr = dtype === "float32" ? "<f4" : "<i4";
  const dictionary = `{'descr': '${descr}', 'fortran_order': False, 'shape': (${axes}), }`;
  const begin = Math.ceil((10 + dictionary.length + 1) / ALIGNMENT) * ALIGNMENT;
  const header = `${MAGIC}\x01\x00..${dictionary.padEnd(begin - 11)}\n`;
  const bytes = new Uint8Array(begin + 4 * size);
  for (let i = 0; i < begin; i++) bytes[i] = header.charCodeAt(i);
  new DataView(bytes.buffer).setUint16(8, begin - 10, true);
  const Values = dtype === "float32" ? Float32Array : Int32Array;
  (array as Tensor<DType> & { data(out: ReadableArray): unknown }).data(
    new Values(bytes.buffer, begin, size),
  );
  return bytes;
}
