// Files of torch.save: the numbers that PyTorch saved, to the bit; what is not read is named; nothing in a file runs.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unzipSync, zipSync } from "fflate";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { FormatError, OptionError, StateDictError } from "../../src/core/errors.js";
import { Linear } from "../../src/nn/linear.js";
import { LSTM } from "../../src/nn/lstm.js";
import type { TorchTensor } from "../../src/pytorch/index.js";
import { loadTorch, PythonObject, readTorch } from "../../src/pytorch/index.js";
import { pythonWith, runPython } from "../helpers/python.js";

const here = (name: string): string => new URL(`fixtures/${name}`, import.meta.url).pathname;
const fixture = (name: string): Uint8Array => readFileSync(here(name));
const others = unzipSync(fixture("others.zip"));

interface Expected {
  readonly shape: number[];
  readonly dtype: string;
  readonly data: string;
}

/** Compares a file with the numbers that Python wrote beside it, bit by bit. */
function check(folder: string, name: string): void {
  const expected = JSON.parse(readFileSync(join(folder, `${name}.json`), "utf8")) as Record<
    string,
    Expected
  >;
  const tensors = loadTorch(readFileSync(join(folder, `${name}.pt`)));
  expect([...tensors.keys()].sort(), name).toEqual(Object.keys(expected).sort());
  for (const [key, { shape, dtype, data }] of Object.entries(expected)) {
    const read = tensors.get(key)!;
    expect([read.dtype, read.shape], `${name} ${key}`).toEqual([dtype, shape]);
    const { buffer, byteOffset, byteLength } = read.data();
    expect(Buffer.from(buffer, byteOffset, byteLength).toString("base64"), key).toBe(data);
  }
}

describe("state dicts that torch.save wrote are read to the bit", () => {
  it.each([
    ...["dtype-bfloat16", "dtype-float16", "dtype-int64", "dtype-bool", "lstm", "tied", "strided"],
    ...["shared-storage", "checkpoint", "module-prefix", "nested-twice"],
  ])("%s", (name) => check(here("."), name));

  describe("by the PyTorch of this machine", () => {
    const python = pythonWith("torch");
    const folder = mkdtempSync(join(tmpdir(), "torch-"));
    afterAll(() => rmSync(folder, { recursive: true }));
    beforeAll(() => python && runPython(python, here("make-torch.py"), folder));

    it.skipIf(!python)("forty of all kinds", () => {
      const names = runPython("ls", folder).split("\n");
      const files = names.filter((file) => file.endsWith(".pt"));
      expect(files.length).toBe(40);
      for (const file of files) check(folder, file.slice(0, -3));
    });
  });

  it("into a module", () => {
    const lstm = new LSTM(3, 4, { numLayers: 2, bidirectional: true });
    lstm.loadStateDict(loadTorch(fixture("lstm.pt")));
    expect(lstm.stateDict().size).toBe(16);
  });

  it("tied weights are one Tensor", () => {
    const state = loadTorch(fixture("tied.pt"));
    expect(state.get("head.weight")).toBe(state.get("embedding.weight"));
  });
});

