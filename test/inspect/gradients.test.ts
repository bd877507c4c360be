import { describe, expect, it } from "vitest";
import {
  GraphError,
  Linear,
  LSTM,
  memoryUsage,
  mseLoss,
  OptionError,
  RNN,
  scope,
  Sequential,
  ShapeError,
  tensor,
  type LSTMState,
  type Tensor,
} from "../../src/index.js";
import {
  gateActivations,
  gradientFlow,
  gradientNorms,
  jacobianFlow,
  watchGradient,
} from "../../src/inspect/index.js";
import { testRandom } from "../helpers/random.js";

const random = testRandom(6);
const input = (...shape: number[]): Tensor =>
  tensor(random.uniforms(shape.reduce((a, b) => a * b, 1)), { shape });
const norm = (values: ArrayLike<number>): number => Math.hypot(...Array.from(values));
/** The last output, weighted. */
const lossOf = (output: Tensor, weights: Tensor): Tensor => {
  const [batch, time, size] = output.shape as [number, number, number];
  return output
    .slice(1, time - 1)
    .reshape([batch, size])
    .mul(weights)
    .sum();
};

describe("watchGradient()", () => {
  it("passes values and gradients on as they are, and shows them", () => {
    scope(() => {
      const x = tensor([1, 2, 3], { requiresGrad: true });
      const seen: Float32Array[] = [];
      const y = watchGradient(x.mul(2), (gradient) => void seen.push(gradient));
      expect(y.toArray()).toEqual([2, 4, 6]);
      y.mul(tensor([5, 6, 7]))
        .sum()
        .add(y.sum())
        .backward();
      expect(seen).toEqual([Float32Array.of(6, 7, 8)]);
      expect(x.grad!.toArray()).toEqual([12, 14, 16]);
    });
  });
});

describe("gradientFlow()", () => {
  it("gives the gradient of the state at each step, from steps of the layer itself", () => {
    const lstm = new LSTM(3, 4);
    scope(() => {
      const x = input(2, 5, 3);
      const weights = input(2, 4);
      const [flow] = gradientFlow(lstm, x, (output) => lossOf(output, weights));
      const [gates] = gateActivations(lstm, x);
      expect([flow!.layer, flow!.direction]).toEqual([0, "forward"]);
      for (let t = 0; t < 5; t++) {
        // A leaf in place of the state behind step t, and the rest of the sequence from there.
        const head = lstm.forward(x.slice(1, 0, t + 1)).state;
        const state: LSTMState = { h: head.h.detach(), c: head.c.detach() };
        state.h.requiresGrad = true;
        state.c.requiresGrad = true;
        const end = t < 4 ? lstm.forward(x.slice(1, t + 1), { state }).state.h : state.h.mul(1);
        lossOf(end.reshape([2, 1, 4]), weights).backward();
        const dh = state.h.grad!.data();
        expect(flow!.h[t]).toBeCloseTo(norm(dh), 5);
        // h = o ⊙ tanh(c): what comes by h comes by c too.
        const dc = state.c.grad?.data() ?? new Float32Array(8);
        const total = dc.map((byC, at) => {
          const [row, unit] = [Math.floor(at / 4), at % 4];
          const place = (row * 5 + t) * 4 + unit;
          const tanhC = Math.tanh(gates!.values.c[place]!);
          return byC + dh[at]! * gates!.values.o[place]! * (1 - tanhC * tanhC);
        });
        expect(flow!.c![t]).toBeCloseTo(norm(total), 5);
      }
    });
    lstm.dispose();
  });

  it("sums what comes by output and by state, in every layer and direction", () => {
    const lstm = new LSTM(2, 3, { numLayers: 2, bidirectional: true });
    scope(() => {
      const x = input(1, 3, 2);
      const weights = input(1, 3, 6);
      const flows = gradientFlow(lstm, x, (output) => output.mul(weights).sum());
      expect(flows).toHaveLength(4);
      // What the last layer's last step gets is by its output alone.
      const own = weights.data();
      expect(flows[2]!.h[2]).toBeCloseTo(norm(own.slice(12, 15)), 5);
      expect(flows[3]!.h[0]).toBeCloseTo(norm(own.slice(3, 6)), 5);
      for (const { h, c } of flows) {
        expect(h).toHaveLength(3);
        expect([...h, ...c!].every((value) => value > 0)).toBe(true);
      }
    });
    lstm.dispose();
  });

  it("ends at the rows' lengths and starts at the given state", () => {
    const lstm = new LSTM(2, 3);
    scope(() => {
      const x = input(2, 4, 2);
      const [h, c] = [input(1, 2, 3), input(1, 2, 3)];
      const run = (lengths?: number[], state?: LSTMState) =>
        gradientFlow(lstm, x, (output) => output.mul(output).sum(), {
          ...(lengths && { lengths }),
          ...(state && { state }),
        })[0]!;
      const short = run([2, 0]);
      expect([...short.h.slice(2), ...short.c!.slice(2)]).toEqual([0, 0, 0, 0]);
      expect(short.h[1]).toBeGreaterThan(0);
      expect(run(undefined, { h, c }).h).not.toEqual(run().h);
    });
    lstm.dispose();
  });

  it("changes no gradient, no mode and no memory; works on frozen weights", () => {
    const lstm = new LSTM(2, 3, { numLayers: 2, dropout: 0.5 });
    const head = new Linear(3, 1);
    const [x, target] = [input(1, 4, 2), input(1, 4, 1)];
    const run = () => gradientFlow(lstm, x, (output) => mseLoss(head.forward(output), target));
    const first = run();
    const { tensors, arenaBytes } = memoryUsage();
    expect(run()).toEqual(first);
    expect(memoryUsage()).toMatchObject({ tensors, arenaBytes });
    for (const parameter of [...lstm.parameters(), ...head.parameters()]) {
      expect(parameter.grad).toBeUndefined();
      expect(parameter.requiresGrad).toBe(true);
    }
    expect(lstm.training).toBe(true);
    for (const parameter of lstm.parameters()) parameter.requiresGrad = false;
    expect(run()).toEqual(first);
    expect(lstm.parameters().some(({ requiresGrad }) => requiresGrad)).toBe(false);
    expect(() => gradientFlow(lstm, x, () => target.sum())).toThrow(OptionError);
    for (const each of [lstm, head, x, target]) each.dispose();
  });
});

