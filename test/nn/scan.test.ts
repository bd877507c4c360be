import { describe, expect, it } from "vitest";
import {
  LSTM,
  LSTMCell,
  ones,
  scope,
  sigmoid,
  tanh,
  tensor,
  zeros,
  type Tensor,
} from "../../src/index.js";
import { JordanCell, LSTMVariantCell, Scan, scanCell } from "../../src/nn/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { numericalGradient } from "../helpers/finite-difference.js";
import { testRandom } from "../helpers/random.js";

const random = testRandom(41);
const input = (...shape: number[]): Tensor =>
  tensor(random.uniforms(shape.reduce((a, b) => a * b, 1)), { shape });

describe("scanCell", () => {
  it("carries any structure of tensors past lengths, forwards and backwards, NaN or not", () => {
    const weight = scope(() => input(1, 1));
    const lengths = [3, 0, 1];
    const run = (fill: number, reverse: boolean) =>
      scope(() => {
        const data = Float32Array.from({ length: 9 }, (_, i) =>
          i % 3 < lengths[Math.floor(i / 3)]! ? i : fill,
        );
        const x = tensor(data, { shape: [3, 3, 1], requiresGrad: true });
        const start = { sums: [tensor([[10], [20], [30]])], count: { n: zeros([3]) } };
        const { output, state } = scanCell(
          (frame, state = start) => {
            const sum = state.sums[0]!.add(frame);
            return {
              output: sum.mul(2),
              state: { sums: [sum], count: { n: state.count.n.add(1) } },
            };
          },
          x,
          { state: start, lengths, reverse },
        );
        output.sum().add(state.sums[0]!.sum()).backward();
        return [output, state.sums[0]!, state.count.n, x.grad!].map((t) => [...t.data()]);
      });
    const [output, sums, counts, dx] = run(NaN, false);
    expect(output).toEqual([20, 22, 26, 0, 0, 0, 72, 0, 0]);
    expect(sums).toEqual([13, 20, 36]);
    expect(counts).toEqual([3, 0, 1]);
    expect(dx).toEqual([7, 5, 3, 0, 0, 0, 3, 0, 0]);
    expect(run(NaN, true)[0]).toEqual([26, 26, 24, 0, 0, 0, 72, 0, 0]);
    expect(run(NaN, true)).toEqual(run(5, true));
    weight.dispose();
  });

  it("gives zeros to a row of length 0 without a state, and refuses what is no sequence", () => {
    scope(() => {
      const cell = new LSTMCell(2, 3);
      const step = (x: Tensor, state: { h: Tensor; c: Tensor } | undefined) => cell.step(x, state);
      const { output, state } = scanCell(step, input(2, 4, 2), { lengths: [0, 2] });
      expect(output.shape).toEqual([2, 4, 3]);
      expect([...state.h.data().subarray(0, 3)]).toEqual([0, 0, 0]);
      expect(state.h.data().subarray(3)).toEqual(output.data().subarray(15, 18));
      expect(() => scanCell(step, input(2, 2))).toThrow(
        "scanCell: expected input [batch, time, features] of at least one step, got [2, 2].",
      );
      expect(() => scanCell(step, zeros([2, 0, 2]))).toThrow("got [2, 0, 2]");
      expect(() => scanCell(step, input(1, 2, 2), { lengths: [3] })).toThrow(
        "scanCell: expected lengths to be whole numbers from 0 to 2, got 3 for row 0.",
      );
    });
  });
});

/** Rows of w · v + b in float64. */
const affine = (w: Tensor, v: readonly number[], b?: Tensor): number[] => {
  const rows = w.toArray() as number[][];
  return rows.map((row, i) => row.reduce((s, x, j) => s + x * v[j]!, b ? b.data()[i]! : 0));
};

describe("JordanCell", () => {
  it("feeds its output back", () => {
    const cell = new JordanCell(2, 5, 3, { outputActivation: "sigmoid" });
    const layer = new Scan(cell);
    scope(() => {
      const x = input(1, 4, 2);
      const { output, state } = layer.forward(x);
      let y = [0, 0, 0];
      for (let t = 0; t < 4; t++) {
        const frame = [...x.slice(1, t, t + 1).data()];
        const back = affine(cell.weight_hh, y);
        const h = affine(cell.weight_ih, frame, cell.bias_ih).map((s, i) =>
          Math.tanh(s + back[i]!),
        );
        y = affine(cell.weight_ho, h, cell.bias_ho).map((s) => 1 / (1 + Math.exp(-s)));
        [...output.slice(1, t, t + 1).data()].forEach((v, i) => expect(v).toBeCloseTo(y[i]!, 6));
      }
      expect(state.y.data()).toEqual(output.slice(1, 3, 4).data());
      output.sum().backward();
      expect(cell.weight_hh.grad!.data().every((g) => g !== 0)).toBe(true);
      expect([...layer.stateDict().keys()]).toContain("cell.weight_ho");
      expect(() => cell.step(input(1, 3))).toThrow("jordanCell: expected input [batch, 2]");
      expect(() => cell.step(input(1, 2), { y: zeros([1, 2]) })).toThrow("expected state.y [1, 3]");
    });
    expect(() => new JordanCell(1, 2, 3, { activation: "swish" as never })).toThrow(
      'JordanCell: expected activation to be one of tanh, relu, sigmoid, identity, got "swish".',
    );
    layer.dispose();
  });
});

