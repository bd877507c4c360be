// What a module saves and loads: its tensors by name.
import { checkCall } from "../core/check.js";
import type { DType } from "../core/dtype.js";
import { StateDictError } from "../core/errors.js";
import { formatShape, sameShape } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Named tensors of a module: parameters and buffers, by PyTorch's keys. */
export type StateDict = Map<string, Tensor<DType>>;

/** What `Module.loadStateDict` reads: a StateDict, or a plain object of tensors. */
export type StateSource =
  ReadonlyMap<string, Tensor<DType>> | Readonly<Record<string, Tensor<DType>>>;

/** What {@link Module.loadStateDict} did: names of the state, or of the module. */
export interface LoadedState {
  readonly loaded: readonly string[];
  /** The module's, which kept their values. */
  readonly missing: readonly string[];
  /** The state's, which were left out. */
  readonly unexpected: readonly string[];
}

/** @internal Throws a StateDictError unless a state fits; changes nothing. */
export function compareStates(own: StateDict, given: StateDict, strict: boolean): LoadedState {
  for (const value of given.values()) checkCall("loadStateDict", [value], "value:tensor");
  const loaded = [...own.keys()].filter((name) => given.has(name));
  const filled = new Set(loaded.map((name) => own.get(name)));
  const missing = [...own].filter(([, tensor]) => !filled.has(tensor)).map(([name]) => name);
  const unexpected = [...given.keys()].filter((name) => !own.has(name));
  const wrong = loaded.flatMap((name) => {
    const [tensor, value] = [own.get(name)!, given.get(name)!];
    if (sameShape(tensor.shape, value.shape) && tensor.dtype === value.dtype) return [];
    return [`${name}: expected ${describe(tensor)}, got ${describe(value)}`];
  });
  const faults = [
    ...(strict ? list("missing", missing) : []),
    ...(strict ? list("unexpected", unexpected) : []),
    ...list("wrong shape", wrong),
  ];
  if (faults.length > 0)
    throw new StateDictError({
      op: "loadStateDict",
      expected: "a state that fits the module",
      got: faults.join(", "),
      cure:
        (TRAINING && withoutPrefix(unexpected, own)) ||
        (wrong.length > 0
          ? "Nothing was changed."
          : "Nothing was changed; { strict: false } loads what fits."),
    });
  return { loaded, missing, unexpected };
}

/** What helps where the same stands before the module's names in all that are unexpected: `module.` of PyTorch's parallel training. */
function withoutPrefix(unexpected: readonly string[], own: StateDict): string | undefined {
  const [first = ""] = unexpected;
  const name = [...own.keys()].find((each) => first.endsWith(`.${each}`));
  const prefix = name && first.slice(0, -name.length);
  return prefix && unexpected.every((each) => each.startsWith(prefix))
    ? `Nothing was changed. Take "${prefix}" off the names of the state.`
    : undefined;
}

/** At most so many names in an error. */
const SHOWN = 8;

function list(kind: string, names: string[]): string[] {
  if (names.length === 0) return [];
  const rest = names.length > SHOWN ? ", …" : "";
  return [`${names.length} ${kind} (${names.slice(0, SHOWN).join(", ")}${rest})`];
}

function describe({ shape, dtype }: Tensor<DType>): string {
  return dtype === "float32" ? formatShape(shape) : `${formatShape(shape)} ${dtype}`;
}
