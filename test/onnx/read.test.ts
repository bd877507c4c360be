// What a file may be: checked, refused, run, trained, streamed.
import { describe, expect, it } from "vitest";
import {
  GRU,
  Linear,
  LSTM,
  memoryUsage,
  mseLoss,
  noGrad,
  ones,
  scope,
  SGD,
  tensor,
  zeros,
} from "../../src/index.js";
import { Sequential } from "../../src/nn/index.js";
import { describeOnnx, onnxOperators, readOnnx, toOnnx } from "../../src/onnx/index.js";
import { BOOL, file, FLOAT, floats, INT64, ints, node, value } from "./build.js";
import { expectSame, numbers, runModel, runOrt } from "./ort.js";

const small = () => new Sequential(new LSTM(3, 4), new Linear(4, 2));

describe("checks before anything runs", () => {
  it("names every operator and attribute that is not there, with its node", () => {
    const bytes = file({
      node: [
        node("Resizer", ["x"], ["a"]),
        node("Softmax", ["a"], ["b"], { axes: [1] }),
        node("Pad", ["b", "p"], ["y"], { mode: "mirror" }),
      ],
      initializer: [ints("p", [0, 0])],
      input: [value("x", FLOAT, [2])],
      output: [value("y", FLOAT, [2])],
    });
    const told =
      'Resizer "the_Resizer": no such operator here; Softmax "the_Softmax": attribute axes; Pad "the_Pad": mode "mirror"';
    expect(() => readOnnx(bytes)).toThrow(told);
    expect(describeOnnx(bytes).problems).toEqual(told.split("; "));
  });

  it.each([
    ["a circle", [node("Add", ["x", "b"], ["a"]), node("Relu", ["a"], ["b"])], "circle"],
    ["a value that nobody gives", [node("Add", ["x", "z"], ["b"])], 'a value for "z"'],
    ["a value twice", [node("Relu", ["x"], ["b"]), node("Abs", ["x"], ["b"])], '"b" twice'],
  ])("refuses %s", (_, nodes, message) => {
    const bytes = file({
      node: nodes,
      input: [value("x", FLOAT, [2])],
      output: [value("b", FLOAT, [2])],
    });
    expect(() => readOnnx(bytes)).toThrow(message);
  });

  it("runs nodes in an order of its own", () => {
    const bytes = file({
      node: [node("Relu", ["a"], ["y"]), node("Neg", ["x"], ["a"])],
      input: [value("x", FLOAT, [2])],
      output: [value("y", FLOAT, [2])],
    });
    const given = { x: { shape: [2], data: Float32Array.of(-3, 4) } };
    expectSame(runModel(readOnnx(bytes), given), { y: { shape: [2], data: [3, 0] } });
  });

  it("refuses inputs that do not fit, by their names", () => {
    const model = readOnnx(toOnnx(small()));
    expect(() => model.forward({ x: ones([2, 5, 4]) })).toThrow(
      'input "x": expected [batch, time, 3], got [2, 5, 4]',
    );
    expect(() => model.forward({ x: ones([2, 5, 3], { dtype: "int32" }) })).toThrow(
      "expected float32, got int32",
    );
    expect(() => model.forward({ y: ones([2, 5, 3]) })).toThrow('expected the inputs "x", got "y"');
    expect(() => model.forward({})).toThrow('got no "x"');
  });

  it("says which node failed", () => {
    const bytes = file({
      node: [node("MatMul", ["x", "W"], ["y"])],
      initializer: [floats("W", [3, 2], [1, 2, 3, 4, 5, 6])],
      input: [value("x", FLOAT, ["n", "k"])],
      output: [value("y", FLOAT, ["n", 2])],
    });
    expect(() => readOnnx(bytes).forward({ x: ones([2, 4]) })).toThrow(
      'MatMul "the_MatMul", linear: expected',
    );
  });
});

