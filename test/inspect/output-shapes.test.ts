// The shapes that the modules of a model give.
import { describe, expect, it } from "vitest";
import {
  Dropout,
  Embedding,
  getRngState,
  Linear,
  LSTM,
  memoryUsage,
  Module,
  OptionError,
  Sequential,
  zeros,
  type Tensor,
} from "../../src/index.js";
import { outputShapes } from "../../src/inspect/index.js";

describe("outputShapes", () => {
  class Tagger extends Module {
    readonly embed = new Embedding(10, 4);
    readonly drop = new Dropout(0.5);
    readonly lstm = new LSTM(4, 3, { bidirectional: true });
    readonly heads = [new Linear(6, 2)];
    // A field, not a method.
    readonly forward = (ids: Tensor<"int32">): { scores: Tensor } => {
      const { output } = this.lstm.forward(this.drop.forward(this.embed.forward(ids)));
      return { scores: this.heads[0]!.forward(output) };
    };
  }

  it("shows the shape that each module gives for an example, and leaves no trace", () => {
    const tagger = new Tagger();
    tagger.lstm.eval();
    const ids = zeros([2, 7], { dtype: "int32" });
    const { forward } = tagger;
    const before = [memoryUsage().tensors, getRngState()];
    expect([...outputShapes(tagger, ids)]).toEqual([
      ["", [2, 7, 2]],
      ["embed", [2, 7, 4]],
      ["drop", [2, 7, 4]],
      ["lstm", [2, 7, 6]],
      ["heads.0", [2, 7, 2]],
    ]);
    expect([memoryUsage().tensors, getRngState()]).toEqual(before);
    expect(tagger.forward).toBe(forward);
    expect(Object.hasOwn(tagger.lstm, "forward")).toBe(false);
    expect([tagger, tagger.drop, tagger.lstm].map(({ training }) => training)).toEqual([
      true,
      true,
      false,
    ]);
  });

  it("puts everything back after an example that does not fit", () => {
    const model = new Sequential(new Dropout(0.5), new Linear(3, 2));
    expect(() => outputShapes(model, zeros([2, 4]))).toThrow(/linear: expected input \[..., 3\]/);
    expect(Object.hasOwn(model, "forward")).toBe(false);
    expect(model.training).toBe(true);
  });

  it("refuses a module without forward()", () => {
    class Model extends Module {}
    expect(() => outputShapes(new Model(), zeros([1]))).toThrow(OptionError);
  });
});
