// Gates and states written out step by step: they are those of the layer itself.
import { describe, expect, it } from "vitest";
import {
  GRU,
  LSTM,
  noGrad,
  OptionError,
  RNN,
  scope,
  tensor,
  zeros,
  type Tensor,
} from "../../src/index.js";
import { gateActivations, saturation } from "../../src/inspect/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { testRandom } from "../helpers/random.js";

const random = testRandom(5);
const input = (...shape: number[]): Tensor =>
  tensor(random.uniforms(shape.reduce((a, b) => a * b, 1)), { shape });

describe("gateActivations()", () => {
  it.each([
    { numLayers: 1, bidirectional: false },
    { numLayers: 2, bidirectional: true, bias: false },
    { numLayers: 3, dropout: 0.5 },
  ])("gives the states of an LSTM's own steps: %o", (options) => {
    const lstm = new LSTM(3, 5, options);
    scope(() => {
      const x = input(2, 4, 3);
      const runs = gateActivations(lstm, x);
      lstm.eval();
      const { output, state } = noGrad(() => lstm.forward(x));
      lstm.train();
      expect(runs.map(({ layer, direction }) => `${layer} ${direction}`)).toEqual(
        Array.from({ length: lstm.numLayers * lstm.directions }, (_, i) =>
          lstm.directions === 1
            ? `${i} forward`
            : `${i >> 1} ${i % 2 === 0 ? "forward" : "reverse"}`,
        ),
      );
      runs.forEach(({ direction, values, batch, time, lengths }, run) => {
        expect([batch, time, ...lengths]).toEqual([2, 4, 4, 4]);
        expect(Object.keys(values)).toEqual(["i", "f", "g", "o", "c", "h"]);
        const last = direction === "forward" ? 3 : 0;
        for (const part of ["h", "c"] as const)
          for (let row = 0; row < 2; row++) {
            const end = values[part].slice((row * 4 + last) * 5, (row * 4 + last + 1) * 5);
            const own = state[part].slice(0, run, run + 1).slice(1, row, row + 1);
            expectClose(end, own.data(), 1e-5);
          }
      });
      const top = runs.slice(-lstm.directions).map(({ values }) => values.h);
      const width = 5 * lstm.directions;
      const joined = Float32Array.from({ length: 8 * width }, (_, at) => {
        const [step, unit] = [Math.floor(at / width), at % width];
        return top[Math.floor(unit / 5)]![step * 5 + (unit % 5)]!;
      });
      expectClose(output.data(), joined, 1e-5);
    });
    lstm.dispose();
  });

  it("gives gates that make the states they belong to", () => {
    const lstm = new LSTM(2, 3);
    scope(() => {
      const [h0, c0] = [input(1, 1, 3), input(1, 1, 3)];
      const [run] = gateActivations(lstm, input(1, 5, 2), { state: { h: h0, c: c0 } });
      const { i, f, g, o, c, h } = run!.values;
      for (const gate of [i, f, o]) for (const v of gate) expect(v > 0 && v < 1).toBe(true);
      const before = Float32Array.of(...c0.data(), ...c.subarray(0, 12));
      c.forEach((value, at) => {
        expect(value).toBeCloseTo(f[at]! * before[at]! + i[at]! * g[at]!, 5);
        expect(h[at]).toBeCloseTo(o[at]! * Math.tanh(value), 5);
      });
    });
    lstm.dispose();
  });

  it("ends each row at its length, whatever stands behind it", () => {
    const lstm = new LSTM(2, 3, { numLayers: 2, bidirectional: true });
    scope(() => {
      const x = input(2, 4, 2);
      const alone = gateActivations(lstm, x.slice(0, 1, 2).slice(1, 0, 2));
      const values = x.data().fill(NaN, 12);
      const padded = tensor(values, { shape: [2, 4, 2] });
      const runs = gateActivations(lstm, padded, { lengths: [4, 2] });
      runs.forEach(({ values, lengths }, run) => {
        expect([...lengths]).toEqual([4, 2]);
        for (const name of ["i", "f", "g", "o", "c", "h"] as const) {
          expectClose(values[name].slice(12, 18), alone[run]!.values[name], 1e-6);
          expect([...values[name].slice(18)]).toEqual(new Array(6).fill(0));
        }
      });
    });
    lstm.dispose();
  });

  it.each([
    [new RNN(2, 3, { numLayers: 2, bidirectional: true }), ["h"]],
    [new RNN(2, 3, { nonlinearity: "relu", bias: false }), ["h"]],
    [new GRU(2, 3, { numLayers: 2, bidirectional: true }), ["r", "z", "n", "h"]],
    [new GRU(2, 3, { bias: false }), ["r", "z", "n", "h"]],
    [new GRU(2, 3, { resetAfter: false }), ["r", "z", "n", "h"]],
    [new RNN(2, 3, { numLayers: 3, bidirectional: true, mergeMode: "sum" }), ["h"]],
    [new RNN(2, 3, { numLayers: 3, bidirectional: true, mergeMode: "none" }), ["h"]],
    [new RNN(2, 3, { numLayers: 3, skip: "residual" }), ["h"]],
    [new RNN(2, 3, { numLayers: 3, skip: "concat" }), ["h"]],
  ])("follows other cells, their states and lengths: %o", (layer, gates) => {
    scope(() => {
      const x = input(2, 4, 2);
      const runCount = layer.numLayers * layer.directions;
      const options = { lengths: [4, 3], state: { h: input(runCount, 2, 3) } };
      const runs = gateActivations(layer as RNN, x, options);
      const { h } = noGrad(() => layer.forward(x, options)).state;
      expect(runs).toHaveLength(runCount);
      runs.forEach(({ direction, values }, run) => {
        expect(Object.keys(values)).toEqual(gates);
        for (const row of [0, 1]) {
          const last = direction === "forward" ? options.lengths[row]! - 1 : 0;
          const end = values.h.slice((row * 4 + last) * 3, (row * 4 + last + 1) * 3);
          expectClose(
            end,
            h
              .slice(0, run, run + 1)
              .slice(1, row, row + 1)
              .data(),
            1e-5,
          );
        }
      });
    });
    layer.dispose();
  });

  it("shows a projected state in its own size", () => {
    const lstm = new LSTM(2, 5, { projSize: 3, numLayers: 2 });
    scope(() => {
      const x = input(1, 4, 2);
      const { values } = gateActivations(lstm, x)[1]!;
      expect([values.h.length, values.c.length]).toEqual([12, 20]);
      expectClose(values.h, lstm.forward(x).output.data(), 1e-5);
    });
    lstm.dispose();
  });

  it("refuses what it cannot follow", () => {
    const other = new Leaky(2, 3);
    const x = zeros([1, 2, 2]).add(1);
    expect(() => gateActivations(other, x)).toThrow(/Leaky\(2, 3\), whose output is another/);
    const none = new Leaky(2, 3);
    Object.assign(none, { numLayers: 2 });
    expect(() => gateActivations(none, x)).toThrow(OptionError);
  });
});

