// Predictions and training steps outside every scope, in loops that let nothing else run.
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  Adam,
  argmax,
  Embedding,
  Linear,
  LSTM,
  memoryUsage,
  noGrad,
  OptionError,
  scope,
  Sequential,
  setLeakWarning,
  tensor,
} from "../../src/index.js";
import { collected } from "../helpers/collected.js";

const warnings: string[] = [];
beforeEach(() => {
  vi.spyOn(console, "warn").mockImplementation((text: string) => void warnings.push(text));
});
afterEach(() => {
  vi.restoreAllMocks();
  warnings.length = 0;
  setLeakWarning(false);
});

const model = new Sequential(new Embedding(32, 4), new LSTM(4, 4), new Linear(4, 32));
const ids = tensor(Int32Array.of(8, 5, 12, 12), { shape: [1, 4] });
const predict = () => noGrad(() => argmax(model.eval().forward(ids), -1));
const train = (optimizer: Adam) => {
  optimizer.zeroGrad();
  model.train().forward(ids).sum().backward();
  optimizer.step();
};

test("predictions without scope in a synchronous loop warn once, with the cure", () => {
  setLeakWarning({});
  const before = memoryUsage().tensors;
  let count = 0;
  for (; warnings.length === 0 && count < 10_000; count++) predict();
  expect(memoryUsage().tensors - before).toBeGreaterThan(9_000);
  for (let i = 0; i < 100; i++) predict();
  expect(warnings).toHaveLength(1);
  expect(warnings[0]).toMatch(
    /^hiddenstate: 10001 tensors \(\d+ MB\) outside scope\(\) are alive\. Put each .* in scope\(\(\) => …\)/,
  );
});

test("training without scope warns too", async () => {
  await collected();
  const optimizer = new Adam(model.parameters());
  setLeakWarning({ tensors: 2000 });
  for (let i = 0; warnings.length === 0 && i < 10_000; i++) train(optimizer);
  expect(warnings).toHaveLength(1);
  optimizer.dispose();
});

test("many bytes in few tensors warn too", async () => {
  await collected();
  setLeakWarning({ bytes: 100e6 });
  const kept = [1, 2, 3].map(() => tensor(new Float32Array(8e6)));
  expect(warnings).toEqual([]);
  kept.push(tensor(new Float32Array(8e6)));
  expect(warnings).toHaveLength(1);
  for (const each of kept) each.dispose();
});

test("what is in scopes, disposed of, or made by the library for a while, does not count", async () => {
  await collected();
  const tensors = 200;
  setLeakWarning({ tensors });
  const optimizer = new Adam(model.parameters());
  for (let i = 0; i < 2 * tensors; i++) {
    scope(predict).dispose();
    scope(() => train(optimizer));
    tensor([1, 2]).dispose();
  }
  expect(warnings).toEqual([]);
  optimizer.dispose();
});

test("it can be turned off, and its limits are checked", () => {
  setLeakWarning(false);
  for (let i = 0; i < 3000; i++) predict();
  expect(warnings).toEqual([]);
  setLeakWarning({ tensors: undefined, bytes: undefined });
  expect(() => setLeakWarning({ tensors: -1 })).toThrow(OptionError);
  expect(() => setLeakWarning({ tensor: 1 } as object)).toThrow(
    'options among tensors, bytes, got "tensor"',
  );
  expect(() => setLeakWarning({ bytes: NaN })).toThrow("bytes to be a number from 0, got NaN");
});