describe("parameters", () => {
  it("have the initializers' names, and train", () => {
    const model = readOnnx(toOnnx(small()));
    expect([...model.stateDict().keys()]).toEqual([
      "0.W_l0_0",
      "0.R_l0_0",
      "0.B_l0_0",
      "1.weight",
      "1.bias",
    ]);
    const optimizer = new SGD(model.parameters(), { lr: 0.5 });
    const [x, target] = [tensor(numbers(2, 5, 3).data, { shape: [2, 5, 3] }), zeros([2, 5, 2])];
    const losses = Array.from({ length: 5 }, () =>
      scope(() => {
        optimizer.zeroGrad();
        const loss = mseLoss(model.forward({ x }).output!, target);
        loss.backward();
        optimizer.step();
        return loss.item();
      }),
    );
    expect(losses[4]).toBeLessThan(losses[0]! / 2);
  });

  it("take effect when they change: nothing of the old ones is kept", () => {
    const own = small();
    const model = readOnnx(toOnnx(own));
    const given = { x: numbers(2, 5, 3) };
    const before = runModel(model, given);
    for (const parameter of model.parameters()) parameter.set(parameter.data().map((x) => -x));
    for (const parameter of own.parameters()) parameter.set(parameter.data().map((x) => -x));
    const after = runModel(model, given);
    expect(after["output"]).not.toEqual(before["output"]);
    expectSame(after, runModel(readOnnx(toOnnx(own)), given), 1e-6);
  });

  it("may stand in another file", () => {
    const data = new Uint8Array(Float32Array.of(9, 1, 2, 3, 4).buffer);
    const external = (name: string, offset: number, length: number) => ({
      ...{ name, dims: [length / 4], dataType: FLOAT, dataLocation: 1 },
      externalData: Object.entries({
        location: "w.bin",
        offset: String(offset),
        length: String(length),
      }).map(([key, value]) => ({ key, value })),
    });
    const bytes = file({
      node: [node("Mul", ["x", "w"], ["y"])],
      initializer: [external("w", 4, 16)],
      input: [value("x", FLOAT, [4])],
      output: [value("y", FLOAT, [4])],
    });
    const right = { y: { shape: [4], data: [2, 4, 6, 8] } };
    const given = { x: { shape: [4], data: Float32Array.of(2, 2, 2, 2) } };
    for (const externalData of [{ "w.bin": data }, new Map([["w.bin", data]]), () => data])
      expectSame(runModel(readOnnx(bytes, { externalData }), given), right);
    expect(() => readOnnx(bytes)).toThrow('the bytes of "w.bin", where tensor "w" is, got none');
    expect(() => readOnnx(bytes, { externalData: { "w.bin": data.subarray(8) } })).toThrow(
      "16 from 4 on",
    );
  });
});

/** Adds x in each round, and keeps the squares. */
const loop = file({
  node: [
    node("Loop", ["count", "", "x"], ["last", "squares"], {
      body: {
        graph: {
          name: "body",
          node: [
            node("Add", ["carried", "x"], ["next"]),
            node("Mul", ["next", "next"], ["square"]),
            node("Identity", ["goes_on"], ["goes_on_out"]),
          ],
          input: [
            value("i", INT64, []),
            value("goes_on", BOOL, []),
            value("carried", FLOAT, ["n"]),
          ],
          output: [
            value("goes_on_out", BOOL, []),
            value("next", FLOAT, ["n"]),
            value("square", FLOAT, ["n"]),
          ],
        },
      },
    }),
  ],
  input: [value("x", FLOAT, ["n"]), value("count", INT64, [])],
  output: [value("last", FLOAT, ["n"]), value("squares", FLOAT, ["rounds", "n"])],
});

describe("graphs in graphs", () => {
  const branch = (name: string, opType: string) => ({
    graph: {
      name,
      node: [node(opType, ["x"], [`${name}_y`])],
      output: [value(`${name}_y`, FLOAT, ["n"])],
    },
  });

  it("If takes the branch that its condition says", async () => {
    const bytes = file({
      node: [
        node("If", ["flag"], ["y"], {
          then_branch: branch("then", "Neg"),
          else_branch: branch("else", "Abs"),
        }),
      ],
      input: [value("x", FLOAT, ["n"]), value("flag", BOOL, [])],
      output: [value("y", FLOAT, ["n"])],
    });
    const model = readOnnx(bytes);
    for (const flag of [0, 1]) {
      const given = { x: numbers(4), flag: { shape: [], data: Int32Array.of(flag) } };
      expectSame(runModel(model, given), await runOrt(bytes, model, given));
    }
  });

  it("Loop carries values, and keeps those of each round", async () => {
    const model = readOnnx(loop);
    for (const rounds of [0, 1, 4]) {
      const given = { x: numbers(3), count: { shape: [], data: Int32Array.of(rounds) } };
      if (rounds > 0) expectSame(runModel(model, given), await runOrt(loop, model, given));
      else expect(runModel(model, given)["last"]!.data).toEqual(given.x.data);
    }
  });

  it("Loop's rounds leave no memory behind", () => {
    const model = readOnnx(loop);
    const size = 100_000;
    const x = tensor(new Float32Array(size).fill(1), { shape: [size] });
    const run = (rounds: number): number =>
      scope(() => {
        const count = tensor(rounds, { dtype: "int32" });
        noGrad(() => expect(model.forward({ x, count })["last"]!.data()[0]).toBe(rounds + 1));
        return memoryUsage().arenaBytes;
      });
    const few = run(4);
    const { heapBytes, tensors } = memoryUsage();
    const many = run(40);
    const after = memoryUsage();
    expect([after.heapBytes, after.tensors]).toEqual([heapBytes, tensors]);
    // The squares, which are kept, are 14 MB more; with all that the rounds made it would be 43.
    expect(many - few).toBeLessThan(25e6);
  });

  it("gradients go through a Loop", () => {
    const model = readOnnx(loop);
    const x = tensor([1, 2], { requiresGrad: true });
    scope(() => {
      const { last } = model.forward({ x, count: tensor(3, { dtype: "int32" }) });
      last!.sum().backward();
    });
    expect([...x.grad!.data()]).toEqual([4, 4]);
  });
});

