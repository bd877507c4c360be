// Groups of nodes that become one, and those that look alike and do not.
import { expect, it } from "vitest";
import { GELU } from "../../src/nn/index.js";
import { readOnnx, toOnnx } from "../../src/onnx/index.js";
import { file, FLOAT, floats, node as anyNode, value } from "./build.js";
import { expectSame, numbers, runModel, runOrt } from "./ort.js";

/** ONNX Runtime refuses two nodes of one name. */
const node = (...args: Parameters<typeof anyNode>) => ({
  ...anyNode(...args),
  name: args[2].join(),
});

const number = (name: string, x: number) => floats(name, [], [x]);

/** A layer normalization as exporters before version 17 write it. */
function normalization({ axis = -1, square = "Pow", outputs = ["y"] } = {}): Uint8Array {
  const squared = square === "Pow" ? ["d", "two"] : ["d", "d"];
  return file(
    {
      node: [
        node("ReduceMean", ["x"], ["m"], { axes: [axis], keepdims: 1 }),
        node("Sub", ["x", "m"], ["d"]),
        node(square, squared, ["s"]),
        node("ReduceMean", ["s"], ["v"], { axes: [axis], keepdims: 1 }),
        node("Add", ["v", "eps"], ["e"]),
        node("Sqrt", ["e"], ["r"]),
        node("Div", ["d", "r"], ["n"]),
        node("Mul", ["n", "weight"], ["w"]),
        node("Add", ["bias", "w"], ["y"]),
      ],
      initializer: [
        number("two", 2),
        number("eps", 1e-4),
        floats("weight", [6], [1, 2, 3, 4, 5, 6]),
        floats("bias", [6], [6, 5, 4, 3, 2, 1]),
      ],
      input: [value("x", FLOAT, ["batch", 4, 6])],
      output: outputs.map((name) => value(name, FLOAT, ["batch", 4, "size"])),
    },
    13,
  );
}

/** What a model computes, after its numbers were compared with ONNX Runtime's. */
async function computed(bytes: Uint8Array): Promise<string[]> {
  const model = readOnnx(bytes);
  const given = { x: numbers(2, 4, 6) };
  expectSame(runModel(model, given), await runOrt(bytes, model, given));
  return model.nodes_.map(({ opType }) => opType);
}

it("layer normalization", async () => {
  expect(await computed(normalization())).toEqual(["LayerNormalization"]);
  expect(await computed(normalization({ square: "Mul" }))).toEqual(["LayerNormalization"]);
});

it("no layer normalization: another axis, a value that others read", async () => {
  expect(await computed(normalization({ axis: 1 }))).toHaveLength(9);
  for (const inner of ["m", "d", "r", "w"])
    expect(await computed(normalization({ outputs: ["y", inner] }))).toHaveLength(9);
});

it("GELU of either form", async () => {
  for (const approximate of ["none", "tanh"] as const) {
    const bytes = toOnnx(new GELU({ approximate }), { inputs: { x: ["batch", 4, 6] } });
    expect(await computed(bytes)).toEqual(["Gelu"]);
  }
});

it("GELU as PyTorch writes it; with another number, or a value that others read, none", async () => {
  const bytes = (root: number, outputs = ["y"]): Uint8Array =>
    file({
      node: [
        node("Div", ["x", "root"], ["q"]),
        node("Erf", ["q"], ["f"]),
        node("Add", ["f", "one"], ["a"]),
        node("Mul", ["x", "a"], ["p"]),
        node("Mul", ["p", "half"], ["y"]),
      ],
      initializer: [number("root", root), number("one", 1), number("half", 0.5)],
      input: [value("x", FLOAT, ["batch", 4, 6])],
      output: outputs.map((name) => value(name, FLOAT, ["batch", 4, 6])),
    });
  expect(await computed(bytes(Math.SQRT2))).toEqual(["Gelu"]);
  expect(await computed(bytes(1.5))).toHaveLength(5);
  expect(await computed(bytes(Math.SQRT2, ["y", "f"]))).toHaveLength(5);
});
