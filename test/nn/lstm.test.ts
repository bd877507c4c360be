// What the LSTM promises beyond its numbers, which test/oracle and test/gradcheck hold.
import { describe, expect, it } from "vitest";
import {
  LSTM,
  LSTMCell,
  manualSeed,
  memoryUsage,
  noGrad,
  OptionError,
  randn,
  scope,
  setRngState,
  getRngState,
  ShapeError,
  tensor,
  zeros,
  type LSTMState,
  type Tensor,
} from "../../src/index.js";
import { testRandom } from "../helpers/random.js";

const random = testRandom(17);
const input = (...shape: number[]): Tensor =>
  tensor(random.uniforms(shape.reduce((a, b) => a * b, 1)), { shape });

/** Step t of `[batch, time, features]`. */
const frame = (x: Tensor, t: number): Tensor =>
  x.slice(1, t, t + 1).reshape([x.shape[0]!, x.shape[2]!]);

const SIZES = [
  { batch: 1, inputSize: 3, hiddenSize: 5, numLayers: 1, bias: true },
  { batch: 1, inputSize: 17, hiddenSize: 32, numLayers: 2, bias: false },
  { batch: 2, inputSize: 1, hiddenSize: 1, numLayers: 3, bias: true },
  { batch: 5, inputSize: 8, hiddenSize: 13, numLayers: 2, bias: true },
];

describe("one step after the other", () => {
  it.each(SIZES)(
    "gives the bits of the whole sequence: $batch × $inputSize → $hiddenSize, $numLayers layers",
    (sizes) => {
      const { batch, inputSize, hiddenSize, ...options } = sizes;
      const lstm = new LSTM(inputSize, hiddenSize, options);
      scope(() => {
        const x = input(batch, 6, inputSize);
        const h = input(options.numLayers, batch, hiddenSize);
        const c = input(options.numLayers, batch, hiddenSize);
        const whole = lstm.forward(x, { state: { h, c } });
        let state: LSTMState = { h, c };
        const stream = lstm.stream({ batch });
        stream.setState(state);
        for (let t = 0; t < 6; t++) {
          const step = lstm.step(frame(x, t), state);
          expect(step.output.shape).toEqual([batch, hiddenSize]);
          expect(step.output.data()).toEqual(frame(whole.output, t).data());
          expect(stream.push(frame(x, t).data())).toEqual(step.output.data());
          state = step.state;
        }
        for (const part of ["h", "c"] as const) {
          expect(state[part].data()).toEqual(whole.state[part].data());
          expect(stream.state()[part].data()).toEqual(whole.state[part].data());
        }
        stream.dispose();
      });
      lstm.dispose();
    },
  );

  it("gives the gradients of the whole sequence", () => {
    const lstm = new LSTM(3, 4, { numLayers: 2 });
    const gradients = (run: (x: Tensor) => Tensor): Float32Array[] =>
      scope(() => {
        lstm.zeroGrad();
        const x = tensor(fixed, { shape: [2, 3, 3], requiresGrad: true });
        run(x).backward();
        return [x, ...lstm.parameters()].map(({ grad }) => grad!.data());
      });
    const fixed = random.uniforms(18);
    const weights = random.uniforms(8);
    const loss = (h: Tensor) => h.mul(tensor(weights, { shape: [2, 4] })).sum();
    const whole = gradients((x) => loss(frame(lstm.forward(x).output, 2)));
    const stepped = gradients((x) => {
      let last = lstm.step(frame(x, 0));
      for (let t = 1; t < 3; t++) last = lstm.step(frame(x, t), last.state);
      return loss(last.output);
    });
    whole.forEach((gradient, i) =>
      gradient.forEach((g, j) => expect(stepped[i]![j]).toBeCloseTo(g, 5)),
    );
    lstm.dispose();
  });
});

