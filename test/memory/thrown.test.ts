// What throws midway leaves nothing behind: user code in every callback, and memory that ends at any allocation.
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  Adam,
  LSTM,
  manualSeed,
  memoryUsage,
  noGrad,
  OutOfMemoryError,
  scope,
  tensor,
  type Tensor,
} from "../../src/index.js";
import { scanCell } from "../../src/nn/index.js";
import { SequenceClassifier, text } from "../../src/models/index.js";
import { watchGradient } from "../../src/inspect/index.js";
import { AveragedWeights, fit } from "../../src/train/index.js";
import { heap } from "../../src/wasm/backend.js";
import { CASES } from "../gradcheck/cases/index.js";
import type { GradientCase } from "../gradcheck/check.js";
import { collected } from "../helpers/collected.js";

afterEach(() => {
  vi.restoreAllMocks();
});

const list = (one: Tensor | readonly Tensor[]): readonly Tensor[] =>
  Array.isArray(one) ? (one as Tensor[]) : [one as Tensor];

/** Outputs and gradients of a case, in a scope. */
function compute({ inputs, run, module }: GradientCase): void {
  const layer = module?.();
  try {
    scope(() => {
      const leaves = Object.fromEntries(
        Object.entries(inputs).map(([name, { data, shape, checked }]) => [
          name,
          layer?.namedParameters().get(name) ??
            tensor(data as Float32Array, { shape, requiresGrad: checked }),
        ]),
      );
      const outputs = list(run(leaves, layer)).filter((each) => each.requiresGrad);
      // Twice, so that gradients are added to.
      const terms = [...outputs, ...outputs].map((each) => each.sum());
      terms.reduce((total, term) => total.add(term)).backward();
    });
  } finally {
    layer?.dispose();
  }
}

describe("where memory ends at any allocation, nothing is left behind", () => {
  const one = Object.entries(CASES).flatMap(([name, cases]) =>
    [cases[0]!, cases.at(-1)!].map((each, i) => [`${name} ${i}`, each] as const),
  );
  test.each(one)("by %s", (_, each) => {
    compute(each);
    compute(each);
    const { heapBytes, tensors } = memoryUsage();
    const { allocate } = heap();
    for (let limit = 0; limit < 200; limit++) {
      let left = limit;
      const spy = vi.spyOn(heap(), "allocate").mockImplementation((bytes) => {
        if (left-- > 0) return allocate.call(heap(), bytes);
        throw new OutOfMemoryError({ op: "test", expected: "memory", got: "none" });
      });
      let ended = false;
      try {
        compute(each);
        ended = true;
      } catch (error) {
        if (!(error instanceof OutOfMemoryError)) throw error;
      }
      spy.mockRestore();
      const now = memoryUsage();
      expect([limit, now.heapBytes <= heapBytes, now.tensors]).toEqual([limit, true, tensors]);
      if (ended) return;
    }
    throw new Error("more than 200 allocations");
  });
});

describe("user code that throws leaves nothing behind", () => {
  const lstm = new LSTM(2, 3);
  const optimizer = new Adam(lstm.parameters());
  const average = new AveragedWeights(lstm);
  average.update();
  const examples = [
    { input: "a good film", label: "good" },
    { input: "a bad film", label: "bad" },
  ];
  const classifier = SequenceClassifier.build(examples, { input: text(), hiddenSize: 3 });
  const x = tensor([
    [
      [1, 2],
      [3, 4],
    ],
  ]);
  const fail = (): never => {
    throw new RangeError("of the user");
  };
  const step = () => lstm.forward(x).output.sum();
  const batches = [1, 2, 3];

  const CALLBACKS: readonly [string, () => unknown][] = [
    ["scope", () => scope(() => [step(), fail()])],
    ["scopes within scopes", () => scope(() => [step(), scope(() => [step(), fail()])])],
    ["noGrad", () => scope(() => noGrad(() => [step(), fail()]))],
    ["a gradient's watcher", () => scope(() => watchGradient(step(), fail).mul(2).backward())],
    ["scanCell", () => scope(() => scanCell(() => fail(), x, { state: x }))],
    [
      "fit's step",
      () =>
        fit({ model: lstm, optimizer, batches, epochs: 1, step: () => [step(), fail()] as never }),
    ],
    ["fit's onStep", () => fit({ model: lstm, optimizer, batches, epochs: 1, step, onStep: fail })],
    [
      "fit's onEpoch",
      () => fit({ model: lstm, optimizer, batches, epochs: 1, step, onEpoch: fail }),
    ],
    ["fit's batches", () => fit({ model: lstm, optimizer, batches: fail, epochs: 1, step })],
    [
      "a checkpoint's save",
      () => fit({ model: lstm, optimizer, batches, epochs: 1, step, checkpoint: { save: fail } }),
    ],
    ["averaged weights in use", () => average.use(() => fail())],
    ["averaged weights in use, later", () => average.use(async () => fail())],
    ["a ready model's onStep", () => classifier.fit(examples, { epochs: 1, onStep: fail })],
    [
      "a ready model's onEvaluation",
      () => classifier.fit(examples, { validation: examples, epochs: 1, onEvaluation: fail }),
    ],
    ["a ready model's optimizer", () => classifier.fit(examples, { epochs: 1, optimizer: fail })],
    ["a ready model's examples", () => classifier.evaluate([examples[0]!, null as never])],
  ];

  const thrown = async (run: () => unknown) => {
    try {
      await run();
    } catch (error) {
      return error as Error;
    }
    return undefined;
  };

  test.each(CALLBACKS)("in %s", async (_, run) => {
    manualSeed(1);
    // Once before, for what is made once and kept: moments, gradients, scratch.
    expect(await thrown(run)).toBeInstanceOf(Error);
    await collected();
    const before = memoryUsage();
    const weights = [...lstm.stateDict().values()].map((each) => each.requiresGrad);
    for (let i = 0; i < 3; i++) await thrown(run);
    await collected();
    expect(memoryUsage()).toMatchObject({ heapBytes: before.heapBytes, tensors: before.tensors });
    // Nothing is switched off: a graph is recorded, on the heap.
    const loss = step();
    expect(loss.requiresGrad).toBe(true);
    expect(weights).not.toContain(false);
    expect(loss.storage.scope).toBeUndefined();
    loss.dispose();
  });
});
