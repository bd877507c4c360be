// A recurrent layer as its equations stand, in float64: the twin of the fused sequence kernels.
import { at, build, sigmoid, type Twin } from "./twin.js";

export interface TwinWeights {
  /** `[gates · hidden, input]` */
  inputWeight: Twin;
  hiddenWeight: Twin;
  inputBias?: Twin | undefined;
  hiddenBias?: Twin | undefined;
}

/** The parts of a row's state, h first: what the cell gives out. */
export type Parts = readonly (readonly number[])[];

/** One step of one row. */
export type Advance = (x: readonly number[], state: Parts, weights: TwinWeights) => Parts;

/**
 * x `[batch, time, features]`, each part of the initial state `[slots, batch, size]`, weights of the layer's
 * directions → output `[batch, time, directions · size]`, each part of the final state.
 *
 * @param slot which slot of the initial state is this layer's first
 */
export function layerTwin(
  advance: Advance,
  x: Twin,
  initial: readonly Twin[],
  weights: readonly TwinWeights[],
  { lengths, slot = 0 }: { lengths?: Twin | undefined; slot?: number },
): Twin[] {
  const [batch, time] = x.shape as [number, number];
  const size = initial[0]!.shape[2]!;
  const output: number[][][] = Array.from({ length: batch }, () =>
    Array.from({ length: time }, () => new Array<number>(weights.length * size).fill(0)),
  );
  const last = weights.map((own, d) =>
    output.map((rows, row) => {
      const length = lengths ? at(lengths, [row]) : time;
      let state: Parts = initial.map((part) =>
        Array.from({ length: part.shape[2]! }, (_, j) => at(part, [slot + d, row, j])),
      );
      for (let step = 0; step < length; step++) {
        const t = d === 0 ? step : length - 1 - step;
        const frame = Array.from({ length: x.shape[2]! }, (_, j) => at(x, [row, t, j]));
        state = advance(frame, state, own);
        state[0]!.forEach((value, j) => (rows[t]![d * size + j] = value));
      }
      return state;
    }),
  );
  return [
    build([batch, time, weights.length * size], ([row, t, j]) => output[row!]![t!]![j!]!),
    ...initial.map((part, p) =>
      build([weights.length, batch, part.shape[2]!], ([d, row, j]) => last[d!]![row!]![p]![j!]!),
    ),
  ];
}

/** Row `row` of weight · v. */
export const dot = (weight: Twin, row: number, v: readonly number[]): number =>
  v.reduce((total, value, k) => total + at(weight, [row, k]) * value, 0);

/** One step: i, f, o = σ(…), g = tanh(…); c' = f ⊙ c + i ⊙ g; h' = o ⊙ tanh(c'). */
export const advanceLSTM: Advance = (x, state, weights) => {
  const [h, c] = state as [readonly number[], readonly number[]];
  const hidden = c.length;
  const gate = (kind: number, j: number): number => {
    const row = kind * hidden + j;
    const bias = (weights.inputBias?.data[row] ?? 0) + (weights.hiddenBias?.data[row] ?? 0);
    return dot(weights.inputWeight, row, x) + dot(weights.hiddenWeight, row, h) + bias;
  };
  const next = c.map(
    (before, j) => sigmoid(gate(1, j)) * before + sigmoid(gate(0, j)) * Math.tanh(gate(2, j)),
  );
  return [next.map((value, j) => sigmoid(gate(3, j)) * Math.tanh(value)), next];
};
