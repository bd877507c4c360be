// The element types of safetensors that can be read, and how each becomes float32 or int32.
// Widening is exact; F64 rounds to nearest as every float32 store does; integers beyond int32 are refused.

export type ReadableArray = Float32Array | Int32Array;

/** A value that int32 cannot hold (for BOOL: that is neither 0 nor 1), and where it stands. */
export interface Misfit {
  index: number;
  value: number | bigint;
}

export interface SafetensorsDtype {
  /** Bytes an element. */
  readonly bytes: number;
  /** What it is read as. */
  readonly reads: "float32" | "int32";
  /** Reads `out.length` elements from byte `offset` of `file` on; stops at the first that does not fit. */
  readonly decode: (file: Uint8Array, offset: number, out: ReadableArray) => Misfit | undefined;
}

type Elements =
  | typeof Float64Array
  | typeof Float32Array
  | typeof Int32Array
  | typeof Int16Array
  | typeof Uint16Array
  | typeof Int8Array
  | typeof Uint8Array;

/**
 * `length` elements of the file: a view where they are aligned, else a copy. (Every engine that runs
 * WebAssembly is little-endian, as the format is.)
 */
function elements<T extends Elements>(
  Type: T,
  file: Uint8Array,
  offset: number,
  length: number,
): InstanceType<T> {
  const bytes = length * Type.BYTES_PER_ELEMENT;
  const at = file.byteOffset + offset;
  if (at % Type.BYTES_PER_ELEMENT === 0)
    return new Type(file.buffer as ArrayBuffer, at, length) as InstanceType<T>;
  // Not by slice(): that of a Node Buffer is a view on the same memory.
  const copy = new Uint8Array(bytes);
  copy.set(file.subarray(offset, offset + bytes));
  return new Type(copy.buffer) as InstanceType<T>;
}

/** A type that the engine itself converts, every value rightly. */
function converted(reads: SafetensorsDtype["reads"], Type: Elements): SafetensorsDtype {
  return {
    bytes: Type.BYTES_PER_ELEMENT,
    reads,
    decode(file, offset, out) {
      out.set(elements(Type, file, offset, out.length));
      return undefined;
    },
  };
}

// 16-bit floats are widened as bits: a NaN keeps its payload on every engine.

const bfloat16: SafetensorsDtype = {
  bytes: 2,
  reads: "float32",
  decode(file, offset, out) {
    const halves = elements(Uint16Array, file, offset, out.length);
    const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
    for (let i = 0; i < bits.length; i++) bits[i] = halves[i]! << 16;
    return undefined;
  },
};

const float16: SafetensorsDtype = {
  bytes: 2,
  reads: "float32",
  decode(file, offset, out) {
    const halves = elements(Uint16Array, file, offset, out.length);
    const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
    for (let i = 0; i < bits.length; i++) bits[i] = widenF16(halves[i]!);
    return undefined;
  },
};

function widenF16(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  if (fraction === 0) return sign;
  // Counts in units of 2^-24, all of them normal in float32: its highest one moves to bit 23, and adds 1 to the exponent.
  const shift = Math.clz32(fraction) - 8;
  return sign | (((125 - shift) << 23) + (fraction << shift));
}

const bool: SafetensorsDtype = {
  bytes: 1,
  reads: "int32",
  decode(file, offset, out) {
    out.set(elements(Uint8Array, file, offset, out.length));
    const index = out.findIndex((value) => value > 1);
    return index < 0 ? undefined : { index, value: out[index]! };
  },
};

const uint32: SafetensorsDtype = {
  bytes: 4,
  reads: "int32",
  decode(file, offset, out) {
    out.set(elements(Int32Array, file, offset, out.length));
    const index = out.findIndex((value) => value < 0);
    return index < 0 ? undefined : { index, value: out[index]! >>> 0 };
  },
};

/** A 64-bit integer type: the low word is the value if `fits` says so of the high one. */
function integer64(
  Type: typeof BigInt64Array | typeof BigUint64Array,
  fits: (low: number, high: number) => boolean,
): SafetensorsDtype {
  return {
    bytes: 8,
    reads: "int32",
    decode(file, offset, out) {
      const words = elements(Int32Array, file, offset, out.length * 2);
      for (let i = 0; i < out.length; i++) {
        const low = words[2 * i]!;
        if (!fits(low, words[2 * i + 1]!)) {
          const value = new Type(words.slice(2 * i, 2 * i + 2).buffer)[0]!;
          return { index: i, value };
        }
        out[i] = low;
      }
      return undefined;
    },
  };
}

// A Map, because the name comes from the file: an object would also answer to "constructor".
export const safetensorsDtypes: ReadonlyMap<string, SafetensorsDtype> = new Map([
  ["F64", /* @__PURE__ */ converted("float32", Float64Array)],
  ["F32", /* @__PURE__ */ converted("float32", Float32Array)],
  ["F16", float16],
  ["BF16", bfloat16],
  ["I64", /* @__PURE__ */ integer64(BigInt64Array, (low, high) => high === low >> 31)],
  ["U64", /* @__PURE__ */ integer64(BigUint64Array, (low, high) => high === 0 && low >= 0)],
  ["I32", /* @__PURE__ */ converted("int32", Int32Array)],
  ["U32", uint32],
  ["I16", /* @__PURE__ */ converted("int32", Int16Array)],
  ["U16", /* @__PURE__ */ converted("int32", Uint16Array)],
  ["I8", /* @__PURE__ */ converted("int32", Int8Array)],
  ["U8", /* @__PURE__ */ converted("int32", Uint8Array)],
  ["BOOL", bool],
]);
