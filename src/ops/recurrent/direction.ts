// One direction of a layer: what it keeps from forward to backward, as tensors and as the kernels take it.
import type { Tensor } from "../../tensor/tensor.js";
import { at, type Ptr } from "../../wasm/ptr.js";
import type { LayerOptions, Sizes } from "./layer-options.js";
import type { LayerWeights } from "./weights.js";

/** Sizes and addresses. Everything is time-major; an address of 0 means that the buffer is absent. */
export interface Direction extends Sizes {
  readonly weights: LayerWeights;
  /** 1 when it reads backwards. */
  readonly reverse: number;
  /** `[T, B, gates · H]` */
  readonly gates: Ptr;
  /** `[T + 1, B, P]` */
  readonly hs: Ptr;
  /** `[T + 1, B, H]` */
  readonly cs: Ptr;
  /** What else the cell keeps, `[T, B, H]`. */
  readonly extra: Ptr;
  /** Recurrent dropout, `[B, P]`: what multiplies each h that a recurrent product reads. */
  readonly mask: Ptr;
  /** The products' masked h, `[T, B, P]`. */
  readonly masked: Ptr;
  /** `[B]`, int32 */
  readonly lengths: Ptr;
  /** Elements from row to row, and from step to step, of the layer's output and of its gradient. */
  readonly rowStride: number;
  readonly timeStride: number;
}

/** The same as tensors. */
interface KeptDirection {
  readonly gates: Tensor;
  readonly hs: Tensor;
  readonly cs: Tensor | undefined;
  readonly extra: Tensor | undefined;
  readonly masked: Tensor | undefined;
}

/** What a layer keeps for its gradient. */
export interface Kept {
  /** `[T, B, features]`, as the layer read it. */
  readonly input: Tensor;
  readonly lengths: Tensor<"int32"> | undefined;
  readonly directions: readonly KeptDirection[];
}

/** A direction as the kernels take it. */
export function directionOf(
  op: string,
  { gates, hs, cs, extra, masked }: KeptDirection,
  lengths: Tensor<"int32"> | undefined,
  weights: LayerWeights,
  reverse: number,
  sizes: Sizes,
  { timeMajorOutput, mask }: LayerOptions,
): Direction {
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
    mask: TRAINING && mask ? at(mask.address(op), reverse * B * P) : 0,
    masked: (TRAINING && masked?.address(op)) || 0,
    lengths: lengths?.address(op) ?? 0,
    rowStride: timeMajorOutput ? D * P : T * D * P,
    timeStride: timeMajorOutput ? B * D * P : D * P,
  };
}
