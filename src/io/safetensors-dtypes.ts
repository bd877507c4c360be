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
  /** Reads `out.length` elements at byte `offset` of `view`; stops at the first that does not fit. */
  readonly decode: (view: DataView, offset: number, out: ReadableArray) => Misfit | undefined;
}

type Get<Value = number> = (view: DataView, offset: number) => Value;

/** A type stored as it is read: bytes are copied (every engine that runs WebAssembly is little-endian). */
function same(reads: SafetensorsDtype["reads"]): SafetensorsDtype {
  return {
    bytes: 4,
    reads,
    decode(view, offset, out) {
      const source = new Uint8Array(view.buffer, view.byteOffset + offset, out.byteLength);
      new Uint8Array(out.buffer, out.byteOffset, out.byteLength).set(source);
      return undefined;
    },
  };
}

/** A 16-bit float, widened as bits: a NaN keeps its payload on every engine. */
function half(widen: (bits: number) => number): SafetensorsDtype {
  return {
    bytes: 2,
    reads: "float32",
    decode(view, offset, out) {
      const bits = new Uint32Array(out.buffer, out.byteOffset, out.length);
      for (let i = 0; i < bits.length; i++) bits[i] = widen(view.getUint16(offset + i * 2, true));
      return undefined;
    },
  };
}

/** An integer type of at most 32 bits, refused above `max`. */
function integer(bytes: number, get: Get, max = 0x7fffffff): SafetensorsDtype {
  return {
    bytes,
    reads: "int32",
    decode(view, offset, out) {
      for (let i = 0; i < out.length; i++) {
        const value = get(view, offset + i * bytes);
        if (value > max) return { index: i, value };
        out[i] = value;
      }
      return undefined;
    },
  };
}

/** A 64-bit integer type: the low word is the value if `fits` says so of the high one. */
function integer64(
  fits: (low: number, high: number) => boolean,
  get: Get<bigint>,
): SafetensorsDtype {
  return {
    bytes: 8,
    reads: "int32",
    decode(view, offset, out) {
      for (let i = 0; i < out.length; i++) {
        const at = offset + i * 8;
        const low = view.getInt32(at, true);
        if (!fits(low, view.getInt32(at + 4, true))) return { index: i, value: get(view, at) };
        out[i] = low;
      }
      return undefined;
    },
  };
}

const subnormal = new Float32Array(1);
const subnormalBits = new Uint32Array(subnormal.buffer);

function widenF16(bits: number): number {
  const sign = (bits & 0x8000) << 16;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return sign | 0x7f800000 | (fraction << 13);
  if (exponent > 0) return sign | ((exponent + 112) << 23) | (fraction << 13);
  subnormal[0] = fraction / 0x1000000; // counts in units of 2^-24, all of them normal in float32
  return sign | subnormalBits[0];
}

const float64: SafetensorsDtype = {
  bytes: 8,
  reads: "float32",
  decode(view, offset, out) {
    for (let i = 0; i < out.length; i++) out[i] = view.getFloat64(offset + i * 8, true);
    return undefined;
  },
};

const int64 = integer64(
  (low, high) => high === low >> 31,
  (view, at) => view.getBigInt64(at, true),
);
const uint64 = integer64(
  (low, high) => high === 0 && low >= 0,
  (view, at) => view.getBigUint64(at, true),
);

// A Map, because the name comes from the file: an object would also answer to "constructor".
export const safetensorsDtypes: ReadonlyMap<string, SafetensorsDtype> = new Map([
  ["F64", float64],
  ["F32", same("float32")],
  ["F16", half(widenF16)],
  ["BF16", half((bits) => bits << 16)],
  ["I64", int64],
  ["U64", uint64],
  ["I32", same("int32")],
  ["U32", integer(4, (view, at) => view.getUint32(at, true))],
  ["I16", integer(2, (view, at) => view.getInt16(at, true))],
  ["U16", integer(2, (view, at) => view.getUint16(at, true))],
  ["I8", integer(1, (view, at) => view.getInt8(at))],
  ["U8", integer(1, (view, at) => view.getUint8(at))],
  ["BOOL", integer(1, (view, at) => view.getUint8(at), 1)],
]);
