// Gradients of a direction's weights, once the recurrence has turned gates into their gradients.
import type { BackwardPass } from "../../autograd/backward-pass.js";
import { kernels } from "../../wasm/backend.js";
import { copyBytes, scratch } from "../../wasm/memory.js";
import { accumulateWeightGradient } from "../linear.js";
import type { Run } from "./cell.js";

/** Address of the slabs `[T, B, P]` that the recurrent products read. */
export function statesBefore({ hs, masked, reverse, B, P }: Run): number {
  return masked || hs + (reverse ? B * P * 4 : 0);
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

/** Gives biases, which share it, the sum of `dGates` `[rows, columns]` over all rows. */
export function biasGradients(
  pass: BackwardPass,
  inputs: readonly number[],
  dGates: number,
  rows: number,
  columns: number,
): void {
  if (!inputs.some((input) => pass.needs(input))) return;
  const sum = scratch(columns * 4);
  kernels().sumAxis(sum, dGates, 1, rows, columns);
  for (const input of inputs)
    pass.accumulate(input, (to, accumulates) => {
      if (accumulates) kernels().axpy(to, sum, columns, 1);
      else copyBytes(to, sum, columns * 4);
    });
}