describe("batches", () => {
  it("rows do not depend on each other, to the bit", () => {
    const lstm = new LSTM(6, 7, { bidirectional: true });
    scope(() => {
      const x = input(5, 4, 6);
      const lengths = [4, 2, 0, 3, 1];
      const all = lstm.forward(x, { lengths }).output;
      for (let row = 0; row < 5; row++) {
        const alone = lstm.forward(x.slice(0, row, row + 1), { lengths: [lengths[row]!] }).output;
        expect(alone.data()).toEqual(all.slice(0, row, row + 1).data());
      }
    });
    lstm.dispose();
  });

  it("may be empty, and may have no time: the state passes through", () => {
    const lstm = new LSTM(3, 2, { numLayers: 2 });
    scope(() => {
      const empty = lstm.forward(zeros([0, 4, 3]));
      expect(empty.output.shape).toEqual([0, 4, 2]);
      expect(empty.state.h.shape).toEqual([2, 0, 2]);
      const [h, c] = [input(2, 3, 2), input(2, 3, 2)];
      h.requiresGrad = true;
      const none = lstm.forward(zeros([3, 0, 3]), { state: { h, c } });
      expect(none.output.shape).toEqual([3, 0, 2]);
      expect(none.state.h.data()).toEqual(h.data());
      expect(none.state.c.data()).toEqual(c.data());
      none.state.h.mul(2).sum().backward();
      expect(h.grad!.data().every((g) => g === 2)).toBe(true);
      expect(lstm.weight_hh_l0!.grad!.data().every((g) => g === 0)).toBe(true);
    });
    lstm.dispose();
  });

  it("take lengths of a tensor, an array or an Int32Array alike; full ones are none", () => {
    const lstm = new LSTM(2, 3);
    scope(() => {
      const x = input(2, 4, 2);
      const forms = [[1, 3], Int32Array.of(1, 3), tensor(Int32Array.of(1, 3))];
      const [first, ...others] = forms.map((lengths) => lstm.forward(x, { lengths }).output.data());
      for (const other of others) expect(other).toEqual(first);
      expect(lstm.forward(x, { lengths: [4, 4] }).output.data()).toEqual(
        lstm.forward(x).output.data(),
      );
    });
    lstm.dispose();
  });
});

describe("dropout between layers", () => {
  it("acts in training alone, and the backward pass drops what the forward pass dropped", () => {
    const lstm = new LSTM(3, 16, { numLayers: 2, dropout: 0.5 });
    scope(() => {
      const x = input(4, 1, 3);
      const before = getRngState();
      const trained = lstm.forward(x).output.data();
      expect(lstm.forward(x).output.data()).not.toEqual(trained);
      setRngState(before);
      expect(lstm.forward(x).output.data()).toEqual(trained);
      lstm.eval();
      const state = getRngState();
      const still = lstm.forward(x).output.data();
      expect(getRngState()).toEqual(state);
      expect(lstm.forward(x).output.data()).toEqual(still);
      expect(still).not.toEqual(trained);
    });
    lstm.dispose();
  });

  it("leaves the gradient of what was dropped at zero", () => {
    const lstm = new LSTM(2, 8, { numLayers: 2, dropout: 0.5 });
    scope(() => {
      manualSeed(3);
      const x = input(1, 1, 2);
      lstm.forward(x).output.sum().backward();
      // Columns of the upper weight meet dropped inputs: no gradient; of the lower layer, dropped units have none.
      const upper = lstm.weight_ih_l1!.grad!.toArray() as number[][];
      const dropped = upper[0]!.map((_, j) => upper.every((row) => row[j] === 0));
      const lower = lstm.bias_ih_l0!.grad!.data();
      expect(dropped.filter(Boolean).length).toBeGreaterThan(0);
      expect(dropped.filter(Boolean).length).toBeLessThan(8);
      dropped.forEach((gone, j) => expect(lower[j] === 0).toBe(gone));
      manualSeed(0);
    });
    lstm.dispose();
  });
});

