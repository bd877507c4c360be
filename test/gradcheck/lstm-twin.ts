// An LSTM stack as its equations stand, in float64: the twin of the fused sequence kernels.
import { at, build, sigmoid, type Twin } from "./twin.js";

export interface TwinWeights {
  /** `[4·hidden, input]`, gates in the order i, f, g, o. */
  inputWeight: Twin;
  hiddenWeight: Twin;
  inputBias?: Twin | undefined;
  hiddenBias?: Twin | undefined;
}

export interface TwinOptions {
  bidirectional: boolean;
  /** Steps that count in each row. */
  lengths?: Twin | undefined;
  /** What to multiply the outputs between layers with, `[time, batch, hidden · directions]` each. */
  masks?: readonly Twin[];
}

interface Cell {
  h: number[];
  c: number[];
}

/** x `[batch, time, features]`, h0 and c0 `[layers · directions, batch, hidden]` → output, h, c. */
export function lstmTwin(
  x: Twin,
  h0: Twin,
  c0: Twin,
  weights: readonly TwinWeights[],
  { bidirectional, lengths, masks = [] }: TwinOptions,
): [Twin, Twin, Twin] {
  const [batch, time] = x.shape as [number, number];
  const directions = bidirectional ? 2 : 1;
  const hidden = h0.shape[2]!;
  const width = directions * hidden;
  const last: Cell[][] = [];
  let input = x;
  for (let layer = 0; layer * directions < weights.length; layer++) {
    const output: number[][][] = Array.from({ length: batch }, () =>
      Array.from({ length: time }, () => new Array<number>(width).fill(0)),
    );
    for (let d = 0; d < directions; d++) {
      const slot = layer * directions + d;
      last.push(
        output.map((rows, row) => {
          const length = lengths ? at(lengths, [row]) : time;
          const line = (from: Twin): number[] =>
            Array.from({ length: hidden }, (_, j) => at(from, [slot, row, j]));
          let cell: Cell = { h: line(h0), c: line(c0) };
          for (let step = 0; step < length; step++) {
            const t = d === 0 ? step : length - 1 - step;
            const frame = Array.from({ length: input.shape[2]! }, (_, j) => at(input, [row, t, j]));
            cell = advance(frame, cell, weights[slot]!);
            cell.h.forEach((value, j) => (rows[t]![d * hidden + j] = value));
          }
          return cell;
        }),
      );
    }
    const mask = masks[layer];
    input = build([batch, time, width], ([row, t, j]) => {
      const value = output[row!]![t!]![j!]!;
      return mask ? value * at(mask, [t!, row!, j!]) : value;
    });
  }
  const state = (part: keyof Cell): Twin =>
    build(h0.shape, ([slot, row, j]) => last[slot!]![row!]![part][j!]!);
  return [input, state("h"), state("c")];
}

/** One step: i, f, o = σ(…), g = tanh(…); c' = f ⊙ c + i ⊙ g; h' = o ⊙ tanh(c'). */
function advance(x: readonly number[], { h, c }: Cell, weights: TwinWeights): Cell {
  const hidden = h.length;
  const gate = (kind: number, j: number): number => {
    const row = kind * hidden + j;
    const dot = (w: Twin, v: readonly number[]): number =>
      v.reduce((total, value, k) => total + at(w, [row, k]) * value, 0);
    const bias = (weights.inputBias?.data[row] ?? 0) + (weights.hiddenBias?.data[row] ?? 0);
    return dot(weights.inputWeight, x) + dot(weights.hiddenWeight, h) + bias;
  };
  const next = c.map((before, j) => {
    return sigmoid(gate(1, j)) * before + sigmoid(gate(0, j)) * Math.tanh(gate(2, j));
  });
  return { c: next, h: next.map((value, j) => sigmoid(gate(3, j)) * Math.tanh(value)) };
}
