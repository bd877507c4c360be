// What makes one recurrent cell of the shared layer operation: its sizes and which kernels run it.
import type { BackwardPass } from "../../autograd/backward-pass.js";
import type { Ptr } from "../../wasm/ptr.js";
import type { LayerWeights } from "./weights.js";

/** Sizes of a layer: time, batch, hidden, the size of h (hidden unless projected), directions. */
export interface Sizes {
  readonly T: number;
  readonly B: number;
  readonly H: number;
  readonly P: number;
  readonly D: number;
}

/**
 * One direction of a layer over a sequence, as the kernels take it: sizes, and the addresses of what is kept
 * from forward to backward. Everything is time-major; 0 stands for what there is none of.
 */
export interface Run extends Sizes {
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

export interface RecurrentCell {
  /** Stands in errors and in the graph. */
  readonly op: string;
  /** How many times hidden rows the weights have. */
  readonly gates: number;
  /** Whether the state has a c beside h. */
  readonly hasC: boolean;
  /** Whether it keeps `extra`. */
  readonly hasExtra: boolean;
  /** Whether b_hh enters apart from b_ih, in the recurrent product. */
  readonly biasesApart: boolean;
  /**
   * The recurrence: turns gates, which hold x · W_ihᵀ + b_ih (+ b_hh unless apart), into activations; writes
   * states and output.
   */
  forward(run: Run, out: Ptr): void;
  /**
   * Backpropagation through time: turns gates into their gradients, dh and dc of the final state into those of
   * the initial one, and gives what multiplies h its gradients; b_hh too where it stands apart.
   *
   * @param first which of the operation's inputs is the direction's first weight
   */
  backward(pass: BackwardPass, run: Run, first: number, dh: Ptr, dc: Ptr, dOut: Ptr): void;
}

/** A cell's record, written out where it is given: the inference build leaves out its `backward`. */
export function defineCell(cell: RecurrentCell): RecurrentCell {
  return cell;
}
