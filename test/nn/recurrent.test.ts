// What every recurrent layer promises beyond its numbers, which test/oracle and test/gradcheck hold.
import { describe, expect, it } from "vitest";
import {
  getRngState,
  GRU,
  GRUCell,
  LSTM,
  LSTMCell,
  memoryUsage,
  noGrad,
  randn,
  RNN,
  RNNCell,
  scope,
  setRngState,
  tensor,
  type Tensor,
} from "../../src/index.js";
import { testRandom } from "../helpers/random.js";

const random = testRandom(23);
const input = (...shape: number[]): Tensor =>
  tensor(random.uniforms(shape.reduce((a, b) => a * b, 1)), { shape });

/** Step t of `[batch, time, features]`. */
const frame = (x: Tensor, t: number): Tensor =>
  x.slice(1, t, t + 1).reshape([x.shape[0]!, x.shape[2]!]);

const KINDS = [
  ["RNN", (i: number, h: number, o: object) => new RNN(i, h, o)],
  ["RNN, ReLU", (i: number, h: number, o: object) => new RNN(i, h, { nonlinearity: "relu", ...o })],
  ["GRU", (i: number, h: number, o: object) => new GRU(i, h, o)],
  [
    "GRU, reset before",
    (i: number, h: number, o: object) => new GRU(i, h, { resetAfter: false, ...o }),
  ],
  ["LSTM", (i: number, h: number, o: object) => new LSTM(i, h, o)],
] as const;

describe.each(KINDS)("%s", (_, make) => {
  type Layer = Pick<RNN, "forward" | "step" | "stream" | "carry" | "stateDict" | "dispose">;
  const layerOf = (i: number, h: number, options: object = {}) => make(i, h, options) as Layer;

  it.each([
    { batch: 1, inputSize: 3, hiddenSize: 5, options: { numLayers: 1, bias: false } },
    { batch: 1, inputSize: 17, hiddenSize: 32, options: { numLayers: 2 } },
    { batch: 5, inputSize: 8, hiddenSize: 13, options: { numLayers: 3 } },
  ])(
    "step by step and streamed gives the bits of the whole sequence: $batch × $inputSize → $hiddenSize",
    ({ batch, inputSize, hiddenSize, options }) => {
      const layer = layerOf(inputSize, hiddenSize, options);
      scope(() => {
        const x = input(batch, 6, inputSize);
        const h = input(options.numLayers, batch, hiddenSize);
        const c = input(options.numLayers, batch, hiddenSize);
        let state = { h, c };
        const whole = layer.forward(x, { state });
        const stream = layer.stream({ batch });
        stream.setState(state);
        for (let t = 0; t < 6; t++) {
          const step = layer.step(frame(x, t), state);
          expect(step.output.data()).toEqual(frame(whole.output, t).data());
          expect(stream.push(frame(x, t).data())).toEqual(step.output.data());
          state = { c, ...step.state };
        }
        for (const [part, values] of Object.entries(whole.state)) {
          expect(state[part as "h"].data()).toEqual(values.data());
          expect(stream.state()[part as "h"].data()).toEqual(values.data());
        }
        stream.dispose();
      });
      layer.dispose();
    },
  );

  it("reads nothing past a row's length, in values and gradients", () => {
    const layer = layerOf(3, 5, { numLayers: 2, bidirectional: true }) as RNN;
    const lengths = [4, 0, 2];
    const clean = scope(() => input(3, 4, 3));
    const gradients = (fill: number) =>
      scope(() => {
        layer.zeroGrad();
        const padded = clean.data().map((value, i) => {
          const [row, t] = [Math.floor(i / 12), Math.floor(i / 3) % 4];
          return t < lengths[row]! ? value : fill;
        });
        const x = tensor(padded, { shape: [3, 4, 3], requiresGrad: true });
        const { output, state } = layer.forward(x, { lengths });
        output.sum().add(state.h.mul(0.5).sum()).backward();
        return [output, state.h, x.grad!, ...layer.parameters().map(({ grad }) => grad!)].map(
          (each) => each.data(),
        );
      });
    const [output, , dx] = gradients(NaN) as [Float32Array, Float32Array, Float32Array];
    expect(gradients(NaN)).toEqual(gradients(7));
    expect(output.subarray(40, 80)).toEqual(new Float32Array(40));
    expect(dx.subarray(12, 24)).toEqual(new Float32Array(12));
    layer.dispose();
    clean.dispose();
  });

  it("rows and parts of sequences do not depend on each other, to the bit", () => {
    const layer = layerOf(6, 7);
    const carry = layer.carry(3);
    scope(() => {
      const x = input(3, 4, 6);
      const whole = layer.forward(x).output;
      for (let row = 0; row < 3; row++)
        expect(layer.forward(x.slice(0, row, row + 1)).output.data()).toEqual(
          whole.slice(0, row, row + 1).data(),
        );
      for (const [from, to] of [
        [0, 1],
        [1, 4],
      ] as const) {
        const part = layer.forward(x.slice(1, from, to), { state: carry });
        carry.set(part.state);
        expect(part.output.data()).toEqual(whole.slice(1, from, to).data());
      }
    });
    layer.dispose();
    carry.dispose();
  });

  it("leaves nothing behind without a graph, in scopes or out of them", () => {
    const layer = layerOf(3, 4, { numLayers: 2, bidirectional: true, dropout: 0.5 });
    const x = randn([2, 5, 3]);
    const run = () =>
      noGrad(() => {
        const { output, state } = layer.forward(x, { lengths: [2, 5] });
        for (const each of [output, ...Object.values(state)]) each.dispose();
      });
    run();
    const before = memoryUsage();
    for (let i = 0; i < 20; i++) run();
    expect(memoryUsage()).toEqual(before);
    layer.dispose();
    x.dispose();
  });
});

