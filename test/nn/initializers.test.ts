import { describe, expect, it } from "vitest";
import { GRU, LSTM, LSTMCell, manualSeed, Parameter, RNN, scope, zeros } from "../../src/index.js";
import { initializers } from "../../src/nn/index.js";

const parameter = (...shape: number[]): Parameter => new Parameter(zeros(shape));
const moments = (values: Float32Array) => {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return { mean, std: Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / values.length) };
};

describe("initializers", () => {
  // Standard deviations of [64, 256, 2] by the papers' formulas.
  it.each<[string, (target: Parameter) => void, number, number]>([
    ["uniform", (p) => initializers.uniform(p, -1, 3), 1, 4 / Math.sqrt(12)],
    ["normal", (p) => initializers.normal(p, 2, 0.5), 2, 0.5],
    ["xavierUniform", (p) => initializers.xavierUniform(p), 0, Math.sqrt(2 / 640)],
    ["xavierNormal", (p) => initializers.xavierNormal(p, { gain: 3 }), 0, 3 * Math.sqrt(2 / 640)],
    ["kaimingUniform", (p) => initializers.kaimingUniform(p), 0, Math.sqrt(2 / 512)],
    [
      "kaimingNormal",
      (p) => initializers.kaimingNormal(p, { mode: "fanOut", gain: 1 }),
      0,
      Math.sqrt(1 / 128),
    ],
  ])("%s has its moments, and the same bits for the same seed", (_, fill, mean, std) => {
    const target = parameter(64, 256, 2);
    const { version } = target.storage;
    manualSeed(5);
    fill(target);
    const values = target.data();
    const found = moments(values);
    expect(Math.abs(found.mean - mean)).toBeLessThan(4 * (std / Math.sqrt(values.length)));
    expect(found.std / std).toBeGreaterThan(0.98);
    expect(found.std / std).toBeLessThan(1.02);
    expect(target.storage.version).toBeGreaterThan(version);
    manualSeed(5);
    fill(target);
    expect(target.data()).toEqual(values);
    manualSeed(0);
    target.dispose();
  });

  it.each([
    [[7, 7], 1],
    [[3, 9], 1],
    [[9, 2, 2], 1],
    [[12, 3], 4],
    [[60, 20], 3],
  ])("orthogonal: %j in %d blocks", (shape, blocks) => {
    const target = parameter(...shape);
    initializers.orthogonal(target, { gain: 2, blocks });
    const [height, columns] = [shape[0]! / blocks, target.size / shape[0]!];
    const data = target.data();
    for (let block = 0; block < blocks; block++) {
      const at = (i: number, j: number) => data[(block * height + i) * columns + j]!;
      const wide = height <= columns;
      const [count, length] = wide ? [height, columns] : [columns, height];
      for (let a = 0; a < count; a++)
        for (let b = 0; b < count; b++) {
          let sum = 0;
          for (let i = 0; i < length; i++) sum += wide ? at(a, i) * at(b, i) : at(i, a) * at(i, b);
          expect(sum).toBeCloseTo(a === b ? 4 : 0, 5);
        }
    }
    target.dispose();
  });

  it("makes an IRNN: the state is kept where nothing comes in", () => {
    const rnn = new RNN(2, 3, { nonlinearity: "relu" });
    initializers.identity(rnn.weight_hh_l0!);
    initializers.zero(rnn.bias_ih_l0!);
    initializers.constant(rnn.bias_hh_l0!, 0);
    scope(() => {
      const h = zeros([1, 1, 3]);
      h.set([[[0.5, 0, 2]]]);
      const { output } = rnn.forward(zeros([1, 4, 2]), { state: { h } });
      expect([...output.data()]).toEqual([0.5, 0, 2, 0.5, 0, 2, 0.5, 0, 2, 0.5, 0, 2]);
    });
    initializers.identity(rnn.weight_ih_l0!, { scale: 0.5 });
    expect([...rnn.weight_ih_l0!.data()]).toEqual([0.5, 0, 0, 0.5, 0, 0]);
    rnn.dispose();
  });

  it("sets the forget gates of every layer and direction, and nothing else", () => {
    const lstm = new LSTM(2, 3, { numLayers: 2, bidirectional: true });
    const before = lstm.bias_ih_l1_reverse!.data();
    initializers.forgetBias(lstm, 2);
    for (const end of ["l0", "l0_reverse", "l1", "l1_reverse"] as const) {
      expect([...lstm[`bias_ih_${end}`]!.data().subarray(3, 6)]).toEqual([2, 2, 2]);
      expect([...lstm[`bias_hh_${end}`]!.data().subarray(3, 6)]).toEqual([0, 0, 0]);
    }
    const after = lstm.bias_ih_l1_reverse!.data();
    expect(after.subarray(0, 3)).toEqual(before.subarray(0, 3));
    expect(after.subarray(6)).toEqual(before.subarray(6));
    const cell = new LSTMCell(2, 3);
    initializers.forgetBias(cell);
    expect([...cell.bias_ih!.data().subarray(3, 6)]).toEqual([1, 1, 1]);
    expect(() => initializers.forgetBias(new GRU(2, 3))).toThrow(
      "forgetBias: expected an LSTM or LSTMCell with biases, got GRU.",
    );
  });

  it("spreads the spans that gates remember over, and nothing else: chrono", () => {
    const lstm = new LSTM(2, 50);
    const before = lstm.bias_ih_l0!.data();
    initializers.chronoBias(lstm, 100);
    const [input, forget] = [0, 1].map((gate) =>
      lstm.bias_ih_l0!.data().subarray(gate * 50, gate * 50 + 50),
    ) as [Float32Array, Float32Array];
    const spans = [...forget].map(Math.exp).sort((a, b) => a - b);
    expect(spans[0]).toBeGreaterThanOrEqual(1 - 1e-6);
    expect(spans[49]).toBeLessThan(99);
    // Uniform in [1, 99): a mean of 50 with a standard deviation of 28.3 / √50.
    expect(Math.abs(spans.reduce((a, b) => a + b) / 50 - 50)).toBeLessThan(4 * 4);
    expect([...input]).toEqual([...forget].map((bias) => -bias));
    expect([...lstm.bias_hh_l0!.data().subarray(0, 100)]).toEqual(Array(100).fill(0));
    expect(lstm.bias_ih_l0!.data().subarray(100)).toEqual(before.subarray(100));
    const gru = new GRU(2, 3);
    initializers.chronoBias(gru, 10);
    for (const bias of gru.bias_ih_l0!.data().subarray(3, 6)) {
      expect(bias).toBeGreaterThanOrEqual(0);
      expect(bias).toBeLessThan(Math.log(9) + 1e-6);
    }
    expect(() => initializers.chronoBias(new RNN(2, 3), 10)).toThrow(
      "chronoBias: expected an LSTM, a GRU or a cell of them with biases, got RNN.",
    );
    expect(() => initializers.chronoBias(gru, 2)).toThrow("maxSteps to be a whole number");
  });

  it("refuses shapes and options that make no sense", () => {
    expect(() => initializers.xavierNormal(parameter(3))).toThrow(
      "xavierNormal: expected a weight of at least two axes, [out, in], got [3].",
    );
    expect(() => initializers.orthogonal(parameter(5, 2), { blocks: 2 })).toThrow(
      "orthogonal: expected a matrix whose rows make 2 blocks, got [5, 2].",
    );
    expect(() => initializers.identity(parameter(5))).toThrow("rows make 1 block, got [5]");
    expect(() => initializers.kaimingNormal(parameter(2, 2), { mode: "fan" as never })).toThrow(
      'kaimingNormal: expected mode "fanIn" or "fanOut", got "fan".',
    );
  });
});
