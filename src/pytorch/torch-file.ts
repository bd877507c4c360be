// Files of torch.save: a zip archive of a pickle, `data.pkl`, and of the storages that it names, `data/0`, `data/1`, …
import { byteFaults } from "../core/byte-fault.js";
import { checkCall, checkChoice, type Given } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import { described } from "../core/described.js";
import type { FormatError } from "../core/errors.js";
import { appearance } from "../io/appearance.js";
import { safetensorsDtypes } from "../io/safetensors-dtypes.js";
import { isZip, ZipArchive } from "../io/zip.js";
import { PythonGlobal, PythonObject, readPickle, type PickleValue } from "./pickle.js";
import { isAllowed, make, storageType } from "./torch-globals.js";
import { TorchStorage } from "./torch-tensor.js";

export interface ReadTorchOptions {
  /** The file's name, for errors. Default `"the file"`. */
  name?: string | undefined;
  /**
   * What becomes of classes and functions that are not known here: `"refuse"` names them in an error, `"skip"` puts a
   * {@link PythonObject} in the place of what they would make. Nothing of them ever runs. Default `"refuse"`.
   */
  unknown?: "refuse" | "skip" | undefined;
}

const RESAVE = "In Python: torch.save(model.state_dict(), path).";
const SKIP = '{ unknown: "skip" } leaves it out and reads the tensors; nothing of a file is run.';
/** Tensors that are no rows of numbers, by the names that only they need. */
const OTHER_TENSORS: readonly (readonly [name: RegExp, what: string, cure: string])[] = [
  [/Complex\w+Storage$|\.complex\d+$/, "complex numbers", "x.real and x.imag"],
  [/Q\w*Int\w+Storage$|_rebuild_qtensor$|\.quantized\./, "a quantized tensor", "x.dequantize()"],
  [/_rebuild_(sparse|nested)|_get_layout$/, "a sparse tensor", "x.to_dense()"],
  [/\.float8_/, "float8", "x.float()"],
];
const LEGACY =
  'In Python, by PyTorch from 1.6 on: torch.save(torch.load(path, map_location="cpu"), path).';
/** The number that files before PyTorch 1.6 begin with, as a pickle. */
const LEGACY_MAGIC = "8002 8a0a 6cfc 9c46 f920 6aa8 5019".replaceAll(" ", "");
/** A pickle is names and numbers of shapes; its memory is some fifty times its bytes. */
const MOST_PICKLE = 1 << 26;

/**
 * What a file of `torch.save` holds: dicts as Maps, tuples and lists as arrays, tensors as {@link TorchTensor}s, which `read()`
 * reads. Nothing in the file is run: what classes and functions it names are looked up in a list.
 *
 * @param bytes the whole file: `.pt`, `.pth`, `.bin`, `.ckpt`, as PyTorch from 1.6 on writes it
 * @throws FormatError for another file, a damaged one, or one that names a class or function which is not on the list
 * @example
 * ```ts
 * // const checkpoint = readTorch(readFileSync("checkpoint.pt"));
 * // checkpoint.get("epoch"), checkpoint.get("model").get("lstm.weight_ih_l0").shape
 * readTorch.length; // 1
 * ```
 */
export function readTorch(bytes: Uint8Array, options: Given<ReadTorchOptions> = {}): PickleValue {
  checkCall("readTorch", arguments, "bytes:Uint8Array {name:string unknown:string}");
  return parseTorch(bytes, "readTorch", options);
}