describe("saturation()", () => {
  it("counts nearly closed and nearly open steps of each unit, up to the rows' lengths", () => {
    // Two rows of three steps and two units; the second row has one step.
    const f = Float32Array.of(0.05, 0.95, 0.05, 0.5, 0.95, 0.91, 0.2, 0.99, 0, 0, 0, 0);
    const run = { layer: 0, direction: "forward", batch: 2, time: 3, values: { f, g: f } } as const;
    const { below, above } = saturation({ ...run, lengths: Int32Array.of(3, 1) }, "f");
    expect([...below]).toEqual([0.5, 0]);
    expect([...above]).toEqual([0.25, 0.75]);
    const wide = saturation({ ...run, lengths: Int32Array.of(3, 1) }, "f", {
      low: 0.3,
      high: 0.94,
    });
    expect([...wide.below]).toEqual([0.75, 0]);
    expect([...wide.above]).toEqual([0.25, 0.5]);
    expect(() => saturation({ ...run, lengths: Int32Array.of(3, 1) }, "g")).toThrow(OptionError);
    expect(() => saturation({ ...run, lengths: Int32Array.of(3, 9) }, "f")).toThrow(
      "lengths to be whole numbers from 0 to",
    );
  });
});

/** A recurrence under PyTorch's names that does something of its own. */
class Leaky extends RNN {
  override forward(x: Tensor): ReturnType<RNN["forward"]> {
    const { output, state } = super.forward(x);
    return { output: output.mul(0.5), state };
  }
}
