import { describe, expect, it } from "vitest";
import { FormatError, OptionError } from "../../src/core/errors.js";
import { loadSafetensors, readSafetensors, saveSafetensors } from "../../src/io/safetensors.js";
import { parseSafetensors } from "../../src/io/safetensors-header.js";
import { Module } from "../../src/nn/module.js";
import { tensor } from "../../src/tensor/create.js";
import { Parameter } from "../../src/tensor/parameter.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { heap } from "../../src/wasm/backend.js";
import { entry, file } from "./safetensors-file.js";

const names = (bytes: Uint8Array) => parseSafetensors(bytes).entries.map(({ name }) => name);

describe("saving and loading", () => {
  it("gives back values, shapes, dtypes and metadata", () => {
    const bytes = saveSafetensors(
      {
        weight: tensor([
          [1.5, -2],
          [NaN, 0.1],
        ]),
        ids: tensor(new Int32Array([3, -1])),
        scalar: tensor(7),
        none: tensor([], { shape: [0, 4] }),
      },
      { metadata: { format: "pt" } },
    );
    const { tensors, metadata } = readSafetensors(bytes);
    expect([...tensors].map(([name, t]) => [name, t.dtype, t.shape, [...t.data()]])).toEqual([
      ["none", "float32", [0, 4], []],
      ["scalar", "float32", [], [7]],
      ["weight", "float32", [2, 2], [1.5, -2, NaN, Math.fround(0.1)]],
      ["ids", "int32", [2], [3, -1]],
    ]);
    expect(metadata).toEqual(new Map([["format", "pt"]]));
    expect(saveSafetensors(tensors, { metadata })).toEqual(bytes);
  });

  it("works inside a scope, and frees nothing it should keep", () => {
    const bytes = saveSafetensors(new Map([["a", tensor([1, 2])]]));
    const sum = scope(() => loadSafetensors(bytes).get("a")!.data()[1]);
    expect(sum).toBe(2);
  });

  it("refuses what is no tensor", () => {
    expect(() => saveSafetensors({ a: [1, 2] as never })).toThrow(OptionError);
    expect(() => saveSafetensors({ a: null as never })).toThrow(/a Tensor under "a", got null/);
  });
});

describe("tied tensors", () => {
  const shared = tensor([[1, 2, 3]]);

  it("are written once, under the first name, with the other names in the metadata", () => {
    const state = { "encoder.weight": shared, other: tensor([4]), "decoder.weight": shared };
    const bytes = saveSafetensors(state, { metadata: { made: "here" } });
    expect(names(bytes)).toEqual(["decoder.weight", "other"]);
    const { tensors, metadata } = readSafetensors(bytes);
    expect(Object.fromEntries(metadata)).toEqual({
      "encoder.weight": "decoder.weight",
      made: "here",
    });
    expect(tensors.get("encoder.weight")).toBe(tensors.get("decoder.weight"));
    expect([...tensors.get("encoder.weight")!.data()]).toEqual([1, 2, 3]);
    expect(saveSafetensors(tensors, { metadata })).toEqual(bytes);
  });

  it("are found through shared storage, unless their shapes differ", () => {
    expect(names(saveSafetensors({ a: shared, b: shared.detach() }))).toEqual(["a"]);
    const reshaped = shared.detach();
    Object.assign(reshaped, { shape: [3, 1] });
    const { tensors } = readSafetensors(saveSafetensors({ a: shared, b: reshaped }));
    expect(tensors.get("b")!.shape).toEqual([3, 1]);
  });

  it("do not overwrite the user's own metadata", () => {
    const state = { a: shared, b: shared };
    expect(() => saveSafetensors(state, { metadata: { b: "mine" } })).toThrow(OptionError);
    expect(names(saveSafetensors(state, { metadata: { b: "a" } }))).toEqual(["a"]);
  });

  it("need a tensor at the end of the alias, and no tensor of the alias's own", () => {
    const one = entry("U8", "[1]", 0, 1);
    const { tensors } = readSafetensors(
      file(`{"w":${one},"__metadata__":{"format":"pt","chain":"v","v":"w","w":"w"}}`, 1),
    );
    expect([...tensors.keys()]).toEqual(["w", "v"]);
  });

  class Tied extends Module {
    readonly encoder: Parameter;
    readonly decoder: Parameter;
    constructor(values: number[]) {
      super();
      this.encoder = this.decoder = new Parameter(tensor(values));
    }
  }

  it("load into a module from a file with one name, with the alias, and with both", () => {
    const kept = (state: Record<string, Tensor>, metadata = {}) => {
      const model = new Tied([0, 0]);
      model.loadStateDict(loadSafetensors(saveSafetensors(state, { metadata })));
      expect(model.encoder).toBe(model.decoder);
      return [...model.encoder.data()];
    };
    expect(names(saveSafetensors(new Tied([5, 6]).stateDict()))).toEqual(["decoder"]);
    expect(kept({ decoder: tensor([5, 6]) }, { encoder: "decoder" })).toEqual([5, 6]);
    expect(kept({ encoder: tensor([5, 6]) }, { decoder: "encoder" })).toEqual([5, 6]);
    expect(kept({ encoder: tensor([5, 6]) })).toEqual([5, 6]);
    expect(kept({ encoder: tensor([5, 6]), decoder: tensor([5, 6]) })).toEqual([5, 6]);
  });
});

describe("a file that fails half-way", () => {
  it("leaves nothing on the heap", () => {
    const bytes = file(`{"a":${entry("U8", "[4]", 0, 4)},"b":${entry("BOOL", "[1]", 4, 5)}}`, 5);
    const before = heap().used;
    expect(() => readSafetensors(bytes)).toThrow(FormatError); // the BOOL is 5
    expect(heap().used).toBe(before);
  });
});
