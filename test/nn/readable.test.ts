// How modules read in a console: as a tree, and as the table of summary().
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  buffer,
  Dropout,
  Embedding,
  Linear,
  LogSoftmax,
  LSTM,
  LSTMCell,
  Module,
  Parameter,
  scope,
  Sequential,
  tensor,
} from "../../src/index.js";

describe("a module as text", () => {
  it.each([
    [new Linear(2, 3), "Linear(2, 3)"],
    [new Linear(2, 3, { bias: false }), "Linear(2, 3, bias=false)"],
    [new Embedding(9, 4), "Embedding(9, 4)"],
    [new Embedding(9, 4, { paddingIdx: 0 }), "Embedding(9, 4, paddingIdx=0)"],
    [new LSTM(32, 128), "LSTM(32, 128)"],
    [
      new LSTM(2, 3, { numLayers: 2, dropout: 0.1, bidirectional: true, bias: false }),
      "LSTM(2, 3, numLayers=2, bias=false, dropout=0.1, bidirectional=true)",
    ],
    [new LSTMCell(2, 3), "LSTMCell(inputSize=2, hiddenSize=3)"],
    [new Dropout(0.25), "Dropout(p=0.25)"],
    [new LogSoftmax(), "LogSoftmax(axis=-1)"],
  ])("%#", (module, text) => {
    expect(String(module)).toBe(text);
    expect(inspect(module)).toBe(text);
  });

  it("is a tree with the modules in it, in arrays and Maps too, by their names", () => {
    const shared = new Linear(1, 1);
    class Model extends Module {
      readonly size = 4;
      readonly title = "mine";
      readonly embed = new Embedding(5, 4);
      readonly layers = [new Linear(4, 4), new Sequential(new Dropout(0.5), shared)];
      readonly heads = new Map([["pos", shared]]);
      readonly scale = scope(() => new Parameter(tensor([1])));
    }
    expect(inspect({ model: new Model() })).toBe(
      [
        "{",
        "  model: Model(",
        "    size=4, title=mine",
        "    (embed): Embedding(5, 4)",
        "    (layers.0): Linear(4, 4)",
        "    (layers.1): Sequential(",
        "      (0): Dropout(p=0.5)",
        "      (1): Linear(1, 1)",
        "    )",
        "    (heads.pos): Linear(1, 1)",
        "  )",
        "}",
      ].join("\n"),
    );
  });

  it("says what a module of one's own wants it to say, and ends where it refers back", () => {
    class Child extends Module {
      parent: Module | undefined;
      protected override extraRepr(): string {
        return "by hand";
      }
    }
    class Parent extends Module {
      readonly child = new Child();
    }
    const parent = new Parent();
    parent.child.parent = parent;
    expect(String(parent)).toBe("Parent(\n  (child): Child(by hand)\n)");
  });
});

describe("summary()", () => {
  class Model extends Module {
    readonly embed = new Embedding(1000, 2);
    readonly head = new Linear(2, 1000, { weight: this.embed.weight });
    readonly steps = scope(() => buffer(tensor(Int32Array.of(0))));
  }

  it("lists modules and tensors, counts each parameter once and adds up", () => {
    const model = new Model();
    model.head.bias!.requiresGrad = false;
    expect(model.summary()).toBe(
      [
        "name          type or shape       parameters",
        "              Model()                  3,000",
        "embed         Embedding(1000, 2)       2,000",
        "embed.weight  [1000, 2]                2,000",
        "head          Linear(2, 1000)          3,000",
        "head.weight   [1000, 2] tied",
        "head.bias     [1000] frozen            1,000",
        "steps         [1] int32 buffer             1",
        "parameters                             3,000",
        "trainable                              2,000",
        "buffers                                    1",
        "bytes                                 12,004",
      ].join("\n"),
    );
  });
});
