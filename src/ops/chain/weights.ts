// The scores of a linear chain as its algorithms read them.
import { empty, type Tensor } from "../../tensor/tensor.js";
import { kernels } from "../../wasm/backend.js";
import { f32 } from "../../wasm/memory.js";
import { at, type Ptr } from "../../wasm/ptr.js";

/** The sequences of tags that are possible at all, as tables over the tags. */
export interface ChainConstraints {
  /** Whether a sequence may begin with a tag. */
  readonly start: readonly boolean[];
  /** Whether a sequence may end with it. */
  readonly end: readonly boolean[];
  /** `between[from][to]`: whether `to` may follow `from`. */
  readonly between: readonly (readonly boolean[])[];
}

/** What a chain learns: the score of `[from, to]`, of each tag at the start, and at the end. */
export interface ChainParameters {
  readonly transitions: Tensor;
  readonly start: Tensor;
  readonly end: Tensor;
}

/** The same with what is not possible at -Infinity. */
export interface ChainWeights {
  readonly tags: number;
  readonly transitions: Float32Array;
  readonly start: Float32Array;
  readonly end: Float32Array;
}

export function chainWeights(
  op: string,
  { transitions, start, end }: ChainParameters,
  constraints: ChainConstraints | undefined,
): ChainWeights {
  const tags = start.size;
  const read = (from: Tensor, allowed: ((i: number) => boolean) | undefined): Float32Array =>
    f32(from.address(op), from.size).map((score, i) =>
      (allowed?.(i) ?? true) ? score : -Infinity,
    );
  const { between } = constraints ?? {};
  const rows = between?.flat();
  return {
    tags,
    transitions: read(transitions, rows && ((i) => rows[i]!)),
    start: read(start, constraints && ((i) => constraints.start[i]!)),
    end: read(end, constraints && ((i) => constraints.end[i]!)),
  };
}

/** Transitions as factors: exp(score - shift), at most 1, and 0 where one is not possible. */
export interface TransitionFactors {
  readonly factors: Tensor;
  readonly shift: number;
}

export function transitionFactors({ tags, transitions }: ChainWeights): TransitionFactors {
  const largest = transitions.reduce((most, score) => (score <= most ? most : score), -Infinity);
  const shift = largest === -Infinity ? 0 : largest;
  const factors = empty([tags, tags]);
  f32(factors.storage.ptr, factors.size).set(transitions.map((score) => score - shift));
  kernels().expForward(factors.storage.ptr, factors.storage.ptr, factors.size);
  return { factors, shift };
}

/** Address of a row of a matrix of `tags` columns. */
export function rowAt(ptr: Ptr, row: number, tags: number): Ptr {
  return at(ptr, row * tags);
}