describe("LSTMVariantCell", () => {
  it("without options is the LSTM", () => {
    const cell = new LSTMVariantCell(3, 4);
    const lstm = new LSTM(3, 4);
    lstm.loadStateDict(new Map([...cell.stateDict()].map(([name, each]) => [`${name}_l0`, each])));
    scope(() => {
      const x = input(2, 5, 3);
      const lengths = [5, 2];
      const scanned = new Scan(cell).forward(x, { lengths });
      const fused = lstm.forward(x, { lengths });
      scanned.output.data().forEach((v, i) => expect(v).toBeCloseTo(fused.output.data()[i]!, 6));
      scanned.state.c.data().forEach((v, i) => expect(v).toBeCloseTo(fused.state.c.data()[i]!, 6));
      const weights = input(2, 5, 4);
      for (const { output, state } of [scanned, fused])
        output.mul(weights).sum().add(state.c.sum()).backward();
      for (const [name, { grad }] of cell.namedParameters()) {
        const own = lstm.namedParameters().get(`${name}_l0`)!.grad!;
        expectClose(grad!.data(), own.data(), { absolute: 1e-5, relative: 1e-5 }, name);
      }
    });
    for (const each of [cell, lstm]) each.dispose();
  });

  it.each([
    { peepholes: true },
    { coupled: true, bias: false },
    { peepholes: true, coupled: true, cellClip: 0.05 },
  ])("%o, by its equations", (options) => {
    const H = 3;
    const cell = new LSTMVariantCell(2, H, options);
    const { coupled = false, cellClip = Infinity } = options;
    const values = new Map(
      [...cell.namedParameters()].map(([name, p]) => [name, Float64Array.from(p.data())]),
    );
    const x = random.uniforms(3 * 2);
    /** h of each step, from the cell's equations in float64. */
    const run = (weights: ReadonlyMap<string, ArrayLike<number>>): number[][] => {
      const peep = (name: string, j: number): number => weights.get(name)?.[j] ?? 0;
      const product = (name: string, row: number, v: ArrayLike<number>): number =>
        Array.from(v).reduce((sum, e, j) => sum + weights.get(name)![row * v.length + j]! * e, 0);
      const σ = (v: number): number => 1 / (1 + Math.exp(-v));
      let [h, c] = [new Array<number>(H).fill(0), new Array<number>(H).fill(0)];
      return [0, 1, 2].map((t) => {
        const frame = x.subarray(2 * t, 2 * t + 2);
        const before = h;
        const at = (gate: number, j: number): number => {
          const row = (coupled ? gate - 1 : gate) * H + j;
          const bias = peep("bias_ih", row) + peep("bias_hh", row);
          return product("weight_ih", row, frame) + product("weight_hh", row, before) + bias;
        };
        const next = c.map((cell, j) => {
          const f = σ(at(1, j) + peep("weight_cf", j) * cell);
          const i = coupled ? 1 - f : σ(at(0, j) + peep("weight_ci", j) * cell);
          return Math.min(Math.max(f * cell + i * Math.tanh(at(2, j)), -cellClip), cellClip);
        });
        h = next.map((v, j) => σ(at(3, j) + peep("weight_co", j) * v) * Math.tanh(v));
        c = next;
        return h;
      });
    };
    scope(() => {
      const { output } = new Scan(cell).forward(tensor(x, { shape: [1, 3, 2] }));
      expectClose(output.data(), run(values).flat(), 1e-6, "output");
      output.sum().backward();
      const total = (weights: ReadonlyMap<string, ArrayLike<number>>): number =>
        run(weights)
          .flat()
          .reduce((a, b) => a + b);
      for (const [name, parameter] of cell.namedParameters()) {
        const slopes = numericalGradient(
          (data) => total(new Map([...values, [name, data]])),
          values.get(name)!,
        );
        expectClose(parameter.grad!.data(), slopes, 1e-5, name);
      }
    });
    cell.dispose();
  });

  it("refuses a clip that is none", () => {
    expect(() => new LSTMVariantCell(1, 2, { cellClip: 0 })).toThrow(
      "LSTMVariantCell: expected cellClip above 0, got 0.",
    );
  });
});

it("the example of scanCell works", () => {
  scope(() => {
    const { output } = scanCell(
      (x, h: Tensor = zeros([2, 3])) => {
        const next = tanh(sigmoid(x).add(h));
        return { output: next, state: next };
      },
      input(2, 4, 3),
    );
    expect(output.shape).toEqual([2, 4, 3]);
  });
});

it("a state to begin from may be a list of tensors, or one tensor", () => {
  scope(() => {
    const x = ones([1, 2, 1]);
    const one = scanCell(
      (frame, state: Tensor | undefined) => {
        const next = state ? frame.add(state) : frame;
        return { output: next, state: next };
      },
      x,
      { state: ones([1, 1]) },
    );
    const list = scanCell(
      (frame, state: readonly Tensor[] | undefined) => {
        const next = state ? frame.add(state[0]!) : frame;
        return { output: next, state: [next] };
      },
      x,
      { state: [ones([1, 1])] },
    );
    expect(one.output.toArray()).toEqual([[[2], [3]]]);
    expect(list.output.toArray()).toEqual([[[2], [3]]]);
  });
});
