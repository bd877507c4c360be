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
/** Modules in a module; one that stands in several places counts in each. */
const MOST_MODULES = 10_000;
/** Classes of TorchScript. */
const PROGRAM = "__torch__.";
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

/** A dict of tensors by name; what is none of them in it (`_extra_state`, numbers) does not count. Of a module its state dict. */
function asState(value: PickleValue | undefined): State | undefined {
  if (value instanceof PythonObject) return stateOfModule(value);
  if (!(value instanceof Map)) return undefined;
  const tensors = [...(value as Map<unknown, unknown>)].filter(
    (entry): entry is [string, TorchTensor] =>
      typeof entry[0] === "string" && entry[1] instanceof TorchTensor,
  );
  return tensors.length > 0 ? new Map(tensors) : undefined;
}

/**
 * The state dict of a module that was saved as a whole, from the attributes that PyTorch keeps it in: parameters, buffers, modules. A
 * program of TorchScript has them all side by side.
 */
function stateOfModule(module: PythonObject): State | undefined {
  const state: State = new Map();
  // The objects above: a file's may hold itself.
  const within = new Set<PythonObject>();
  let count = 0;
  const dictOf = (value: unknown): [string, unknown][] =>
    value instanceof Map ? [...(value as Map<string, unknown>)] : [];
  const collect = (object: PythonObject, path: string): void => {
    if (within.has(object) || ++count > MOST_MODULES) return;
    within.add(object);
    const attributes = dictOf(object.state);
    const own = new Map(attributes);
    const isModule = own.has("_parameters") && own.has("_modules");
    const left = own.get("_non_persistent_buffers_set");
    const parts = isModule
      ? ["_parameters", "_buffers", "_modules"].flatMap((each) => dictOf(own.get(each)))
      : object.type.startsWith(PROGRAM)
        ? attributes
        : [];
    for (const [name, part] of parts)
      if (part instanceof PythonObject) collect(part, `${path}${name}.`);
      else if (part instanceof TorchTensor && !(left instanceof Set && left.has(name)))
        state.set(path + name, part);
    within.delete(object);
  };
  collect(module, "");
  return state.size > 0 && count <= MOST_MODULES ? state : undefined;
}

function onlyState(value: PickleValue, refuse: Refuse): State {
  const found = search(value);
  const [first] = found.values();
  if (first && found.size === 1) return first;
  const names = [...found.keys()].slice(0, 8);
  return found.size > 1
    ? refuse(
        "one state dict",
        `${found.size}: ${names.join(", ")}`,
        `Choose one: { key: ${quoted(names[0]!)} }.`,
      )
    : refuse("a state dict", shownValue(value), "In Python: torch.save(model.state_dict(), path).");
}

/** State dicts in a checkpoint by their paths; a dict of tensors is one as a whole, and counts where it stands first. */
function search(checkpoint: PickleValue): Map<string, State> {
  const found = new Map<string, State>();
  const seen = new Set<PickleValue>();
  const walk = (value: PickleValue, path: string, depth: number): void => {
    if (seen.has(value)) return;
    if (typeof value === "object") seen.add(value);
    const state = asState(value);
    if (state) return void found.set(path, state);
    if (!(value instanceof Map) || depth === MOST_DEPTH) return;
    // An optimizer's.
    if (value.has("state") && value.has("param_groups")) return;
    for (const [key, part] of value as Map<unknown, PickleValue>)
      if (typeof key === "string") walk(part, path ? `${path}.${key}` : key, depth + 1);
  };
  walk(checkpoint, "", 0);
  return found;
}

/** The dict at a path; keys may have dots themselves. */
function stateAt(value: PickleValue, key: string, refuse: Refuse): State {
  const found = partAt(value, key);
  const state = asState(found);
  if (state) return state;
  const keys = value instanceof Map ? [...(value as Map<unknown, unknown>).keys()] : [];
  const names = [...search(value).keys()];
  const near = names.find((name) => name.startsWith(`${key}.`)) ?? names[0];
  return refuse(
    `a state dict under ${quoted(key)}`,
    found === undefined
      ? `none; there are ${keys.slice(0, 12).map(String).join(", ")}`
      : shownValue(found),
    near === undefined ? undefined : hint("key", near),
  );
}

/** The option as it is written, which takes what is there. */
function hint(option: "key" | "prefix", value: string): string {
  return value === ""
    ? `The file is a state dict: leave ${option} out.`
    : `There is one by { ${option}: ${quoted(value)} }.`;
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
  if (kept.length === 0) {
    const names = [...state.keys()];
    // "lstm." where parallel training has written "module.lstm.".
    const inner = names.find((name) => name.includes(`.${prefix}`));
    const longer = inner?.slice(0, inner.indexOf(`.${prefix}`) + 1 + prefix.length);
    return refuse(
      `names that begin with ${quoted(prefix)}`,
      names.slice(0, 4).map(quoted).join(", "),
      longer === undefined ? undefined : hint("prefix", longer),
    );
  }
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
    : value instanceof PythonObject
      ? `an object of ${value.type}`
      : value instanceof Map
        ? `a dict of ${[...(value as Map<unknown, unknown>).keys()].slice(0, 6).map(String).join(", ")}`
        : described(value);
}
