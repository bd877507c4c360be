// The classes and functions that a file of torch.save may name, and the data that they stand for.
import { sizeOf } from "../core/shape.js";
import { safetensorsDtypes } from "../io/safetensors-dtypes.js";
import { reachOf } from "../io/strided.js";
import { Attributes, PythonGlobal, type PickleValue } from "./pickle.js";
import { TorchStorage, TorchTensor } from "./torch-tensor.js";

/** safetensors' names of PyTorch's dtypes. */
const DTYPES: Readonly<Record<string, string>> = {
  ...{ float64: "F64", double: "F64", float32: "F32", float: "F32", float16: "F16", half: "F16" },
  ...{ bfloat16: "BF16", int64: "I64", long: "I64", int32: "I32", int: "I32", int16: "I16" },
  ...{
    short: "I16",
    int8: "I8",
    uint8: "U8",
    bool: "BOOL",
    uint16: "U16",
    uint32: "U32",
    uint64: "U64",
  },
};

const STORAGES: Readonly<Record<string, string>> = {
  ...{ Double: "F64", Float: "F32", Half: "F16", BFloat16: "BF16", Long: "I64", Int: "I32" },
  ...{ Short: "I16", Char: "I8", Byte: "U8", Bool: "BOOL" },
};

/** The type of a class of storages, or of what bytes may hold: `undefined` there. */
export function storageType(name: string): { dtype: string | undefined } | undefined {
  if (name === "torch.storage.UntypedStorage" || name === "torch.UntypedStorage")
    return { dtype: undefined };
  const dtype = STORAGES[/^torch\.(?:cuda\.)?(\w+)Storage$/.exec(name)?.[1] ?? ""];
  return dtype === undefined ? undefined : { dtype };
}

/** Makes a value of arguments; undefined for arguments that do not fit. */
type Make = (args: readonly PickleValue[]) => PickleValue | undefined;

const dict: Make = ([pairs]) =>
  new Map(
    pairs instanceof Map
      ? pairs
      : Array.isArray(pairs)
        ? (pairs.filter(Array.isArray) as [PickleValue, PickleValue][])
        : [],
  );
const list: Make = ([values = []]) => (Array.isArray(values) ? [...values] : undefined);
const set: Make = ([values = []]) => (Array.isArray(values) ? new Set(values) : undefined);
const first: Make = ([value]) => value;
const attributes: Make = () => new Attributes();

const rebuild: Make = ([storage, offset, shape, strides]) =>
  storage instanceof TorchStorage && storage.dtype !== undefined
    ? view(storage, storage.dtype, offset, shape, strides)
    : undefined;

const rebuildTyped: Make = ([storage, offset, shape, strides, , , type]) => {
  const dtype = type instanceof PythonGlobal ? DTYPES[type.name.slice("torch.".length)] : undefined;
  return storage instanceof TorchStorage && dtype !== undefined
    ? view(storage, dtype, offset, shape, strides)
    : undefined;
};