describe("a chaotic recurrence", () => {
  it("is followed: what rounding makes of its path does not matter", () => {
    const rnn = new RNN(1, 32, { bias: false });
    rnn.weight_ih_l0!.set(random.uniforms(32, -0.1, 0.1));
    rnn.weight_hh_l0!.set(random.uniforms(32 * 32, -0.9, 0.9));
    scope(() => {
      const last = (output: Tensor): Tensor => output.slice(1, 59).sum();
      const [flow] = gradientFlow(rnn, input(2, 60, 1), last);
      expect(flow!.h[0]! / flow!.h[59]!).toBeGreaterThan(1e4);
    });
    rnn.dispose();
  });
});

describe("jacobianFlow()", () => {
  it("is the norm of the derivative of the last state by each state", () => {
    const lstm = new LSTM(2, 3);
    scope(() => {
      const x = input(1, 4, 2);
      const [flow] = jacobianFlow(lstm, x);
      expect(flow!.h[3]).toBeCloseTo(Math.sqrt(3), 5);
      for (let t = 0; t < 3; t++) {
        let sum = 0;
        for (let unit = 0; unit < 3; unit++) {
          const { h, c } = lstm.forward(x.slice(1, 0, t + 1)).state;
          const state = { h: h.detach(), c: c.detach() };
          state.h.requiresGrad = true;
          lstm
            .forward(x.slice(1, t + 1), { state })
            .state.h.slice(2, unit, unit + 1)
            .sum()
            .backward();
          sum += norm(state.h.grad!.data()) ** 2;
        }
        expect(flow!.h[t]).toBeCloseTo(Math.sqrt(sum), 5);
      }
      expect(() => jacobianFlow(lstm, input(2, 4, 2))).toThrow(ShapeError);
      const both = new LSTM(2, 3, { bidirectional: true });
      expect(() => jacobianFlow(both, x)).toThrow(OptionError);
    });
    lstm.dispose();
  });
});

describe("gradientNorms()", () => {
  it("measures every parameter that has a gradient", () => {
    const model = new Sequential(new Linear(1, 2, { bias: false }), new Linear(2, 1));
    model.loadStateDict({
      "0.weight": tensor([[3], [4]]),
      "1.weight": tensor([[0.5, -2]]),
      "1.bias": tensor([0]),
    });
    expect(() => gradientNorms(model)).toThrow(GraphError);
    model.parameters()[2]!.requiresGrad = false;
    scope(() =>
      model
        .forward(tensor([[2]]))
        .sum()
        .backward(),
    );
    expect(gradientNorms(model)).toEqual([
      {
        name: "0.weight",
        size: 2,
        norm: Math.sqrt(17),
        rms: expect.closeTo(Math.sqrt(17 / 2), 9),
        max: 4,
        ratio: expect.closeTo(Math.sqrt(17) / 5, 9),
        nonFinite: 0,
      },
      {
        name: "1.weight",
        size: 2,
        norm: 10,
        rms: expect.closeTo(Math.sqrt(50), 9),
        max: 8,
        ratio: expect.closeTo(10 / Math.sqrt(4.25), 9),
        nonFinite: 0,
      },
    ]);
    model.parameters()[0]!.grad!.set([[NaN], [1]]);
    expect(gradientNorms(model)[0]).toMatchObject({ norm: NaN, nonFinite: 1 });
    model.dispose();
  });
});
