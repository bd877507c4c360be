// NumPy's .npz files: zip archives of .npy files.
import { zipSync, type Zippable } from "fflate";
import { checkCall, type Given } from "../core/check.js";
import { hasLoneSurrogate, quoted } from "../core/code-points.js";
import type { DType } from "../core/dtype.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { tensor } from "../tensor/create.js";
import { Tensor } from "../tensor/tensor.js";
import { readNpy, saveNpy, type NpyArray } from "./npy.js";
import { ZipArchive } from "./zip.js";

export interface LoadNpzOptions {
  /** The file's name, for errors. Default `"the file"`. */
  name?: string | undefined;
}

export interface SaveNpzOptions {
  /** Whether arrays are deflated, as `np.savez_compressed` does. Default false. */
  compressed?: boolean | undefined;
}

/**
 * The arrays of a `.npz` file by name, as `np.savez` and `np.savez_compressed` write it; dtypes as {@link loadNpy} reads them.
 *
 * @param bytes the whole file
 * @throws FormatError for what is no such file, is damaged, or holds an array that {@link loadNpy} does not read
 * @example
 * ```ts
 * const bytes = saveNpz({ x: ones([2]), y: zeros([1]) });
 * [...loadNpz(bytes).keys()]; // ["x", "y"]
 * ```
 */
export function loadNpz(
  bytes: Uint8Array,
  options: Given<LoadNpzOptions> = {},
): Map<string, Tensor<DType>> {
  checkCall("loadNpz", arguments, "bytes:Uint8Array {name:string}");
  const tensors = new Map<string, Tensor<DType>>();
  try {
    for (const [name, { shape, data }] of readNpz(bytes, "loadNpz", options.name ?? "the file"))
      tensors.set(name, tensor(data, { shape }));
  } catch (error) {
    for (const read of tensors.values()) read.dispose();
    throw error;
  }
  return tensors;
}

/** The arrays one by one, each unpacked when it is asked for: what {@link loadNpz} reads. */
export function* readNpz(
  bytes: Uint8Array,
  op: string,
  name: string,
): Generator<[name: string, array: NpyArray]> {
  const archive = new ZipArchive(op, bytes, "a .npz file", name);
  for (const entry of archive.entries.values()) {
    if (!entry.name.endsWith(".npy"))
      throw archive.fault(
        entry.begin,
        "arrays alone in a .npz file",
        quoted(entry.name),
        "Is it another kind of zip archive?",
      );
    const array = entry.name.slice(0, -".npy".length);
    yield [array, readNpy(archive.read(entry), op, `${array} in ${name}`)];
  }
}

/**
 * Writes a `.npz` file, which `np.load` reads. The same arrays give the same bytes.
 *
 * @returns the bytes of the file
 * @throws OptionError for what is no tensor, or a name that no file can have
 * @example
 * ```ts
 * const model = new Linear(2, 1);
 * const bytes = saveNpz(model.stateDict(), { compressed: true });
 * model.loadStateDict(loadNpz(bytes));
 * ```
 */
export function saveNpz(
  arrays: ReadonlyMap<string, Tensor<DType>> | Readonly<Record<string, Tensor<DType>>>,
  options: Given<SaveNpzOptions> = {},
): Uint8Array {
  checkCall("saveNpz", arguments, "arrays:object {compressed:boolean}");
  const files: Zippable = {};
  for (const [name, array] of arrays instanceof Map ? arrays : Object.entries(arrays)) {
    if (!(array instanceof Tensor))
      throw new OptionError({
        op: "saveNpz",
        expected: `a Tensor under ${quoted(name)}`,
        got: described(array),
      });
    if (name === "" || hasLoneSurrogate(name))
      throw new OptionError({ op: "saveNpz", expected: "a name of an array", got: quoted(name) });
    files[`${name}.npy`] = saveNpy(array);
  }
  return zipSync(files, { level: options.compressed ? 6 : 0, mtime: EPOCH });
}

/** The first day of zip's calendar, by whatever clock is read: the same arrays give the same bytes. */
const EPOCH = "1980-01-01T12:00:00";
