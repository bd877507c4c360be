// What of a model travels between main program and workers, one behind the other in one array of float32: parameters that are
// trained, then float32 buffers. Where gradients travel, a buffer's place holds how much a shard changed it. Each begins a cache line:
// engines copy eight bytes at a time only where both sides begin at a multiple of eight.
import { OptionError } from "../core/errors.js";
import { formatShape } from "../core/shape.js";
import type { Module } from "../nn/module.js";
import { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { f32 } from "../wasm/memory.js";

/** Numbers of a cache line. */
export const LINE = 16;

export interface Place {
  readonly tensor: Tensor;
  /** Where its numbers begin. */
  readonly offset: number;
}

export interface Layout {
  readonly parameters: readonly Place[];
  readonly buffers: readonly Place[];
  /** int32 buffers, such as a BatchNorm's count of batches: they travel beside. */
  readonly counters: readonly Tensor<"int32">[];
  /** Numbers of the trained parameters; buffers stand behind them. */
  readonly trained: number;
  /** Numbers in all. */
  readonly size: number;
  /** What stands where, to compare with a copy's: names and shapes. */
  readonly description: readonly string[];
}

export function layoutOf(model: Module): Layout {
  const parameters: Place[] = [];
  const buffers: Place[] = [];
  const counters: Tensor<"int32">[] = [];
  const description: string[] = [];
  let size = 0;
  const place = (name: string, tensor: Tensor, list: Place[]): void => {
    list.push({ tensor, offset: size });
    description.push(`${name} ${formatShape(tensor.shape)}`);
    size += LINE * Math.ceil(tensor.size / LINE);
  };
  for (const [name, parameter] of model.namedParameters())
    if (parameter.requiresGrad) place(name, parameter, parameters);
  const trained = size;
  const seen = new Set<unknown>();
  for (const [name, tensor] of model.stateDict()) {
    if (tensor instanceof Parameter || seen.has(tensor)) continue;
    seen.add(tensor);
    if (tensor.dtype === "float32") place(name, tensor as Tensor, buffers);
    else counters.push(tensor as Tensor<"int32">);
  }
  return { parameters, buffers, counters, trained, size, description };
}

/**
 * Refuses a copy of a model that is no copy.
 *
 * @throws OptionError that names the first difference
 */
export function checkSame(expected: readonly string[], { description: own }: Layout): void {
  const at = expected.findIndex((each, i) => each !== own[i]);
  if (at < 0 && expected.length === own.length) return;
  const place = at < 0 ? expected.length : at;
  throw new OptionError({
    op: "parallel",
    expected: `a worker whose model has the parameters of the main program's (${expected[place] ?? "no more"})`,
    got: own[place] ?? "none there",
    cure: "Build the same model in both, with the same parameters frozen.",
  });
}

/** Copies the model's numbers out. */
export function writeValues(places: readonly Place[], to: Float32Array): void {
  for (const { tensor, offset } of places)
    to.set(f32(tensor.address("parallel"), tensor.size), offset);
}

/** Knows which places of a model were written since they were last noted. */
export class WrittenValues {
  readonly #versions = new Map<Place, number>();

  /** Notes what places are now. @returns those that were not so when they were last noted */
  note(places: readonly Place[]): Place[] {
    return places.filter((place) => {
      const { version } = place.tensor.storage;
      const known = this.#versions.get(place) === version;
      this.#versions.set(place, version);
      return !known;
    });
  }
}

/** Copies numbers into the model. */
export function readValues(places: readonly Place[], from: Float32Array): void {
  for (const { tensor, offset } of places) {
    f32(tensor.address("parallel"), tensor.size).set(from.subarray(offset, offset + tensor.size));
    tensor.storage.version++;
  }
}
