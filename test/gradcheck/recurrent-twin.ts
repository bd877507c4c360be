// A recurrent layer as its equations stand, in float64: the twin of the fused sequence kernels.
import { at, build, sigmoid, type Twin } from "./twin.js";

export interface TwinWeights {
  /** `[gates · hidden, input]` */
  inputWeight: Twin;
  hiddenWeight: Twin;
  inputBias?: Twin | undefined;
  hiddenBias?: Twin | undefined;
  /** `[projected, hidden]` */
  projection?: Twin | undefined;
}

/** The parts of a row's state, h first: what the cell gives out. */
export type Parts = readonly (readonly number[])[];

/** One step of one row. */
export type Advance = (
  x: readonly number[],
  state: Parts,
  weights: TwinWeights,
  read: Read,
) => Parts;

/** What the recurrent products read instead of h: h ⊙ mask, where there is a mask. */
type Read = (h: readonly number[]) => readonly number[];

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
  {
    lengths,
    mask,
    slot = 0,
  }: { lengths?: Twin | undefined; mask?: Twin | undefined; slot?: number },
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
        state = advance(frame, state, own, (h) =>
          mask ? h.map((value, j) => value * at(mask, [d, row, j])) : h,
        );
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
const dot = (weight: Twin, row: number, v: readonly number[]): number =>
  v.reduce((total, value, k) => total + at(weight, [row, k]) * value, 0);

/** What x (`input`) or h (`hidden`) adds to a row before its activation. */
const side = (
  weights: TwinWeights,
  name: "input" | "hidden",
  row: number,
  v: readonly number[],
): number => dot(weights[`${name}Weight`], row, v) + (weights[`${name}Bias`]?.data[row] ?? 0);

/** One step: i, f, o = σ(…), g = tanh(…); c' = f ⊙ c + i ⊙ g; h' = o ⊙ tanh(c'), perhaps projected. */
export const advanceLSTM: Advance = (x, state, weights, read) => {
  const [h, c] = state as [readonly number[], readonly number[]];
  const hidden = c.length;
  const gate = (kind: number, j: number): number => {
    const row = kind * hidden + j;
    return side(weights, "input", row, x) + side(weights, "hidden", row, read(h));
  };
  const next = c.map(
    (before, j) => sigmoid(gate(1, j)) * before + sigmoid(gate(0, j)) * Math.tanh(gate(2, j)),
  );
  const y = next.map((value, j) => sigmoid(gate(3, j)) * Math.tanh(value));
  const { projection } = weights;
  return [projection ? h.map((_, row) => dot(projection, row, y)) : y, next];
};

/** h' = activation(W_ih x + b_ih + W_hh h + b_hh). */
export const advanceRNN =
  (activation: (x: number) => number): Advance =>
  (x, state, weights, read) => {
    const h = state[0]!;
    return [
      h.map((_, row) =>
        activation(side(weights, "input", row, x) + side(weights, "hidden", row, read(h))),
      ),
    ];
  };

/** r, z = σ(…); n = tanh(W_in x + b_in + r ⊙ (W_hn h + b_hn)); h' = (1 - z) ⊙ n + z ⊙ h. */
export const advanceGRU: Advance = (x, state, weights, read) => {
  const h = state[0]!;
  return [
    h.map((before, j) => {
      const [r, z] = [0, 1].map((kind) => {
        const row = kind * h.length + j;
        return sigmoid(side(weights, "input", row, x) + side(weights, "hidden", row, read(h)));
      }) as [number, number];
      const row = 2 * h.length + j;
      const n = Math.tanh(
        side(weights, "input", row, x) + r * side(weights, "hidden", row, read(h)),
      );
      return (1 - z) * n + z * before;
    }),
  ];
};

/** As {@link advanceGRU}, but n = tanh(W_in x + b_in + W_hn (r ⊙ h) + b_hn). */
export const advanceGRUResetBefore: Advance = (x, state, weights, read) => {
  const h = state[0]!;
  const gate = (kind: number, j: number): number => {
    const row = kind * h.length + j;
    return sigmoid(side(weights, "input", row, x) + side(weights, "hidden", row, read(h)));
  };
  const resets = read(h).map((value, j) => gate(0, j) * value);
  return [
    h.map((before, j) => {
      const [z, row] = [gate(1, j), 2 * h.length + j];
      const n = Math.tanh(side(weights, "input", row, x) + side(weights, "hidden", row, resets));
      return (1 - z) * n + z * before;
    }),
  ];
};
