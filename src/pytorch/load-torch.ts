// The state dict in a file of torch.save: the file itself, or one of the dicts in a checkpoint.
import { byteFaults } from "../core/byte-fault.js";
import { checkCall, type Given } from "../core/check.js";
import { quoted } from "../core/code-points.js";
import type { DType } from "../core/dtype.js";
import { described } from "../core/described.js";
import type { Tensor } from "../tensor/tensor.js";
import { PythonObject, type PickleValue } from "./pickle.js";
import { parseTorch, type ReadTorchOptions } from "./torch-file.js";
import { TorchTensor } from "./torch-tensor.js";

export interface LoadTorchOptions extends ReadTorchOptions {
  /**
   * Where the state dict is in a checkpoint: `"model"`, `"ema.state_dict"`. Default: the file's only one, an optimizer's state aside.
   */
  key?: string | undefined;
  /**
   * What names must begin with; it is taken off, and other names are left out: `"module."` of PyTorch's parallel training, `"model."` of
   * Lightning's. Default: all names as they are.
   */
  prefix?: string | undefined;
}

/** How deep in a checkpoint a state dict is looked for. */
const MOST_DEPTH = 6;
/** Bytes that tensors may take beyond eight times the file: views that show the same numbers again. */
const ROOM = 1 << 24;

/**
 * The tensors of a state dict that `torch.save` wrote, ready for `loadStateDict`; of a checkpoint, those of the model. Floating types
 * become float32, bool and integers int32. Tied weights give the same Tensor under each name. One tensor at a time is read.
 *
 * @param bytes the whole file: `.pt`, `.pth`, `.bin`, `.ckpt`, as PyTorch from 1.6 on writes it
 * @throws FormatError for another file, a damaged one, one that names unknown classes or functions, or several state dicts without a `key`
 * @example
 * ```ts
 * // model.loadStateDict(loadTorch(readFileSync("tagger.pt"), { prefix: "module." }));
 * loadTorch.length; // 1
 * ```
 */
export function loadTorch(
  bytes: Uint8Array,
  options: Given<LoadTorchOptions> = {},
): Map<string, Tensor<DType>> {
  checkCall(
    "loadTorch",
    arguments,
    "bytes:Uint8Array {key:string prefix:string name:string unknown:string}",
  );
  const { key, prefix = "", name = "the file", unknown } = options;
  const refuse = (expected: string, got: string, cure?: string): never => {
    throw byteFaults("loadTorch")(name, 0, expected, got, cure);
  };
  const value = parseTorch(bytes, "loadTorch", { name, unknown });
  const state = withPrefix(
    key === undefined ? onlyState(value, refuse) : stateAt(value, key, refuse),
    prefix,
    refuse,
  );
  return readAll(state, 8 * bytes.length + ROOM, refuse);
}

type Refuse = (expected: string, got: string, cure?: string) => never;
type State = Map<string, TorchTensor>;

/** A dict of tensors by name; what is none of them in it (`_extra_state`, numbers) does not count. */
function asState(value: PickleValue | undefined): State | undefined {
  if (!(value instanceof Map)) return undefined;
  const tensors = [...(value as Map<unknown, unknown>)].filter(
    (entry): entry is [string, TorchTensor] =>
      typeof entry[0] === "string" && entry[1] instanceof TorchTensor,
  );
  return tensors.length > 0 ? new Map(tensors) : undefined;
}

function onlyState(value: PickleValue, refuse: Refuse): State {
  const found = new Map<string, State>();
  search(value, "", 0, found);
  const [first] = found.values();
  if (first && found.size === 1) return first;
  const names = [...found.keys()].slice(0, 8);
  return found.size > 1
    ? refuse(
        "one state dict",
        `${found.size}: ${names.join(", ")}`,
        `Choose one: { key: ${quoted(names[0]!)} }.`,
      )
    : refuse(
        "a state dict",
        value instanceof PythonObject ? `an object of ${value.type}` : shownValue(value),
        "In Python: torch.save(model.state_dict(), path).",
      );
}

/** State dicts in a checkpoint; a dict of tensors is one as a whole. */
function search(value: PickleValue, path: string, depth: number, found: Map<string, State>): void {
  const state = asState(value);
  if (state) return void found.set(path, state);
  if (!(value instanceof Map) || depth === MOST_DEPTH) return;
  // An optimizer's.
  if (value.has("state") && value.has("param_groups")) return;
  for (const [key, part] of value as Map<unknown, PickleValue>)
    if (typeof key === "string") search(part, path ? `${path}.${key}` : key, depth + 1, found);
}

/** The dict at a path; keys may have dots themselves. */
function stateAt(value: PickleValue, key: string, refuse: Refuse): State {
  const found = partAt(value, key);
  const state = asState(found);
  if (state) return state;
  const keys = value instanceof Map ? [...(value as Map<unknown, unknown>).keys()] : [];
  return refuse(
    `a state dict under ${quoted(key)}`,
    found === undefined
      ? `none; there are ${keys.slice(0, 12).map(String).join(", ")}`
      : shownValue(found),
  );
}

function partAt(value: PickleValue | undefined, key: string): PickleValue | undefined {
  if (!(value instanceof Map)) return undefined;
  const dict = value as Map<string, PickleValue>;
  if (dict.has(key)) return dict.get(key);
  const dot = key.indexOf(".");
  return dot < 0 ? undefined : partAt(dict.get(key.slice(0, dot)), key.slice(dot + 1));
}

function withPrefix(state: State, prefix: string, refuse: Refuse): State {
  const kept = [...state].filter(([name]) => name.startsWith(prefix));
  if (kept.length === 0)
    return refuse(
      `names that begin with ${quoted(prefix)}`,
      [...state.keys()].slice(0, 4).map(quoted).join(", "),
    );
  return new Map(kept.map(([name, tensor]) => [name.slice(prefix.length), tensor]));
}

function readAll(state: State, most: number, refuse: Refuse): Map<string, Tensor<DType>> {
  const tensors = new Map<string, Tensor<DType>>();
  const tied = new Map<string, Tensor<DType>>();
  let bytes = 0;
  try {
    for (const [name, stored] of state) {
      let read = tied.get(stored.place);
      if (!read) {
        bytes += 4 * stored.size;
        if (bytes > most)
          refuse(
            `tensors of at most ${most} bytes for a file of this size`,
            `more at ${quoted(name)}`,
            "Views that show the same numbers again: save x.clone() of them.",
          );
        read = stored.readAs("loadTorch", name);
        tied.set(stored.place, read);
      }
      tensors.set(name, read);
    }
  } catch (error) {
    for (const read of tied.values()) read.dispose();
    throw error;
  }
  return tensors;
}

function shownValue(value: PickleValue): string {
  return value instanceof TorchTensor
    ? "one tensor"
    : value instanceof Map
      ? `a dict of ${[...(value as Map<unknown, unknown>).keys()].slice(0, 6).map(String).join(", ")}`
      : described(value);
}