describe("checkpoints", () => {
  it("say what else they hold", () => {
    const checkpoint = readTorch(fixture("checkpoint.pt")) as Map<string, unknown>;
    expect(checkpoint.get("epoch")).toBe(3);
    expect(checkpoint.get("loss")).toBe(1.5);
    expect(checkpoint.get("name")).toBe("näme");
    expect(checkpoint.get("big")).toBe(2n ** 70n);
    expect(checkpoint.get("none")).toBe(null);
    expect(checkpoint.get("shape")).toEqual([2, 3]);
    expect(checkpoint.get("history")).toEqual([1.5, -2, new Map([["a", 1]])]);
    expect((checkpoint.get("args") as Map<string, unknown>).get("lr")).toBe(0.1);
    const weight = (checkpoint.get("model_state_dict") as Map<string, TorchTensor>).get(
      "0.weight",
    )!;
    expect([weight.dtype, weight.shape, weight.size]).toEqual(["F32", [4, 3], 12]);
    expect(weight.read().shape).toEqual([4, 3]);
    const optimizer = checkpoint.get("optimizer") as Map<string, Map<number, unknown>>;
    expect([...optimizer.get("state")!.keys()]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it("with several state dicts ask which", () => {
    const several = others.several!;
    expect(() => loadTorch(several)).toThrow(
      /expected one state dict, got 2: model, ema.*Choose one: \{ key: "model" \}/,
    );
    expect([...loadTorch(several, { key: "ema" }).keys()]).toEqual(["weight", "bias"]);
    expect(() => loadTorch(several, { key: "net" })).toThrow(
      /under "net", got none; there are model/,
    );
    expect(loadTorch(fixture("nested-twice.pt"), { key: "model.weights" }).size).toBe(2);
    for (const key of ["model", "net"])
      expect(() => loadTorch(fixture("nested-twice.pt"), { key })).toThrow(
        /There is one by \{ key: "model\.weights" \}/,
      );
    expect(() => loadTorch(fixture("lstm.pt"), { key: "model" })).toThrow(/leave key out/);
  });

  it("with one state dict under two names have one", () => {
    expect([...loadTorch(others.same!).keys()]).toEqual(["weight", "bias"]);
  });

  it("prefixes are taken off, or told", () => {
    const bytes = fixture("module-prefix.pt");
    const linear = new Linear(3, 2);
    expect(() => linear.loadStateDict(loadTorch(bytes))).toThrow(StateDictError);
    expect(() => linear.loadStateDict(loadTorch(bytes))).toThrow(/Take "module\." off/);
    linear.loadStateDict(loadTorch(bytes, { prefix: "module." }));
    expect(() => loadTorch(bytes, { prefix: "net." })).toThrow(
      /names that begin with "net\.", got "module\.weight"/,
    );
    expect(() => loadTorch(bytes, { prefix: "weight" })).toThrow(/prefix: "module\.weight"/);
  });
});

describe("what is not read is named, with the way from there", () => {
  it("files of before PyTorch 1.6", () => {
    expect(() => loadTorch(others.legacy!)).toThrow(
      /before PyTorch 1\.6.*torch\.save\(torch\.load\(path, map_location="cpu"\), path\)/,
    );
  });

  it("programs of TorchScript", () => {
    expect(() => loadTorch(others.program!)).toThrow(/a TorchScript program.*state_dict.*"skip"/);
  });

  it("modules as a whole, by their class", () => {
    expect(() => loadTorch(others.module!)).toThrow(FormatError);
    expect(() => loadTorch(others.module!)).toThrow(
      /"torch\.nn\.modules\.linear\.Linear", a class or function.*model\.state_dict\(\)/,
    );
  });

  it.each(["module", "program"])("and its cure reads their state dicts: a %s", (name) => {
    const linear = new Linear(2, 1);
    linear.loadStateDict(loadTorch(others[name]!, { unknown: "skip" }));
    const other = loadTorch(others[name === "module" ? "program" : "module"]!, { unknown: "skip" });
    expect(linear.weight.toArray()).toEqual(other.get("weight")!.toArray());
  });

  it.each([
    ["complex", /complex numbers, "torch\.ComplexFloatStorage".*save x\.real and x\.imag/],
    ["quantized", /a quantized tensor, "torch\._utils\._rebuild_qtensor".*x\.dequantize\(\)/],
    ["sparse", /a sparse tensor, .*x\.to_dense\(\)/],
  ])("tensors that are no rows of numbers, unless they are left out: %s", (name, message) => {
    const bytes = others[name]!;
    expect(() => loadTorch(bytes)).toThrow(message);
    const state = loadTorch(bytes, { unknown: "skip" });
    expect([...state].map(([key, { shape }]) => [key, shape])).toEqual([["plain", [2]]]);
  });

  it("classes of one's own, unless they are to be left out", () => {
    const bytes = others.unknown!;
    expect(() => loadTorch(bytes, { name: "a.pt" })).toThrow(/"__main__\.Config".*of a\.pt/);
    expect(loadTorch(bytes, { unknown: "skip" }).size).toBe(2);
    const { type, state } = (
      readTorch(bytes, { unknown: "skip" }) as Map<string, PythonObject>
    ).get("config")!;
    expect(type).toBe("__main__.Config");
    expect(state).toEqual(new Map([["layers", 2]]));
    expect(() => loadTorch(bytes, { unknown: "run" as never })).toThrow(OptionError);
  });

  it("functions that would do harm: they are names, and do nothing", () => {
    for (const text of [
      "cos\nsystem\n(X\u0003\0\0\0idstR.",
      "cbuiltins\neval\n(X\u0001\0\0\0" + "1tR.",
    ]) {
      const pickle = Uint8Array.from([0x80, 2, ...Buffer.from(text, "latin1")]);
      const bytes = zipSync({ "archive/data.pkl": pickle });
      expect(() => loadTorch(bytes)).toThrow(/"(os\.system|builtins\.eval)"/);
      expect(readTorch(bytes, { unknown: "skip" })).toBeInstanceOf(PythonObject);
    }
  });

  it("other archives and files", () => {
    expect(() => loadTorch(zipSync({ "a.npy": new Uint8Array() }))).toThrow(/loadNpz\(\) reads it/);
    expect(() => loadTorch(zipSync({ "config.json": new Uint8Array() }))).toThrow(/loadKeras\(\)/);
    expect(() => loadTorch(Buffer.from("<html>"))).toThrow(/an HTML or XML page/);
  });
});

describe("damaged files are refused by name: test/io/damaged.test.ts, and", () => {
  it("at whatever length they end", () => {
    const bytes = fixture("dtype-int64.pt");
    for (let length = 0; length < bytes.length; length += 7)
      expect(() => loadTorch(bytes.subarray(0, length))).toThrow(FormatError);
  });
});
