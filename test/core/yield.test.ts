// How long work goes on without the event loop, by clocks that run, stand still and are set back.
import { afterEach, describe, expect, test, vi } from "vitest";
import { turnOfOthers } from "../../src/core/yield.js";
import { Adam, Linear, manualSeed, mseLoss, tensor } from "../../src/index.js";
import { saveSafetensors } from "../../src/io/index.js";
import { LanguageModel, SequenceClassifier, text } from "../../src/models/index.js";
import { fit } from "../../src/train/index.js";

/** A clock that moves by so many milliseconds whenever it is read. */
function clockBy(milliseconds: number): void {
  let now = 1e6;
  vi.spyOn(performance, "now").mockImplementation(() => (now += milliseconds));
}

/** How often the event loop turns while some work goes on. */
async function turnsDuring(work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let running = true;
  const count = () => {
    if (!running) return;
    turns++;
    setImmediate(count);
  };
  setImmediate(count);
  await work();
  running = false;
  return turns;
}

afterEach(() => {
  vi.restoreAllMocks();
});

describe("a turn of others", () => {
  /** The steps, of 40, before which others had their turn. */
  async function turns(): Promise<number[]> {
    await turnOfOthers();
    const taken: number[] = [];
    for (let step = 1; step <= 40; step++) {
      const turn = turnOfOthers();
      if (!turn) continue;
      taken.push(step);
      await turn;
    }
    return taken;
  }

  test("comes by elapsed time where the clock runs", async () => {
    clockBy(3);
    expect(await turns()).toEqual([4, 8, 12, 16, 20, 24, 28, 32, 36, 40]);
  });

  test("comes after each step that is longer", async () => {
    clockBy(30);
    expect(await turns()).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
  });

  test("comes by steps where the clock stands still, as in edge isolates", async () => {
    clockBy(0);
    expect(await turns()).toEqual([8, 16, 24, 32, 40]);
  });

  test("comes though the clock was set back", async () => {
    clockBy(-3);
    expect(await turns()).toHaveLength(10);
  });
});

describe("others have their turn", () => {
  const examples = Array.from({ length: 40 }, (_, i) => ({
    input: i % 2 ? "a bad film" : "a good film",
    label: i % 2 ? "bad" : "good",
  }));

  async function trainedLinear(): Promise<Uint8Array> {
    manualSeed(3);
    const model = new Linear(2, 1);
    const x = tensor([
      [1, 2],
      [3, 4],
    ]);
    await fit({
      model,
      optimizer: new Adam(model.parameters()),
      batches: [1, 2, 3, 4],
      epochs: 10,
      step: (scale) => mseLoss(model.forward(x).mul(scale), tensor([[1], [2]])),
    });
    return saveSafetensors(model.stateDict());
  }

  async function trainedClassifier(): Promise<Uint8Array> {
    manualSeed(3);
    const model = SequenceClassifier.build(examples, { input: text(), hiddenSize: 4 });
    await model.fit(examples, { validation: examples, epochs: 2, batchSize: 4 });
    return saveSafetensors(model.stateDict());
  }

  const WORK: readonly [string, () => Promise<unknown>, steps: number][] = [
    ["while fit trains", trainedLinear, 40],
    ["while a ready model reads its examples, trains and evaluates", trainedClassifier, 100],
    [
      "while a language model evaluates",
      () => LanguageModel.build("ab", { hiddenSize: 4 }).evaluate("ab".repeat(5000)),
      19,
    ],
  ];

  test.each(WORK)("%s: after long steps each, else after eight", async (_, work, steps) => {
    clockBy(30);
    expect(await turnsDuring(work)).toBeGreaterThanOrEqual(steps);
    clockBy(0);
    const still = await turnsDuring(work);
    expect(still).toBeGreaterThanOrEqual(Math.floor(steps / 8));
    expect(still).toBeLessThan(steps);
  });

  test.each([
    ["fit", trainedLinear],
    ["a ready model", trainedClassifier],
  ])("without a trace in the bits: %s", async (_, train) => {
    clockBy(30);
    const bytes = await train();
    clockBy(0);
    expect(await train()).toEqual(bytes);
  });
});