describe("without a graph", () => {
  it("leaves nothing behind, in scopes or out of them", () => {
    const lstm = new LSTM(3, 4, { numLayers: 2, bidirectional: true });
    const cell = new LSTMCell(3, 4);
    const one = new LSTM(3, 4);
    const x = randn([2, 5, 3]);
    const frame = randn([2, 3]);
    const run = () =>
      noGrad(() => {
        const { output, state } = lstm.forward(x, { lengths: [2, 5] });
        const step = one.step(frame);
        const next = cell.forward(frame);
        for (const each of [output, state.h, state.c, next.h, next.c]) each.dispose();
        for (const each of [step.output, step.state.h, step.state.c]) each.dispose();
      });
    run();
    const before = memoryUsage();
    for (let i = 0; i < 20; i++) run();
    expect(memoryUsage()).toEqual(before);
    for (const each of [lstm, cell, one, x, frame]) each.dispose();
  });
});

describe("carry", () => {
  it("takes values over scopes into graphs of their own", () => {
    const lstm = new LSTM(2, 3);
    const carry = lstm.carry(2);
    const window = (x: Tensor): Tensor => {
      const { output, state } = lstm.forward(x, { state: carry });
      // Before backward(): the graph has copied where it started.
      carry.set(state);
      output.sum().backward();
      return output;
    };
    const x = scope(() => input(2, 6, 2));
    const parts = [0, 3].map((t) => scope(() => window(x.slice(1, t, t + 3))));
    const whole = scope(() => lstm.forward(x).output);
    scope(() => {
      expect(parts[0]!.data()).toEqual(whole.slice(1, 0, 3).data());
      expect(parts[1]!.data()).toEqual(whole.slice(1, 3, 6).data());
    });
    expect(carry.h.requiresGrad).toBe(false);
    carry.reset([1]);
    const [kept, gone] = (carry.h.toArray() as number[][][])[0]!;
    expect(gone).toEqual([0, 0, 0]);
    expect(kept!.every((value) => value !== 0)).toBe(true);
    carry.reset();
    expect([...carry.h.data(), ...carry.c.data()].every((value) => value === 0)).toBe(true);
    for (const each of [lstm, carry, x, whole, ...parts]) each.dispose();
  });

  it("refuses what does not fit, and stays as it was", () => {
    const lstm = new LSTM(2, 3, { numLayers: 2 });
    const carry = lstm.carry(2);
    scope(() => {
      const good = input(2, 2, 3);
      carry.set({ h: good, c: good });
      expect(() => carry.set({ h: zeros([2, 2, 3]), c: zeros([2, 3, 2]) })).toThrow(ShapeError);
      expect(() => carry.set({ h: zeros([2, 2, 3]), c: zeros([2, 3, 2]) })).toThrow(
        "carry.set: expected state.c [2, 2, 3] ([numLayers · directions, batch, hidden]), got [2, 3, 2].",
      );
      expect(() => carry.set({ h: zeros([2, 2, 3]) } as LSTMState)).toThrow(
        "expected state.c of type tensor",
      );
      expect(() => carry.reset([0, 2])).toThrow("carry.reset: expected rows from 0 to 1, got 2.");
      expect(carry.h.data()).toEqual(good.data());
    });
    expect(() => lstm.carry(0)).toThrow("carry: expected batch to be a whole number of at least 1");
    lstm.dispose();
    carry.dispose();
  });
});

