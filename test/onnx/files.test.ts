// Files that are none of ONNX, and damaged ones that ask for memory: refused by name, before the memory is taken.
import { describe, expect, it } from "vitest";
import { GRU, Linear, ones, saveSafetensors, scope, zeros } from "../../src/index.js";
import { describeOnnx, readOnnx, toOnnx } from "../../src/onnx/index.js";
import { file, FLOAT, floats, INT64, ints, node, value } from "./build.js";

describe("what is given instead of bytes", () => {
  const { buffer } = toOnnx(new Linear(2, 2));
  it.each<[string, unknown, string]>([
    ["an ArrayBuffer", buffer, "new Uint8Array(buffer)"],
    ["a path", "model.onnx", "readFileSync(path)"],
    ["a promise", Promise.resolve(buffer), "await it first"],
    ["a response", new Response(), "new Uint8Array(await response.arrayBuffer())"],
  ])("%s is refused with the way from there", (_, given, cure) => {
    for (const read of [readOnnx, describeOnnx])
      expect(() => read(given as Uint8Array)).toThrow(
        expect.objectContaining({
          name: "OptionError",
          message: expect.stringMatching(/the bytes of a file, a Uint8Array/) as string,
          cure: expect.stringContaining(cure) as string,
        }),
      );
  });
});

describe("files of other kinds", () => {
  const bytes = (text: string): Uint8Array => Uint8Array.from(text, (each) => each.charCodeAt(0));
  it.each([
    ["Git LFS", bytes("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a"), /Git LFS/],
    ["HTML", bytes("<!DOCTYPE html><html>Not found</html>"), /an HTML or XML page/],
    ["a text", bytes("Not Found"), /got a text/],
    ["a zip archive", bytes("PK\x03\x04\x14\0\0\0\0\0\0\0\0\0"), /a zip archive/],
    ["gzip", bytes("\x1f\x8b\x08\0\0\0\0\0"), /a gzip file/],
    ["safetensors", saveSafetensors({ x: ones([2]) }), /a safetensors file/],
    ["nothing", bytes(""), /an empty file/],
  ])("%s is named", (_, given, what) => {
    expect(() => readOnnx(given)).toThrow(what);
    expect(() => describeOnnx(given)).toThrow(what);
  });
});

describe("sizes that a damaged file asks for", () => {
  const constant = (name: string) => node("ConstantOfShape", [`${name}_shape`], [name]);
  const [large, largeShape] = [constant("large"), ints("large_shape", [736_000_000 / 4])];
  const [row, rowShape] = [constant("row"), ints("row_shape", [60_000])];
  const [column, columnShape] = [constant("column"), ints("column_shape", [60_000, 1])];
  const graphs = {
    ConstantOfShape: { node: [large], initializer: [largeShape], of: "large" },
    Expand: {
      node: [node("Expand", ["x", "sizes"], ["made"])],
      initializer: [ints("sizes", [20_000, 20_000])],
      of: "made",
    },
    Tile: {
      node: [node("Tile", ["x", "sizes"], ["made"])],
      initializer: [ints("sizes", [400_000_000])],
      of: "made",
    },
    Range: {
      node: [node("Range", ["zero", "limit", "step"], ["made"])],
      initializer: ["zero", "limit", "step"].map((name, i) => ({
        ...{ name, dims: [], dataType: INT64 },
        int64Data: [[0, 300_000_000, 1][i]!],
      })),
      of: "made",
    },
    Pad: {
      node: [node("Pad", ["x", "sizes"], ["made"])],
      initializer: [ints("sizes", [0, 400_000_000])],
      of: "made",
    },
  };

  it.each(Object.entries(graphs))("by %s are refused as it runs", (name, { of, ...graph }) => {
    const before = process.memoryUsage().arrayBuffers;
    const model = readOnnx(
      file({
        ...graph,
        node: [
          ...graph.node,
          node("Cast", [of], ["cast"], { to: 1 }),
          node("Add", ["cast", "x"], ["y"]),
        ],
        input: [value("x", FLOAT, [1])],
        output: [value("y", FLOAT, ["n"])],
      }),
    );
    expect(() => scope(() => void model.forward({ x: zeros([1]) }))).toThrow(
      new RegExp(`^${name}.*a shape of at most \\d+ elements`),
    );
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 25);
    model.dispose();
  });

  it("are not computed while a file is read, whatever the operator", () => {
    const bytes = file({
      // Two small constants whose product has 3.6 · 10^9 elements.
      node: [
        row,
        column,
        node("MatMul", ["column", "row"], ["product"]),
        node("Add", ["product", "x"], ["y"]),
      ],
      initializer: [rowShape, columnShape],
      input: [value("x", FLOAT, [1])],
      output: [value("y", FLOAT, ["n", "n"])],
    });
    const before = process.memoryUsage().arrayBuffers;
    readOnnx(bytes).dispose();
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(1 << 25);
  });

  it("within the file's own size are computed once, as ever", () => {
    const model = readOnnx(
      file({
        node: [row, node("Mul", ["row", "w"], ["z"]), node("Add", ["z", "x"], ["y"])],
        initializer: [rowShape, floats("w", [1], [2])],
        input: [value("x", FLOAT, [1])],
        output: [value("y", FLOAT, [60_000])],
      }),
    );
    expect(scope(() => model.forward({ x: ones([1]) }).y!.data()[59_999])).toBe(1);
    model.dispose();
  });
});

describe("states of a stream", () => {
  const model = (axes: (string | number)[], type = FLOAT) =>
    readOnnx(
      file({
        node: [node("Add", ["x", "h"], ["y"]), node("Identity", ["y"], ["hn"])],
        input: [value("x", FLOAT, ["batch", 2]), value("h", FLOAT, ["batch", 2])],
        output: [value("y", type, ["batch", 2]), value("hn", FLOAT, axes)],
      }),
    );

  it("are of one type, with the same axes", () => {
    expect(() => model(["batch", 3]).stream({ states: { h: "hn" } })).toThrow(
      "h: float [batch, 2]",
    );
    expect(() => model([2]).stream({ states: { h: "hn" } })).toThrow("hn: float [2]");
    expect(() => model(["batch", 2], INT64).stream({ states: { h: "y" } })).toThrow(
      "y: int64 [batch, 2]",
    );
    expect(() => model(["batch", 2]).stream({ states: {} })).toThrow("got none");
    expect(() => model(["batch", 2]).stream({ states: { h: 3 as never } })).toThrow("got");
    // A value of the graph is no output of it.
    expect(() => model(["batch", 2]).stream({ states: { h: "x" } })).toThrow('got "h" to "x"');
  });

  it("have as many rows as the inputs, which is said before anything runs", () => {
    const stream = readOnnx(toOnnx(new GRU(3, 4), { states: true })).stream();
    expect(() => scope(() => stream.step({ x: zeros([2, 1, 3]) }))).toThrow(
      'input "x": expected a batch of 1, as the states have, got 2',
    );
    const fixed = readOnnx(
      file({
        node: [node("Add", ["x", "h"], ["hn"])],
        input: [value("x", FLOAT, [1, 2]), value("h", FLOAT, [1, 2])],
        output: [value("hn", FLOAT, [1, 2])],
      }),
    );
    expect(() => fixed.stream({ batch: 2 })).toThrow("batch 1: all sizes of the states are fixed");
  });
});
