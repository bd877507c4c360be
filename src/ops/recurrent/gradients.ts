// Gradients of a direction's weights, once the recurrence has turned gates into their gradients.
import type { BackwardPass } from "../../autograd/backward-pass.js";
import { at, type Ptr } from "../../wasm/ptr.js";
import { giveWeightGradient } from "../weight-gradients.js";
import type { Direction } from "./direction.js";

/** Address of the slabs `[T, B, P]` that the recurrent products read. */
export function statesBefore({ hs, masked, reverse, B, P }: Direction): Ptr {
  return masked || at(hs, reverse ? B * P : 0);
}

/** Gives W_hh its gradient. */
export function hiddenWeightGradient(
  pass: BackwardPass,
  input: number,
  direction: Direction,
  gates: number,
): void {
  const { T, B, H, P } = direction;
  const sizes = { rows: T * B, outputs: gates * H, inputs: P };
  giveWeightGradient(pass, input, { dy: direction.gates, x: statesBefore(direction), ...sizes });
}
