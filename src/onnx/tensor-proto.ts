// The numbers of a tensor in the file, or beside it.
import { quoted } from "../core/code-points.js";
import { FormatError } from "../core/errors.js";
import { formatShape, MAX_ELEMENTS, sizeOf } from "../core/shape.js";
import { safetensorsDtypes } from "../io/safetensors-dtypes.js";
import { floats, varints } from "./proto/numbers.js";
import type { TensorProto } from "./proto/messages.js";
import { describedType, isFloat, TYPES, typeOf, type ElementType } from "./types.js";

/** Where tensors that do not stand in the model's file are: a file's bytes by its name. */
export type ExternalData =
  | Readonly<Record<string, Uint8Array>>
  | ReadonlyMap<string, Uint8Array>
  | ((location: string) => Uint8Array | undefined);

/** A tensor of the file: what is known of it before its numbers are read. */
export interface StoredTensor {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Floats as float32, everything else exactly. */
  read(): Float32Array | Float64Array;
}

const EXTERNAL = 1;

/**
 * Checks a tensor against its bytes.
 *
 * @throws FormatError for a type that cannot be read, or bytes that are not as many as the shape says
 */
export function storedTensor(proto: TensorProto, external: ExternalData | undefined): StoredTensor {
  const { name } = proto;
  const type = typeOf(proto.dataType);
  if (!type) throw fault(name, "a tensor of numbers or booleans", describedType(proto.dataType));
  const shape = varints(proto.dims);
  const size = sizeOf(shape);
  if (!shape.every((each) => Number.isInteger(each) && each >= 0) || size > MAX_ELEMENTS)
    throw fault(name, `a shape of at most ${MAX_ELEMENTS} elements`, formatShape(shape));
  const raw = proto.dataLocation === EXTERNAL ? outside(proto, external) : proto.rawData;
  const bytes = Math.ceil((size * TYPES[type].bits) / 8);
  if (raw && raw.length !== bytes)
    throw fault(name, `${bytes} bytes for ${type} ${formatShape(shape)}`, `${raw.length}`);
  return {
    name,
    type,
    shape,
    read: () => (raw ? fromRaw(type, raw, size) : fromFields(proto, type, size)),
  };
}

/** The bytes that stand in another file. */
function outside(proto: TensorProto, external: ExternalData | undefined): Uint8Array {
  const { name } = proto;
  const notes = new Map(proto.externalData.map(({ key, value }) => [key, value]));
  const location = notes.get("location") ?? "";
  const file =
    typeof external === "function"
      ? external(location)
      : external instanceof Map
        ? (external as ReadonlyMap<string, Uint8Array>).get(location)
        : external && Object.hasOwn(external, location)
          ? (external as Readonly<Record<string, Uint8Array>>)[location]
          : undefined;
  if (!(file instanceof Uint8Array))
    throw new FormatError({
      op: "readOnnx",
      expected: `the bytes of ${quoted(location)}, where tensor ${quoted(name)} is`,
      got: "none",
      cure: `Give them: readOnnx(bytes, { externalData: { ${JSON.stringify(location)}: data } }).`,
    });
  const offset = Number(notes.get("offset") ?? 0);
  const length = Number(notes.get("length") ?? file.length - offset);
  if (!(offset >= 0 && length >= 0 && offset + length <= file.length))
    throw fault(
      name,
      `bytes within ${quoted(location)}, which has ${file.length}`,
      `${length} from ${offset} on`,
    );
  return file.subarray(offset, offset + length);
}

const FLOATS: Partial<Record<ElementType, string>> = {
  float: "F32",
  double: "F64",
  float16: "F16",
  bfloat16: "BF16",
};

function fromRaw(type: ElementType, raw: Uint8Array, size: number): Float32Array | Float64Array {
  const float = FLOATS[type];
  if (float !== undefined) {
    if (type === "float" && raw.byteOffset % 4 === 0)
      return new Float32Array(raw.buffer, raw.byteOffset, size);
    const values = new Float32Array(size);
    safetensorsDtypes.get(float)!.decode(raw, 0, values);
    return values;
  }
  const values = new Float64Array(size);
  const view = new DataView(raw.buffer, raw.byteOffset, raw.byteLength);
  const signed = TYPES[type].range![0] < 0;
  const { bits } = TYPES[type];
  for (let i = 0; i < size; i++) values[i] = wholeAt(view, i, bits, signed);
  return values;
}

function wholeAt(view: DataView, i: number, bits: number, signed: boolean): number {
  if (bits === 4) {
    const half = (view.getUint8(i >> 1) >> (4 * (i % 2))) & 15;
    return signed && half > 7 ? half - 16 : half;
  }
  if (bits === 8) return signed ? view.getInt8(i) : view.getUint8(i);
  if (bits === 16) return signed ? view.getInt16(2 * i, true) : view.getUint16(2 * i, true);
  if (bits === 32) return signed ? view.getInt32(4 * i, true) : view.getUint32(4 * i, true);
  const high = signed ? view.getInt32(8 * i + 4, true) : view.getUint32(8 * i + 4, true);
  return high * 4294967296 + view.getUint32(8 * i, true);
}

/** Numbers in the field of their type, as small tensors have them. */
function fromFields(
  proto: TensorProto,
  type: ElementType,
  size: number,
): Float32Array | Float64Array {
  const values = fieldOf(proto, type);
  const stored = type === "int4" || type === "uint4" ? Math.ceil(size / 2) : size;
  if (values.length !== stored)
    throw fault(proto.name, `${stored} numbers of type ${type}`, `${values.length}`);
  if (type === "float16" || type === "bfloat16") {
    const halves = Uint16Array.from(values);
    return fromRaw(type, new Uint8Array(halves.buffer), size);
  }
  if (type === "int4" || type === "uint4") return fromRaw(type, Uint8Array.from(values), size);
  return isFloat(type) ? Float32Array.from(values) : Float64Array.from(values);
}

function fieldOf(proto: TensorProto, type: ElementType): ArrayLike<number> & Iterable<number> {
  if (type === "float") return floats(proto.floatData, 4);
  if (type === "double") return floats(proto.doubleData, 8);
  if (type === "int64") return varints(proto.int64Data);
  if (type === "uint32" || type === "uint64") return varints(proto.uint64Data, false);
  return varints(proto.int32Data);
}

function fault(name: string, expected: string, got: string): FormatError {
  return new FormatError({
    op: "readOnnx",
    expected: `${expected} (tensor ${quoted(name)})`,
    got,
  });
}