describe("streams", () => {
  it("of a file with states give what the whole gives", () => {
    const layer = new GRU(3, 4, { numLayers: 2 });
    const model = readOnnx(toOnnx(layer, { states: true }));
    const stream = model.stream();
    expect(stream.states).toEqual(["h0"]);
    const { data } = numbers(1, 6, 3);
    const whole = scope(() =>
      layer.forward(tensor(data as Float32Array, { shape: [1, 6, 3] })).output.data(),
    );
    for (let round = 0; round < 2; round++) {
      const steps = Array.from({ length: 6 }, (_, t) =>
        scope(() => {
          const x = tensor((data as Float32Array).slice(3 * t, 3 * t + 3), { shape: [1, 1, 3] });
          return [...stream.step({ x })["output"]!];
        }),
      );
      steps.flat().forEach((x, i) => expect(x).toBeCloseTo(whole[i]!, 6));
      stream.reset();
    }
    stream.dispose();
  });

  it("move states that are views of others on together", () => {
    const bytes = file({
      node: [
        node("Identity", ["x"], ["first_out"]),
        node("Reshape", ["first", "shape"], ["second_out"]),
        node("Add", ["first", "second"], ["y"]),
      ],
      initializer: [ints("shape", [-1])],
      input: ["x", "first", "second"].map((name) => value(name, FLOAT, [1])),
      output: ["first_out", "second_out", "y"].map((name) => value(name, FLOAT, [1])),
    });
    const stream = readOnnx(bytes).stream({ states: { first: "first_out", second: "second_out" } });
    const given = [1, 2, 3, 4];
    // Each step adds the two inputs before it.
    const sums = given.map((x) => scope(() => stream.step({ x: tensor([x]) })["y"]![0]));
    expect(sums).toEqual([0, 1, 3, 5]);
    const x = tensor([1]);
    expect(() => stream.step({ x, first: x })).toThrow('inputs that are no states, got "first"');
  });

  it("read states as weights anew in each step", () => {
    const bytes = file({
      node: [node("MatMul", ["x", "W"], ["y"]), node("Add", ["W", "x"], ["W_out"])],
      input: [value("x", FLOAT, [1, 2]), value("W", FLOAT, [2, 2])],
      output: [value("y", FLOAT, [1, 2]), value("W_out", FLOAT, [2, 2])],
    });
    const stream = readOnnx(bytes).stream();
    const sums = [1, 1, 1].map(() => scope(() => stream.step({ x: tensor([[1, 2]]) })["y"]![0]));
    expect(sums).toEqual([0, 3, 6]);
  });

  it("take the states that are named, and ask for them where none are found", () => {
    const bytes = file({
      node: [node("Add", ["x", "kept"], ["y"])],
      input: [value("x", FLOAT, ["n"]), value("kept", FLOAT, ["n"])],
      output: [value("y", FLOAT, ["n"])],
    });
    const model = readOnnx(bytes);
    expect(() => model.stream()).toThrow('got inputs "x", "kept" and outputs "y"');
    expect(() => model.stream({ states: { kept: "z" } })).toThrow('got "kept" to "z"');
    const stream = model.stream({ states: { kept: "y" } });
    scope(() => {
      const x = ones([1]);
      for (let i = 0; i < 3; i++) stream.step({ x });
    });
    // y is the state: no output is left.
    expect(scope(() => stream.step({ x: ones([1]) }))).toEqual({});
  });
});

describe("bytes that are no model", () => {
  const good = () => toOnnx(small());

  it("are refused by name", () => {
    expect(() => readOnnx(new Uint8Array(0))).toThrow("an ONNX model, got an empty file");
    expect(() => readOnnx(new TextEncoder().encode("PK not a model at all"))).toThrow(
      /readOnnx: expected/,
    );
    expect(() => readOnnx(good().subarray(0, 200))).toThrow(/readOnnx: expected/);
  });
});

it("lists the operators", () => {
  expect(onnxOperators()).toContain("LSTM");
  expect(onnxOperators().length).toBeGreaterThan(120);
});
