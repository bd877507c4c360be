// How a layer is asked for, what it keeps, and one direction of it as the kernels take it.
import type { Tensor } from "../../tensor/tensor.js";
import { at } from "../../wasm/ptr.js";
import type { Run, Sizes } from "./cell.js";
import type { LayerWeights } from "./weights.js";

export interface LayerOptions {
  readonly hiddenSize: number;
  /** Steps that count in each row; undefined where all do. */
  readonly lengths?: Int32Array | undefined;
  /** Where the sequences start, h and perhaps c: `[slots, batch, size]` of a whole stack. Default zeros. */
  readonly initial?: readonly Tensor[] | undefined;
  /** Recurrent dropout, `[directions, batch, P]`: what multiplies each h that a recurrent product reads. */
  readonly mask?: Tensor | undefined;
  /** The first of this layer's slots in `initial`, one a direction. Default 0. */
  readonly slot?: number;
  /** Whether the input is `[time, batch, features]`, with zeros past each row's length. Default false. */
  readonly timeMajorInput?: boolean;
  /** Whether the output is `[time, batch, size · directions]`. Default false. */
  readonly timeMajorOutput?: boolean;
  /** Whether the state has no axis of directions: a cell's. Default false. */
  readonly cellState?: boolean;
}

/** What a layer keeps for its gradient. */
export interface Kept {
  /** `[T, B, features]`, as the layer read it. */
  readonly input: Tensor;
  readonly lengths: Tensor<"int32"> | undefined;
  readonly directions: readonly KeptDirection[];
}

export interface KeptDirection {
  readonly gates: Tensor;
  readonly hs: Tensor;
  readonly cs: Tensor | undefined;
  readonly extra: Tensor | undefined;
  readonly masked: Tensor | undefined;
}

export interface Saved {
  readonly weights: readonly LayerWeights[];
  readonly options: LayerOptions;
  readonly sizes: Sizes;
  readonly features: number;
  readonly kept: Kept | undefined;
}

/** A direction as the kernels take it. */
export function runOf(
  op: string,
  { gates, hs, cs, extra, masked }: KeptDirection,
  lengths: Tensor<"int32"> | undefined,
  weights: LayerWeights,
  reverse: number,
  sizes: Sizes,
  { timeMajorOutput, mask }: LayerOptions,
): Run {
  const { T, B, H, P, D } = sizes;
  // Field by field: a spread costs microseconds, as much as a small step.
  return {
    T,
    B,
    H,
    P,
    D,
    weights,
    reverse,
    gates: gates.address(op),
    hs: hs.address(op),
    cs: cs?.address(op) ?? 0,
    extra: extra?.address(op) ?? 0,
    mask: mask ? at(mask.address(op), reverse * B * P) : 0,
    masked: masked?.address(op) ?? 0,
    lengths: lengths?.address(op) ?? 0,
    rowStride: timeMajorOutput ? D * P : T * D * P,
    timeStride: timeMajorOutput ? B * D * P : D * P,
  };
}

/** Whether the input has to be put in another order, or its padding zeroed. */
export function reorders({ timeMajorInput, lengths }: LayerOptions, { T, B }: Sizes): boolean {
  return !timeMajorInput && (lengths !== undefined || (B > 1 && T > 1));
}