describe("LSTMCell", () => {
  it("gives the bits of a layer's step", () => {
    const cell = new LSTMCell(3, 4);
    const lstm = new LSTM(3, 4);
    lstm.loadStateDict(new Map([...cell.stateDict()].map(([name, each]) => [`${name}_l0`, each])));
    scope(() => {
      const x = input(2, 3);
      const first = cell.forward(x);
      const { state } = lstm.step(x);
      expect(first.h.shape).toEqual([2, 4]);
      expect(first.h.data()).toEqual(state.h.data());
      const second = cell.forward(x, first);
      expect(second.c.data()).toEqual(lstm.step(x, state).state.c.data());
    });
  });

  it("refuses inputs and states of other shapes", () => {
    const cell = new LSTMCell(3, 4, { bias: false });
    expect(cell.bias_ih).toBeUndefined();
    scope(() => {
      const x = input(2, 3);
      const wrong = "lstmCell: expected";
      expect(() => cell.forward(tensor(1))).toThrow(`${wrong} input [batch, 3], got [].`);
      expect(() => cell.forward(input(2, 4))).toThrow(`${wrong} input [batch, 3], got [2, 4].`);
      expect(() => cell.forward(x, { h: zeros([2, 4]), c: zeros([1, 4]) })).toThrow(
        `${wrong} state.c [2, 4], got [1, 4].`,
      );
    });
  });
});

describe("mistakes", () => {
  const lstm = new LSTM(64, 3, { numLayers: 2 });
  const both = new LSTM(2, 3, { bidirectional: true });

  it.each<[() => unknown, new (...args: never[]) => Error, string]>([
    [
      () => lstm.forward(zeros([32, 100, 65])),
      ShapeError,
      "lstm: expected input [batch, time, 64], got [32, 100, 65]. The last axis must equal inputSize (64).",
    ],
    [
      () => lstm.forward(zeros([100, 64])),
      ShapeError,
      "lstm: expected input [batch, time, 64], got [100, 64]. Give it 3 axes: batch, time, features.",
    ],
    [
      () => lstm.step(zeros([1, 1, 64])),
      ShapeError,
      "lstm: expected input [batch, 64], got [1, 1, 64].",
    ],
    [
      () =>
        lstm.forward(zeros([1, 2, 64]), { state: { h: zeros([2, 1, 3]), c: zeros([1, 1, 3]) } }),
      ShapeError,
      "lstm: expected state.c [2, 1, 3] ([numLayers · directions, batch, hidden]), got [1, 1, 3].",
    ],
    [
      () => lstm.step(zeros([2, 64]), { h: zeros([2, 2, 3]) } as LSTMState),
      OptionError,
      "lstm: expected state.c of type tensor, got undefined.",
    ],
    [
      () =>
        lstm.forward(zeros([1, 2, 64]), {
          state: {
            h: zeros([2, 1, 3]),
            c: zeros([2, 1, 3], { dtype: "int32" }) as unknown as Tensor,
          },
        }),
      Error,
      "lstm: expected float32, got int32.",
    ],
    [
      () => both.step(zeros([1, 2])),
      OptionError,
      "lstm.step: expected a layer that reads forwards only, got a bidirectional one. The backward direction needs the whole sequence: use forward().",
    ],
    [() => both.stream(), OptionError, "lstm.stream: expected a layer that reads forwards only"],
    [
      () => lstm.stream({ batch: 0 }),
      OptionError,
      "lstm.stream: expected batch to be a whole number",
    ],
    [
      () => new LSTM(0, 3),
      OptionError,
      "LSTM: expected inputSize to be a whole number of at least 1, got 0.",
    ],
    [() => new LSTM(3, 2.5), OptionError, "LSTM: expected hiddenSize"],
    [() => new LSTM(3, 2, { numLayers: -1 }), OptionError, "LSTM: expected numLayers"],
    [
      () => new LSTM(3, 2, { dropout: 1 }),
      OptionError,
      "a dropout probability from 0 to below 1, got 1",
    ],
    [
      () => new LSTM(3, 2, { dropout: 0.5 }),
      OptionError,
      "LSTM: expected numLayers above 1 with dropout, which acts between layers, got dropout 0.5 with one layer.",
    ],
    [
      () => new LSTM(3, 2, { projSize: 2 }),
      OptionError,
      "LSTM: expected projSize below hiddenSize (2), got 2.",
    ],
  ])("%s", (mistake, Class, message) => {
    expect(() => scope(() => void mistake())).toThrow(Class);
    expect(() => scope(() => void mistake())).toThrow(message);
  });
});
