// What a module saves and loads: its tensors by name.
import type { DType } from "../core/dtype.js";
import { StateDictError } from "../core/errors.js";
import { formatShape, sameShape } from "../core/shape.js";
import type { Tensor } from "../tensor/tensor.js";

/** Named tensors of a module: parameters and buffers, by PyTorch's keys. */
export type StateDict = Map<string, Tensor<DType>>;

/** What `Module.loadStateDict` reads: a StateDict, or a plain object of tensors. */
export type StateSource =
  ReadonlyMap<string, Tensor<DType>> | Readonly<Record<string, Tensor<DType>>>;

/** @internal Throws a StateDictError unless a state fits; changes nothing. */
export function refuseMisfit(own: StateDict, given: StateDict, strict: boolean): void {
  const loaded = new Set([...own].filter(([name]) => given.has(name)).map(([, tensor]) => tensor));
  const missing = [...own].filter(([, tensor]) => !loaded.has(tensor)).map(([name]) => name);
  const unexpected = [...given.keys()].filter((name) => !own.has(name));
  const wrong = [...own].flatMap(([name, tensor]) => {
    const value = given.get(name);
    if (!value || (sameShape(tensor.shape, value.shape) && tensor.dtype === value.dtype)) return [];
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
        wrong.length > 0
          ? "Nothing was changed."
          : "Nothing was changed; { strict: false } loads what fits.",
    });
}

function list(kind: string, names: string[]): string[] {
  return names.length > 0 ? [`${names.length} ${kind} (${names.join(", ")})`] : [];
}

function describe({ shape, dtype }: Tensor<DType>): string {
  return dtype === "float32" ? formatShape(shape) : `${formatShape(shape)} ${dtype}`;
}
