// What the operation over a target keeps from forward to backward, and where a step of it lies. Everything is time-major.
import type { Tensor } from "../../tensor/tensor.js";
import { at, type Ptr } from "../../wasm/ptr.js";
import type { Direction } from "../recurrent/direction.js";
import type { LayerWeights } from "../recurrent/weights.js";

export interface RecurrenceSizes {
  readonly T: number;
  readonly B: number;
  readonly H: number;
  /** Keys, their size, the values' size. */
  readonly S: number;
  readonly K: number;
  readonly M: number;
  /** The size of what is fed back. */
  readonly F: number;
  /** Columns of x, and how many of them are the encoding. */
  readonly given: number;
  readonly encoding: number;
  /** Columns of context and h side by side, and where each begins. */
  readonly joined: number;
  readonly contextAt: number;
  readonly hiddenAt: number;
}

/** What one layer keeps. */
export interface LayerTape {
  /** `[T, B, gates · H]` */
  readonly gates: Tensor;
  /** `[T + 1, B, H]` */
  readonly hs: Tensor;
  readonly cs: Tensor | undefined;
  /** `[T, B, H]`, where the cell keeps more. */
  readonly extra: Tensor | undefined;
  /** What the recurrent products read, where it is masked. */
  readonly masked: Tensor | undefined;
  /** What the layer gives, with a residual connection the sum: `[T, B, H]`. */
  readonly out: Tensor;
  /** What it reads from below, where it is masked. */
  readonly below: Tensor | undefined;
}

export interface Tape {
  /** `[T, B, given]` */
  readonly x: Tensor;
  readonly layers: readonly LayerTape[];
  /** `[T, B, K]`, where they are not h itself. */
  readonly queries: Tensor | undefined;
  /** `[T, B, S]` */
  readonly weights: Tensor;
  /** `[T, B, joined]` */
  readonly joined: Tensor;
  /** The attentional vectors before dropout, `[T, B, F]`, where there is some. */
  readonly attentional: Tensor | undefined;
  /** `[T + 1, B, F]` */
  readonly feeds: Tensor;
  /** `[T, B]`: 0 past a row's length. */
  readonly active: Tensor<"int32"> | undefined;
}

/** The tensors that the operation gives. */
export interface Outputs {
  readonly output: Tensor;
  readonly feed: Tensor;
  readonly state: readonly Tensor[];
  readonly weights: Tensor | undefined;
}

/** Address of step t of `[T, …]`, or 0 where there is no tensor. */
export function stepOf(tensor: Tensor | undefined, t: number): Ptr {
  if (!tensor || t === 0) return tensor?.storage.ptr ?? 0;
  return at(tensor.storage.ptr, (t * tensor.size) / tensor.shape[0]!);
}

/** As {@link stepOf} of a mask, which may have one step for all. */
export function maskOf(mask: Tensor, t: number): Ptr {
  return stepOf(mask, mask.shape[0] === 1 ? 0 : t);
}

/** `count` steps of a layer from t on, as the cell's kernels take them. */
export function directionAt(
  { gates, hs, cs, extra, masked }: LayerTape,
  weights: LayerWeights,
  mask: Tensor | undefined,
  active: Tensor<"int32"> | undefined,
  { B, H }: RecurrenceSizes,
  t: number,
  count: number,
): Direction {
  return {
    T: count,
    B,
    H,
    P: H,
    D: 1,
    weights,
    reverse: 0,
    gates: stepOf(gates, t),
    hs: stepOf(hs, t),
    cs: stepOf(cs, t),
    extra: stepOf(extra, t),
    mask: mask?.storage.ptr ?? 0,
    masked: stepOf(masked, t),
    lengths: active ? at(active.storage.ptr, t * B) : 0,
    rowStride: H,
    timeStride: 0,
  };
}

/** Visits the rows that are past their length at step t. */
export function eachPast(
  lengths: Int32Array | undefined,
  t: number,
  visit: (row: number) => void,
): void {
  lengths?.forEach((length, row) => {
    if (t >= length) visit(row);
  });
}
