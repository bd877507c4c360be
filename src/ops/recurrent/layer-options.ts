import type { Tensor } from "../../tensor/tensor.js";

/** How one recurrent layer is asked for. */
export interface LayerOptions {
  readonly hiddenSize: number;
  /** Steps that count in each row; undefined where all do. */
  readonly lengths?: Int32Array | undefined;
  /** Where the sequences start, h and perhaps c: `[slots, batch, size]` of a whole stack. Default zeros. */
  readonly initial?: readonly Tensor[] | undefined;
  /** Recurrent dropout, `[directions, batch, P]`: what multiplies each h that a recurrent product reads. */
  readonly mask?: Tensor | undefined;
  /** The first of this layer's slots in `initial`, one a direction. Default 0. */
  readonly slot?: number | undefined;
  /** Whether the input is `[time, batch, features]`, with zeros past each row's length. Default false. */
  readonly timeMajorInput?: boolean | undefined;
  /** Whether the output is `[time, batch, size · directions]`. Default false. */
  readonly timeMajorOutput?: boolean | undefined;
  /** Whether the state has no axis of directions: a cell's. Default false. */
  readonly cellState?: boolean | undefined;
}

/** Sizes of a layer: time, batch, hidden, the size of h (hidden unless projected), directions. */
export interface Sizes {
  readonly T: number;
  readonly B: number;
  readonly H: number;
  readonly P: number;
  readonly D: number;
}

/** Whether the input has to be put in another order, or its padding zeroed. */
export function reorders({ timeMajorInput, lengths }: LayerOptions, { T, B }: Sizes): boolean {
  return !timeMajorInput && (lengths !== undefined || (B > 1 && T > 1));
}
