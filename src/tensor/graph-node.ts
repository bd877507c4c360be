import type { Ptr } from "../wasm/ptr.js";
import type { Storage } from "./storage.js";
import type { Tensor } from "./tensor.js";
import type { DType } from "../core/dtype.js";

/** One recorded run of an operation. What fills and runs it is autograd's. */
export interface GraphNode {
  /** The operation's name. */
  readonly op: string;
  /** What helps where its result is not finite. */
  readonly cure: string | undefined;
  /** Rises with every record: descending order is an order for the backward pass. */
  readonly sequence: number;
  /** Emptied once the graph is freed. */
  inputs: readonly Tensor<DType>[];
  /** The inputs' versions when the operation ran; undefined for those that may change since. */
  readonly versions: readonly (number | undefined)[];
  readonly outputs: readonly NodeOutput[];
  /** Runs the operation's backward; undefined once the graph is freed. */
  run: ((node: GraphNode) => void) | undefined;
}

export interface NodeOutput {
  readonly storage: Storage;
  readonly size: number;
  readonly shape: readonly number[];
  readonly dtype: DType;
  /** The output's gradient during a backward pass, 0 where it has none. */
  gradient: Ptr;
  /** Whether that address is memory of the forward pass, which is not the backward pass's to free. */
  borrowed: boolean;
}