describe("cells", () => {
  it.each([
    ["RNNCell", new RNNCell(3, 4), new RNN(3, 4)],
    [
      "RNNCell, ReLU",
      new RNNCell(3, 4, { nonlinearity: "relu" }),
      new RNN(3, 4, { nonlinearity: "relu" }),
    ],
    ["GRUCell", new GRUCell(3, 4), new GRU(3, 4)],
    [
      "GRUCell, reset before",
      new GRUCell(3, 4, { resetAfter: false }),
      new GRU(3, 4, { resetAfter: false }),
    ],
    ["LSTMCell", new LSTMCell(3, 4), new LSTM(3, 4)],
  ])("%s gives the bits of a layer's step", (_, cell, layer) => {
    layer.loadStateDict(new Map([...cell.stateDict()].map(([name, each]) => [`${name}_l0`, each])));
    scope(() => {
      const x = input(2, 3);
      const first = cell.forward(x);
      const { state } = layer.step(x);
      const { output, state: second } = cell.step(x, first as never);
      expect(output).toBe(second.h);
      const expected = layer.step(x, state as never).state;
      for (const [part, values] of Object.entries(expected))
        expect(second[part as "h"].data()).toEqual(values.data());
      expect(Object.keys(second)).toEqual(Object.keys(expected));
    });
  });

  it("draw the values a layer draws", () => {
    const before = getRngState();
    const layer = new GRU(2, 3);
    setRngState(before);
    const cell = new GRUCell(2, 3);
    expect(cell.weight_hh.data()).toEqual(layer.weight_hh_l0!.data());
  });
});

describe("mistakes", () => {
  it.each<[() => unknown, string]>([
    [
      () => new RNN(2, 3, { nonlinearity: "sigmoid" as never }),
      'RNN: expected nonlinearity "tanh" or "relu", got "sigmoid".',
    ],
    [
      () => new RNNCell(2, 3, { nonlinearity: "toString" as never }),
      'RNNCell: expected nonlinearity "tanh" or "relu", got "toString".',
    ],
    [
      () => new GRU(2, 3, { nonlinearity: "relu" } as object),
      'GRU: expected options among numLayers, bias, dropout, variationalDropout, recurrentDropout, weightDropout, bidirectional, mergeMode, skip, resetAfter, got "nonlinearity".',
    ],
    [() => new GRUCell(2, 3, { bais: false } as object), "GRUCell: expected options among bias"],
    [
      () => new GRU(2, 3, { mergeMode: "max" as never, bidirectional: true }),
      'GRU: expected mergeMode to be one of concat, sum, mul, average, none, got "max".',
    ],
    [
      () => new GRU(2, 3, { mergeMode: "sum" }),
      'GRU: expected bidirectional with mergeMode, which merges the two directions, got mergeMode "sum" with one.',
    ],
    [
      () => new GRU(2, 3, { skip: "residual" }),
      'GRU: expected numLayers above 1 with skip, which goes past a layer, got skip "residual" with one layer.',
    ],
    [
      () => new GRU(2, 3, { variationalDropout: true }),
      "GRU: expected a dropout above 0 with variationalDropout",
    ],
    [
      () => new GRU(2, 3, { recurrentDropout: 1 }),
      "expected a dropout probability from 0 to below 1",
    ],
    [
      () => new GRU(2, 3).forward(input(1, 2, 3)),
      "gru: expected input [batch, time, 2], got [1, 2, 3]. The last axis must equal inputSize (2).",
    ],
    [
      () => new RNN(2, 3).step(input(1, 2), { h: input(1, 1, 2) }),
      "rnn: expected state.h [1, 1, 3] ([numLayers · directions, batch, hidden]), got [1, 1, 2].",
    ],
  ])("%s", (mistake, message) => {
    expect(() => scope(() => void mistake())).toThrow(message);
  });
});
