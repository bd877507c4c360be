// What makes one recurrent cell. Its file holds all of it in one record, from which nn/ builds layer, cell and stream.
import type { BackwardPass } from "../../autograd/backward-pass.js";
import type { Ptr } from "../../wasm/ptr.js";
import type { Direction } from "./direction.js";
import type { PackedLayer, PackedWeights, Packer, StepSizes } from "./step.js";
import type { LayerWeights } from "./weights.js";

export interface CellDefinition<Part extends string = string> {
  /** `"lstm"`: stands in errors, in the graph and in the saved states of streams. */
  readonly op: string;
  /** How many times hidden rows the weights have. */
  readonly gates: number;
  /** The parts of the state: h, which is the output, perhaps c. */
  readonly parts: readonly [Part, ...Part[]];
  /** Whether its backward pass reads `extra` too. */
  readonly keepsExtra: boolean;
  /** Whether b_hh enters apart from b_ih, in the recurrent product. */
  readonly biasesApart: boolean;
  /**
   * The recurrence over a sequence: turns gates, which hold x · W_ihᵀ + b_ih (+ b_hh unless apart), into activations;
   * writes states and output.
   */
  forward(direction: Direction, out: Ptr): void;
  /**
   * Backpropagation through time: turns gates into their gradients, dh and dc of the final state into those of
   * the initial one, and gives what multiplies h its gradients; b_hh too where it stands apart.
   *
   * @param first which of the operation's inputs is the direction's first weight
   */
  backward(
    pass: BackwardPass,
    direction: Direction,
    first: number,
    dh: Ptr,
    dc: Ptr,
    dOut: Ptr,
  ): void;
  /** Scratch of a step: how many times hidden elements a row. */
  readonly stepScratch: number;
  /** The weights as a step reads them. */
  pack(weights: LayerWeights, packer: Packer): PackedWeights;
  /** One step without a graph; `state` are its parts `[batch, size]`, replaced in place. */
  step(state: readonly Ptr[], scratch: Ptr, x: Ptr, layer: PackedLayer, sizes: StepSizes): void;
}
