// What cells of Keras have in common, whatever runs them.
import type { Module } from "../../nn/module.js";
import type { Recurrent } from "../../nn/recurrent.js";
import { scanCell } from "../../nn/scan.js";
import type { StagedLayer } from "../../nn/steps.js";
import { mul } from "../../ops/arithmetic.js";
import { zeros } from "../../tensor/create.js";
import type { Tensor } from "../../tensor/tensor.js";

/** Which recurrence. */
export type CellKind = "SimpleRNN" | "LSTM" | "GRU";

/** Blocks of columns of a cell's arrays. */
export const GATES: Readonly<Record<CellKind, number>> = { SimpleRNN: 1, LSTM: 4, GRU: 3 };

/** A cell over whole sequences `[batch, time, features]`: outputs, and the states after each row's last step, `[batch, units]` each. */
export interface CellRunner extends Module {
  readonly units: number;
  /** 2 of an LSTM: h and c; else 1. */
  readonly states: number;
  /** In training: of the inputs, and of h, each the same at every step. */
  readonly rates: DropoutRates;
  /** @param hiddenMask `[batch, units]`, by which h is multiplied where a step reads it */
  run(
    x: Tensor,
    states: readonly Tensor[] | undefined,
    lengths: Int32Array | undefined,
    hiddenMask: Tensor | undefined,
  ): { output: Tensor; states: Tensor[] };
  /** The layer by which a stream runs it. */
  readonly layer: Recurrent<string> | StagedLayer;
}

export interface DropoutRates {
  readonly input: number;
  readonly hidden: number;
}

export type Step = (x: Tensor, states: readonly Tensor[]) => Tensor[];

/** A cell step by step: h is the first of its states. */
export function scanned(
  step: Step,
  x: Tensor,
  first: readonly Tensor[],
  lengths: Int32Array | undefined,
  hiddenMask: Tensor | undefined,
): { output: Tensor; states: Tensor[] } {
  const { output, state } = scanCell<readonly Tensor[]>(
    (frame, state) => {
      const [h, ...others] = state!;
      const next = step(frame, [hiddenMask ? mul(h!, hiddenMask) : h!, ...others]);
      return { output: next[0]!, state: next };
    },
    x,
    { state: first, lengths },
  );
  return { output, states: [...state] };
}

export interface CellShape {
  readonly kind: CellKind;
  readonly units: number;
  readonly usesBias: boolean;
  readonly resetAfter: boolean;
  readonly inputSize: number;
  readonly rates: DropoutRates;
}

export function zeroStates({ states, units }: CellRunner, batch: number): Tensor[] {
  return Array.from({ length: states }, () => zeros([batch, units]));
}
