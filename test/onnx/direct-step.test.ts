// Streams of one recurrent node: its kernel's call alone, with the numbers of the graph; and what looks like it, but is more.
import { afterEach, expect, it, vi } from "vitest";
import { GRU, LSTM, manualSeed, RNN, scope, tensor } from "../../src/index.js";
import { DirectStep } from "../../src/onnx/direct-step.js";
import { readOnnx, toOnnx, type OnnxStream } from "../../src/onnx/index.js";
import { file, FLOAT, floats, node, value } from "./build.js";
import { numbers } from "./ort.js";

const direct = vi.spyOn(DirectStep.prototype, "step");
afterEach(() => void direct.mockClear());

const { data } = numbers(12, 3);
const frame = (t: number, batch: number) =>
  tensor((data as Float32Array).slice(3 * batch * t, 3 * batch * (t + 1)), {
    shape: [batch, 1, 3],
  });

function run(stream: OnnxStream, batch: number, steps = 6): number[] {
  return Array.from({ length: steps }, (_, t) =>
    scope(() => [...stream.step({ x: frame(t, batch) })["output"]!]),
  ).flat();
}

it.each([
  ["LSTM", () => new LSTM(3, 4), 1],
  ["LSTM, a batch", () => new LSTM(3, 4), 2],
  ["GRU", () => new GRU(3, 4), 1],
  ["GRU, reset before", () => new GRU(3, 4, { resetAfter: false }), 1],
  ["RNN", () => new RNN(3, 4, { bias: false }), 1],
] as const)("%s, as the layer", (_, make, batch) => {
  manualSeed(1);
  const layer = make() as LSTM;
  const model = readOnnx(toOnnx(layer, { states: true }));
  const stream = model.stream({ batch });
  const own = layer.stream({ batch });
  const out = new Float32Array(4 * batch);
  for (let round = 0; round < 2; round++) {
    own.reset();
    stream.reset();
    const right = Array.from({ length: 6 }, (_, t) => {
      own.push(
        scope(() => frame(t, batch).data()),
        out,
      );
      return [...out];
    }).flat();
    run(stream, batch).forEach((each, i) => expect(each).toBeCloseTo(right[i]!, 6));
  }
  expect(direct.mock.results.filter(({ value }) => value !== undefined)).toHaveLength(11);
  // Weights that change are read.
  const before = run(stream, batch);
  for (const parameter of model.parameters())
    parameter.set(parameter.data().map((each) => each / 2));
  stream.reset();
  expect(run(stream, batch)).not.toEqual(before);
  stream.dispose();
});

it("is not taken of two layers, of a head, of states that change places", () => {
  const W = numbers(1, 4, 3);
  const R = numbers(1, 4, 1);
  const lstm = (...outputs: ReturnType<typeof node>[]) =>
    readOnnx(
      file({
        node: [
          node("LSTM", ["x", "W", "R", "", "", "a0", "b0"], ["Y", "an", "bn"], { hidden_size: 1 }),
          ...outputs,
        ],
        initializer: [floats("W", [1, 4, 3], [...W.data]), floats("R", [1, 4, 1], [...R.data])],
        input: [
          value("x", FLOAT, ["batch", 1, 3]),
          ...["a0", "b0"].map((name) => value(name, FLOAT, [1, 1, 1])),
        ],
        output: ["output", "an", "bn"].map((name) => value(name, FLOAT, ["time", 1, "size"])),
      }),
    );
  const squeezed = node("Squeeze", ["Y"], ["output"]);
  const cases: [ReturnType<typeof readOnnx>, Record<string, string> | undefined, boolean][] = [
    [lstm(squeezed), { a0: "an", b0: "bn" }, true],
    [lstm(squeezed), { a0: "bn", b0: "an" }, false],
    [lstm(node("Relu", ["Y"], ["output"])), { a0: "an", b0: "bn" }, false],
    [readOnnx(toOnnx(new GRU(3, 4, { numLayers: 2 }), { states: true })), undefined, false],
    [readOnnx(toOnnx(new GRU(3, 4, { bidirectional: true }), { states: true })), undefined, false],
  ];
  for (const [model, states, taken] of cases) {
    direct.mockClear();
    const stream = model.stream({ states });
    run(stream, 1, 3);
    expect(direct).toHaveBeenCalledTimes(taken ? 2 : 0);
  }
});

it("is left where inputs are of another size: these are refused as ever", () => {
  const stream = readOnnx(toOnnx(new GRU(3, 4), { states: true })).stream();
  run(stream, 1, 2);
  expect(() => scope(() => stream.step({ x: frame(0, 2) }))).toThrow("a batch of 1");
  expect(() => scope(() => stream.step({ y: frame(0, 1) }))).toThrow('got "y"');
  // Several steps at once are a sequence: the state goes on from its end.
  const whole = scope(() =>
    stream.step({ x: tensor((data as Float32Array).slice(6, 15), { shape: [1, 3, 3] }) }),
  );
  stream.reset();
  const single = run(stream, 1, 5);
  whole["output"]!.forEach((each, i) => expect(each).toBeCloseTo(single[8 + i]!, 6));
});