/** By name. What has no function is a class that is named, but not called: a type, a factory. */
const ALLOWED: ReadonlyMap<string, Make | undefined> = new Map<string, Make | undefined>([
  ["torch._utils._rebuild_tensor", rebuild],
  ["torch._utils._rebuild_tensor_v2", rebuild],
  ["torch._utils._rebuild_tensor_v3", rebuildTyped],
  ["torch._utils._rebuild_parameter", first],
  ["torch._utils._rebuild_parameter_with_state", first],
  ["torch.nn.parameter.Parameter", first],
  ["torch._tensor._rebuild_from_type_v2", ([make, , args]) => typed(make, args)],
  ["torch.Size", list],
  [
    "torch.device",
    ([type = "cpu", index]) => (index === undefined ? type : `${String(type)}:${String(index)}`),
  ],
  ["collections.OrderedDict", dict],
  ["collections.defaultdict", () => new Map<PickleValue, PickleValue>()],
  ["collections.Counter", dict],
  ["collections.deque", list],
  ["argparse.Namespace", attributes],
  ["pathlib.PosixPath", (parts) => parts.map(String).join("/").replace(/^\/\//, "/")],
  ["_codecs.encode", ([text]) => (typeof text === "string" ? latin1(text) : undefined)],
  ["numpy.dtype", ([name]) => (typeof name === "string" ? new NumpyType(name) : undefined)],
  ["numpy.core.multiarray.scalar", ([type, bytes]) => numpyScalar(type, bytes)],
  ["numpy._core.multiarray.scalar", ([type, bytes]) => numpyScalar(type, bytes)],
  ...["builtins", "__builtin__"].flatMap((module): [string, Make | undefined][] => [
    ...(
      [
        ["dict", dict],
        ["list", list],
        ["tuple", list],
        ["set", set],
        ["frozenset", set],
      ] as const
    ).map(([name, make]): [string, Make] => [`${module}.${name}`, make]),
    ...["int", "float", "str", "bool", "bytes", "object"].map((name): [string, undefined] => [
      `${module}.${name}`,
      undefined,
    ]),
  ]),
  ...Object.keys(DTYPES).map((name): [string, undefined] => [`torch.${name}`, undefined]),
]);

export function isAllowed(name: string): boolean {
  return ALLOWED.has(name) || storageType(name) !== undefined;
}

/** What a name on the list makes; undefined where the arguments do not fit. */
export function make(name: string, args: readonly PickleValue[]): PickleValue | undefined {
  return ALLOWED.get(name)?.(args);
}

/** Elements that a tensor may have which shows some of its storage's again and again, as `expand` makes it. */
const MOST_EXPANDED = 1 << 18;

/** A view of a storage, if it is one: within it, and not a few numbers that claim to be billions. */
function view(
  storage: TorchStorage,
  dtype: string,
  offset: unknown,
  shape: unknown,
  strides: unknown,
): TorchTensor | undefined {
  if (!isCounts([offset]) || !isCounts(shape) || !isCounts(strides)) return undefined;
  if (shape.length !== strides.length || shape.length > 64) return undefined;
  const elements =
    storage.dtype === undefined ? storage.size / safetensorsDtypes.get(dtype)!.bytes : storage.size;
  const [size, reach] = [sizeOf(shape), reachOf(shape, strides)];
  if (reach > 0 && !((offset as number) + reach <= elements)) return undefined;
  if (size > Math.max(reach, MOST_EXPANDED)) return undefined;
  return new TorchTensor(storage, dtype, shape, strides, offset as number);
}

function isCounts(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((n) => Number.isSafeInteger(n) && n >= 0);
}

/** What a subclass of Tensor is made by. */
function typed(callee: PickleValue | undefined, args: PickleValue | undefined) {
  return callee instanceof PythonGlobal &&
    Array.isArray(args) &&
    /_rebuild_tensor/.test(callee.name)
    ? make(callee.name, args)
    : undefined;
}

class NumpyType {
  constructor(readonly name: string) {}
}

function latin1(text: string): Uint8Array {
  return Uint8Array.from(text, (char) => char.charCodeAt(0));
}

/** A number of NumPy's, as checkpoints hold best scores. */
function numpyScalar(type: unknown, bytes: unknown): PickleValue | undefined {
  if (!(type instanceof NumpyType && bytes instanceof Uint8Array)) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type.name === "f8" && bytes.length === 8) return view.getFloat64(0, true);
  if (type.name === "f4" && bytes.length === 4) return view.getFloat32(0, true);
  if (type.name === "i8" && bytes.length === 8) return Number(view.getBigInt64(0, true));
  if (type.name === "i4" && bytes.length === 4) return view.getInt32(0, true);
  if (type.name === "b1" && bytes.length === 1) return bytes[0] === 1;
  return undefined;
}
