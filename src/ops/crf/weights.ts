// The scores of a CRF as its algorithms read them: one matrix [tags + 2, tags], the transitions [from, to], then the score of
// each tag at the start, then at the end; -Infinity where something is not possible.
import { empty, type Tensor } from "../../tensor/tensor.js";
import { kernels } from "../../wasm/backend.js";
import { f32 } from "../../wasm/memory.js";

/** The sequences of tags that are possible at all, as tables over the tags. */
export interface CRFConstraints {
  /** Whether a sequence may begin with a tag. */
  readonly start: readonly boolean[];
  /** Whether a sequence may end with it. */
  readonly end: readonly boolean[];
  /** `between[from][to]`: whether `to` may follow `from`. */
  readonly between: readonly (readonly boolean[])[];
}

/** What a CRF learns: the score of `[from, to]`, of each tag at the start, and at the end. */
export interface CRFParameters {
  readonly transitions: Tensor;
  readonly start: Tensor;
  readonly end: Tensor;
}

/** What constraints add to the weights: 0 or -Infinity. */
export function constraintMask({ start, end, between }: CRFConstraints): Float32Array {
  return Float32Array.from([...between, start, end].flat(), (allowed) => (allowed ? 0 : -Infinity));
}

/** A tensor `[tags + 2, tags]`. */
export function crfWeights(op: string, parameters: CRFParameters, mask?: Float32Array): Tensor {
  const { transitions, start, end } = parameters;
  const tags = start.size;
  const weights = empty([tags + 2, tags]);
  const { ptr } = weights.storage;
  const view = f32(ptr, weights.size);
  let place = 0;
  for (const part of [transitions, start, end]) {
    view.set(f32(part.address(op), part.size), place);
    place += part.size;
  }
  if (!mask) return weights;
  const addend = empty(weights.shape);
  f32(addend.storage.ptr, addend.size).set(mask);
  kernels().add(ptr, ptr, addend.storage.ptr, weights.size);
  addend.dispose();
  return weights;
}
