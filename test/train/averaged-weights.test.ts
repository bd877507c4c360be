import { describe, expect, test } from "vitest";
import {
  Linear,
  manualSeed,
  memoryUsage,
  Module,
  OptionError,
  rand,
  scope,
  SGD,
  sum,
  tensor,
} from "../../src/index.js";
import { loadCheckpoint, saveCheckpoint } from "../../src/io/checkpoint.js";
import { AveragedWeights } from "../../src/train/averaged-weights.js";
import { expectClose } from "../helpers/expect-close.js";

class Tied extends Module {
  readonly first = new Linear(3, 3);
  readonly second = new Linear(3, 3, { weight: this.first.weight });
}

function build(): Tied {
  manualSeed(2);
  return new Tied();
}

const flat = (model: Module) => model.parameters().flatMap((each) => [...each.data()]);

/** Gives the parameters other values, and says which. */
function move(model: Module): number[] {
  scope(() => {
    for (const each of model.parameters()) each.set(rand(each.shape).mul(4).sub(2));
  });
  return flat(model);
}

/** The average in float64. */
function expected(seen: number[][], decay: number): number[] {
  return seen.reduce((average, weights, i) => {
    const share = Math.max(1 / (i + 1), 1 - decay);
    return average.map((value, j) => value + share * (weights[j]! - value));
  });
}

describe.each([
  ["the plain mean", undefined],
  ["a decay", 0.7],
  ["no memory", 0],
])("%s", (_, decay) => {
  test("is what it says after each update", () => {
    const model = build();
    const average = new AveragedWeights(model, decay === undefined ? {} : { decay });
    const seen: number[][] = [];
    for (let i = 0; i < 9; i++) {
      seen.push(move(model));
      average.update();
      expectClose(
        average.use(() => flat(model)),
        expected(seen, decay ?? 1),
        1e-6,
      );
    }
    expect(average.state).toEqual({ updates: 9 });
  });
});

test("a window takes in less and less of each: 1 / (window · updates)", () => {
  const model = build();
  const average = new AveragedWeights(model, { window: 0.4 });
  let mean: number[] = [];
  for (let updates = 1; updates <= 9; updates++) {
    const weights = move(model);
    const share = Math.min(1, 1 / (0.4 * updates));
    average.update();
    mean = weights.map((weight, j) => (mean[j] ?? 0) + share * (weight - (mean[j] ?? 0)));
    expectClose(
      average.use(() => flat(model)),
      mean,
      1e-6,
    );
  }
});

test.each([
  [{ window: 0 }, "window above 0 and of at most 1, got 0"],
  [{ window: 1.5 }, "window above 0 and of at most 1, got 1.5"],
  [{ window: 0.1, decay: 0.9 }, "decay or window, got both"],
])("refuses %j", (options, message) => {
  expect(() => new AveragedWeights(build(), options)).toThrow(message);
});

test("the plain mean is the mean", () => {
  const model = build();
  const average = new AveragedWeights(model);
  const seen = Array.from({ length: 5 }, () => {
    const weights = move(model);
    average.update();
    return weights;
  });
  const mean = seen[0]!.map((_, j) => seen.reduce((total, each) => total + each[j]! / 5, 0));
  expectClose(
    average.use(() => flat(model)),
    mean,
    1e-6,
  );
});

describe("use", () => {
  test("gives the model its own weights back to the bit, also after an error", () => {
    const model = build();
    const average = new AveragedWeights(model);
    move(model);
    average.update();
    const own = move(model);
    average.update();
    const inside = average.use(() => flat(model));
    expect(inside).not.toEqual(own);
    expect(flat(model)).toEqual(own);
    expect(() =>
      average.use(() => {
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(flat(model)).toEqual(own);
    expect(average.use(() => flat(model))).toEqual(inside);
  });

  test("leaves gradients alone, and what was computed before cannot be differentiated any more", () => {
    const model = build();
    const average = new AveragedWeights(model);
    average.update();
    const x = tensor([[1, 2, 3]]);
    scope(() => sum(model.first.forward(x)).backward());
    const gradient = [...model.first.weight.grad!.data()];
    scope(() => {
      const loss = sum(model.first.forward(x));
      average.use(() => undefined);
      expect(() => loss.backward()).toThrow(/changed/);
    });
    expect([...model.first.weight.grad!.data()]).toEqual(gradient);
  });

  test("sees new weights where a product has packed the old ones", () => {
    const model = build();
    const average = new AveragedWeights(model);
    const outputs = () => scope(() => [...model.first.forward(tensor([[1, -1, 2]])).data()]);
    move(model);
    average.update();
    const then = outputs();
    move(model);
    const now = outputs();
    expect(average.use(outputs)).toEqual(then);
    expect(outputs()).toEqual(now);
  });

  test("takes what finishes later, until then", async () => {
    const model = build();
    const average = new AveragedWeights(model);
    average.update();
    const then = flat(model);
    const own = move(model);
    const later = average.use(async () => {
      await Promise.resolve();
      return flat(model);
    });
    expect(flat(model)).toEqual(then);
    expect(await later).toEqual(then);
    expect(flat(model)).toEqual(own);
    const fails = average.use(() => Promise.reject(new Error("no data")));
    await expect(fails).rejects.toThrow("no data");
    expect(flat(model)).toEqual(own);
  });

  test("refuses to run before there is an average", () => {
    const model = build();
    const average = new AveragedWeights(model);
    expect(() => average.use(() => 1)).toThrow(OptionError);
  });
});

test("goes on from a checkpoint to the same bits", () => {
  const run = (resume?: Uint8Array) => {
    const model = build();
    const optimizer = new SGD(model.parameters(), { lr: 0.1 });
    const average = new AveragedWeights(model, { decay: 0.75 });
    const parts = { model, optimizer, tensors: { ...average.tensors }, parts: { average } };
    let step = resume ? (loadCheckpoint(parts, resume) as number) : 0;
    let half: Uint8Array | undefined;
    while (step < 10) {
      scope(() => {
        const loss = sum(model.second.forward(model.first.forward(rand([2, 3]))));
        optimizer.zeroGrad();
        loss.backward();
        optimizer.step();
      });
      average.update();
      if (++step === 5) half = saveCheckpoint(parts, step);
    }
    return { half, end: average.use(() => flat(model)) };
  };
  const { half, end } = run();
  expect(run(half).end).toEqual(end);
});

test("holds each parameter once, on the heap, until it is disposed", () => {
  const model = build();
  const before = memoryUsage().heapBytes;
  const average = new AveragedWeights(model);
  expect(Object.keys(average.tensors)).toEqual([
    "average.first.weight",
    "average.first.bias",
    "average.second.bias",
  ]);
  average.update();
  const held = memoryUsage().heapBytes;
  average.update();
  average.use(() => undefined);
  expect(memoryUsage().heapBytes).toBe(held);
  average.dispose();
  expect(memoryUsage().heapBytes).toBe(before);
});

test.each([-0.1, 1.1, NaN])("refuses a decay of %d", (decay) =>
  expect(() => new AveragedWeights(build(), { decay })).toThrow(OptionError),
);
