// The reference's own gradients, against finite differences.
import { describe, expect, it } from "vitest";
import { maxError, noise } from "./harness.js";
import { caseOf, type Shape } from "./recurrent-harness.js";
import * as cells from "./recurrent-reference.js";
import { runReference, type RecurrentCase } from "./recurrent-reference.js";

const PROJECTED = "lstm with a projection";
const CELLS = {
  rnn: cells.rnn("tanh"),
  "rnn with relu": cells.rnn("relu"),
  gru: cells.gru,
  "gru that resets before": cells.gruResetBefore,
  lstm: cells.lstm,
  [PROJECTED]: cells.lstmProjected,
};

describe.each(Object.entries(CELLS))("the reference of %s", (_, cell) => {
  it.each(
    [false, true].flatMap((reverse) => [
      { reverse, lengths: undefined, masked: true },
      { reverse, lengths: [2, 0, 4], masked: false },
    ]),
  )("has the gradients of finite differences, %o", (options) => {
    const shape: Shape = {
      T: 4,
      B: 3,
      H: 2,
      P: cell === CELLS[PROJECTED] ? 3 : 2,
      wide: false,
      ...options,
    };
    const x = caseOf(cell, shape, 11);
    const dOut = noise(shape.T * shape.B * shape.P, 12);
    const dState = x.state.map((part, i) => noise(part.length, 13 + i));
    const dot = (a: ArrayLike<number>, b: Float64Array) =>
      b.reduce((sum, v, i) => sum + v * a[i]!, 0);
    const loss = (change: Partial<RecurrentCase>) => {
      const { out, final } = runReference({ ...x, ...change });
      return dot(dOut, out) + final.reduce((sum, part, i) => sum + dot(dState[i]!, part), 0);
    };
    /** The slopes of the loss along each of `values`. */
    const slopes = (
      values: ArrayLike<number>,
      change: (v: Float64Array) => Partial<RecurrentCase>,
    ) =>
      Array.from(values, (_, i) => {
        const at = (delta: number) => {
          const moved = Float64Array.from(values);
          moved[i]! += delta;
          return loss(change(moved));
        };
        return (at(1e-5) - at(-1e-5)) / 2e-5;
      });
    const gradients = runReference(x).gradients(dOut, dState);
    const input = slopes(x.input, (v) => ({ input: v }));
    expect(maxError(input, gradients.input)).toBeLessThan(1e-8);
    x.weights.forEach((w, i) => {
      const along = slopes(w, (v) => ({ weights: x.weights.with(i, v) }));
      expect(maxError(along, gradients.weights[i]!)).toBeLessThan(1e-8);
    });
    x.state.forEach((part, i) => {
      const along = slopes(part, (v) => ({ state: x.state.with(i, v) }));
      expect(maxError(along, gradients.state[i]!)).toBeLessThan(1e-8);
    });
  });
});