/** {@link readTorch} for whatever operation. */
export function parseTorch(
  bytes: Uint8Array,
  op: string,
  { name = "the file", unknown = "refuse" }: Given<ReadTorchOptions>,
): PickleValue {
  checkChoice(op, "unknown", unknown, ["refuse", "skip"]);
  refuseOther(bytes, op, name);
  const archive = new ZipArchive(op, bytes, "a file of torch.save", name);
  const entries = [...archive.entries.values()];
  const pickle = entries.find((entry) => /^[^/]*\/?data\.pkl$/.test(entry.name));
  if (!pickle) {
    const what = entries.some((entry) => entry.name.endsWith(".npy"))
      ? "NumPy's .npz: loadNpz() reads it"
      : entries.some((entry) => entry.name === "config.json")
        ? "Keras' .keras: loadKeras() of hiddenstate/keras reads it"
        : "another zip archive";
    throw archive.fault(0, "a file of torch.save, with data.pkl", what);
  }
  const folder = pickle.name.slice(0, -"data.pkl".length);
  const isProgram = entries.some((entry) => entry.name.startsWith(`${folder}code/`));
  if (isProgram && unknown === "refuse")
    throw archive.fault(pickle.begin, "weights", "a TorchScript program", `${RESAVE} ${SKIP}`);
  if (pickle.size > MOST_PICKLE)
    throw archive.fault(pickle.begin, `a pickle of at most ${MOST_PICKLE} bytes`, `${pickle.size}`);
  const order = archive.entries.get(`${folder}byteorder`);
  const bigEndian = order !== undefined && String.fromCharCode(...archive.read(order)) === "big";
  const storages = new Map<string, TorchStorage>();

  const fault = (at: number, expected: string, got: string, cure = RESAVE) =>
    archive.fault(pickle.begin + at, expected, got, cure);
  return readPickle(archive.read(pickle), {
    fault,
    checkName(global, at) {
      if (unknown === "refuse" && !isAllowed(global)) throw unknownFault(global, at, fault);
    },
    call(global, args, at) {
      if (!isAllowed(global)) return new PythonObject(global, args);
      const value = make(global, args);
      if (value !== undefined) return value;
      // Of a storage, or a dtype, that has been left out.
      if (unknown === "skip" && args.some(isUnknown)) return new PythonObject(global, args);
      throw fault(at, `what ${global} takes`, described(args));
    },
    persistent(id, at) {
      const [kind, type, key, , size] = Array.isArray(id) ? (id as PickleValue[]) : [];
      if (unknown === "skip" && type instanceof PythonGlobal && !isAllowed(type.name))
        return new PythonObject(type.name, []);
      const stored = type instanceof PythonGlobal ? storageType(type.name) : undefined;
      if (kind !== "storage" || typeof key !== "string" || typeof size !== "number" || !stored)
        throw fault(
          at,
          "a storage of numbers",
          type instanceof PythonGlobal ? quoted(type.name) : "something else",
        );
      const entry = archive.entries.get(`${folder}data/${key}`);
      const each = stored.dtype === undefined ? 1 : safetensorsDtypes.get(stored.dtype)!.bytes;
      if (!entry || !(size >= 0 && size * each <= entry.size))
        throw fault(at, `${size * each} bytes in data/${key}`, entry ? `${entry.size}` : "none");
      const known = storages.get(key);
      if (known?.dtype === stored.dtype && known?.size === size) return known;
      let read: Uint8Array | undefined;
      const storage = new TorchStorage(
        key,
        stored.dtype,
        size,
        () => (read ??= archive.read(entry)),
        bigEndian,
      );
      storages.set(key, storage);
      return storage;
    },
  });
}

/** What stands for a class, a function or what it would have made, of none that is known. */
function isUnknown(value: PickleValue | undefined): boolean {
  return value instanceof PythonObject || (value instanceof PythonGlobal && !isAllowed(value.name));
}

function unknownFault(
  name: string,
  at: number,
  fault: (at: number, expected: string, got: string, cure: string) => FormatError,
): FormatError {
  const [, what, saved] = OTHER_TENSORS.find(([known]) => known.test(name)) ?? [];
  return what === undefined
    ? fault(
        at,
        "tensors and plain data",
        `${quoted(name)}, a class or function`,
        `${RESAVE} ${SKIP}`,
      )
    : fault(
        at,
        "tensors of numbers",
        `${what}, ${quoted(name)}`,
        `In Python, save ${saved}. ${SKIP}`,
      );
}

function refuseOther(bytes: Uint8Array, op: string, name: string): void {
  if (isZip(bytes)) return;
  const begin = Array.from(bytes.subarray(0, LEGACY_MAGIC.length / 2), (byte) =>
    byte.toString(16).padStart(2, "0"),
  ).join("");
  const { what = "something else", cure } =
    begin === LEGACY_MAGIC
      ? { what: "one of before PyTorch 1.6, which is not zipped", cure: LEGACY }
      : appearance(bytes);
  throw byteFaults(op)(name, 0, "a file of torch.save", what, cure);
}
