// Gradients of a direction's weights, once the recurrence has turned gates into their gradients.
import type { BackwardPass } from "../../autograd/backward-pass.js";
import { at, type Ptr } from "../../wasm/ptr.js";
import { accumulateWeightGradient } from "../linear.js";
import type { Run } from "./cell.js";

/** Address of the slabs `[T, B, P]` that the recurrent products read. */
export function statesBefore({ hs, masked, reverse, B, P }: Run): Ptr {
  return masked || at(hs, reverse ? B * P : 0);
}

/** Gives W_hh its gradient. */
export function hiddenWeightGradient(
  pass: BackwardPass,
  input: number,
  run: Run,
  gates: number,
): void {
  accumulateWeightGradient(pass, input, {
    dy: run.gates,
    x: statesBefore(run),
    rows: run.T * run.B,
    outputs: gates * run.H,
    inputs: run.P,
  });
}
