import { expect, test } from "vitest";
import {
  buffer,
  Embedding,
  Linear,
  manualSeed,
  Module,
  OptionError,
  tensor,
} from "../../src/index.js";
import { BestWeights } from "../../src/train/index.js";

class Tied extends Module {
  readonly embedding = new Embedding(4, 3);
  readonly head = new Linear(3, 4, { weight: this.embedding.weight });
  readonly scale = buffer(tensor([1, 2]));
  readonly counts = buffer(tensor(Int32Array.of(5)));
}

test("goes back to the weights of the last keep, buffers and tied weights too", () => {
  manualSeed(2);
  const model = new Tied();
  const best = new BestWeights(model);
  expect(Object.keys(best.tensors)).toEqual([
    "best.embedding.weight",
    "best.head.bias",
    "best.scale",
  ]);
  expect(() => best.restore()).toThrow(OptionError);
  best.keep();
  const before = [...model.stateDict().values()].map((each) => [...each.data()]);
  model.embedding.weight.set(new Float32Array(12).fill(7));
  model.head.bias!.set(new Float32Array(4).fill(7));
  model.scale.set(Float32Array.of(7, 7));
  expect(best.state).toEqual({ kept: true });
  best.restore();
  expect([...model.stateDict().values()].map((each) => [...each.data()])).toEqual(before);
  best.dispose();
});
