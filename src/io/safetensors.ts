// State dicts as safetensors files, in the way of safetensors' own `save_model` where tensors are tied.

import { described } from "../core/described.js";
import { checkCall } from "../core/check.js";
import { byCodePoint, quoted } from "../core/code-points.js";
import type { DType } from "../core/dtype.js";
import { OptionError } from "../core/errors.js";
import { sameShape } from "../core/shape.js";
import { tensor } from "../tensor/create.js";
import { Tensor } from "../tensor/tensor.js";
import { decodeEntry, encodeSafetensors } from "./safetensors-bytes.js";
import { parseSafetensors, type SafetensorsLimits } from "./safetensors-header.js";

export interface SafetensorsFile {
  /** In the order of their data; a tied tensor under each of its names. */
  tensors: Map<string, Tensor<DType>>;
  /** The file's notes, as they stand in it: a tied tensor's other names among them. */
  metadata: Map<string, string>;
}

export interface SaveSafetensorsOptions {
  /** Notes to keep in the file, strings only. */
  metadata?: Readonly<Record<string, string>> | ReadonlyMap<string, string> | undefined;
}

/**
 * Writes tensors to the bytes of a safetensors file: F32 and I32, as PyTorch, Rust and others read it.
 * Names that share one tensor are written once, under the first of them in alphabetical order; the
 * metadata maps each other name to that one. The same state gives the same bytes, in whatever order.
 *
 * @throws OptionError for a name or metadata that the format cannot hold
 * @example
 * ```ts
 * const bytes = saveSafetensors(new Linear(2, 1).stateDict());
 * [...loadSafetensors(bytes).keys()]; // ["bias", "weight"]
 * ```
 */
export function saveSafetensors(
  state: ReadonlyMap<string, Tensor<DType>> | Readonly<Record<string, Tensor<DType>>>,
  options: SaveSafetensorsOptions = {},
): Uint8Array<ArrayBuffer> {
  checkCall("saveSafetensors", arguments, "state:object {metadata:object}");
  const { metadata = {} } = options;
  const notes = new Map(metadata instanceof Map ? metadata : Object.entries(metadata));
  const kept = new Map<string, Tensor<DType>>();
  const owners = new Map<Tensor["storage"], [string, Tensor<DType>]>();
  const named: [string, Tensor<DType>][] = [
    ...(state instanceof Map ? state : Object.entries(state)),
  ];
  for (const [name, value] of named.sort(([a], [b]) => byCodePoint(a, b))) {
    checkTensor(name, value);
    const owner = owners.get(value.storage);
    if (owner && owner[1].dtype === value.dtype && sameShape(owner[1].shape, value.shape)) {
      noteAlias(notes, name, owner[0]);
    } else {
      owners.set(value.storage, [name, value]);
      kept.set(name, value);
    }
  }
  return encodeSafetensors(kept, notes);
}

/**
 * Reads the bytes of a safetensors file. F16, BF16 and F64 become float32; BOOL and all integers int32.
 * A metadata entry that maps a name of no tensor to the name of one stands for a tied tensor: both
 * names then give the same Tensor.
 *
 * @throws FormatError for any file that breaks a rule of the format, for integers beyond int32, and for
 *   files beyond the limits; nothing large is allocated before all of the header is found right
 * @example
 * ```ts
 * const bytes = saveSafetensors({ x: ones([2]) }, { metadata: { epoch: "3" } });
 * const { tensors, metadata } = readSafetensors(bytes);
 * metadata.get("epoch"); // "3"
 * tensors.get("x")!.shape; // [2]
 * ```
 */
export function readSafetensors(
  bytes: Uint8Array,
  _limits: SafetensorsLimits = {},
): SafetensorsFile {
  const { entries, metadata } = parseSafetensors(...(arguments as unknown as [Uint8Array]));
  const tensors = new Map<string, Tensor<DType>>();
  try {
    for (const entry of entries) {
      tensors.set(entry.name, tensor(decodeEntry(bytes, entry), { shape: entry.shape }));
    }
  } catch (error) {
    for (const read of tensors.values()) read.dispose();
    throw error;
  }
  const aliases = [...metadata].filter(([name, of]) => !tensors.has(name) && tensors.has(of));
  for (const [name, of] of aliases) tensors.set(name, tensors.get(of)!);
  return { tensors, metadata };
}

/**
 * The tensors of {@link readSafetensors}, ready for `loadStateDict`.
 *
 * @example
 * ```ts
 * const bytes = saveSafetensors({ weight: ones([1, 2]), bias: zeros([1]) });
 * const model = new Linear(2, 1);
 * model.loadStateDict(loadSafetensors(bytes));
 * model.forward(ones([1, 2])).item(); // 2
 * ```
 */
export function loadSafetensors(
  _bytes: Uint8Array,
  _limits: SafetensorsLimits = {},
): Map<string, Tensor<DType>> {
  return readSafetensors(...(arguments as unknown as [Uint8Array])).tensors;
}

function checkTensor(name: string, value: unknown): void {
  if (value instanceof Tensor) return;
  throw new OptionError({
    op: "saveSafetensors",
    expected: `a Tensor under ${quoted(name)}`,
    got: described(value),
  });
}

function noteAlias(notes: Map<string, string>, name: string, owner: string): void {
  const note = notes.get(name);
  if (note !== undefined && note !== owner) {
    throw new OptionError({
      op: "saveSafetensors",
      expected: `metadata ${quoted(name)} to be free: it records that this tensor is ${quoted(owner)}`,
      got: quoted(note),
      cure: "Call your entry by a name that no tensor has.",
    });
  }
  notes.set(name, owner);
}
