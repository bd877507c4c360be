import { describe, expect, it } from "vitest";
import {
  Adam,
  clipGradNorm,
  crossEntropy,
  Dropout,
  Embedding,
  Linear,
  LSTM,
  manualSeed,
  memoryUsage,
  Module,
  scope,
  tensor,
} from "../../src/index.js";
import { testRandom } from "../helpers/random.js";

class Model extends Module {
  readonly embed = new Embedding(11, 6);
  readonly drop = new Dropout(0.3);
  readonly lstm = new LSTM(6, 9, { numLayers: 2, dropout: 0.2 });
  readonly head = new Linear(9, 11);
}

describe("a thousand training steps", () => {
  it("hold every kind of memory flat, and learn", () => {
    const start = memoryUsage();
    const random = testRandom(1);
    manualSeed(2);
    const model = new Model();
    const optimizer = new Adam(model.parameters(), { lr: 0.01 });
    const carry = model.lstm.carry(4);
    const losses: number[] = [];
    const step = (): void => {
      // Each row counts up from where it stands: what comes next is certain.
      const ids = Int32Array.from(
        { length: 4 * 7 },
        (_, i) => (3 * Math.floor(i / 7) + (i % 7)) % 11,
      );
      const shift = random.integer(0, 10);
      const at = (offset: number) =>
        tensor(
          ids.map((id) => (id + shift + offset) % 11),
          { shape: [4, 7] },
        );
      const loss = scope(() => {
        const hidden = model.drop.forward(model.embed.forward(at(0)));
        const { output, state } = model.lstm.forward(hidden, {
          state: carry,
          lengths: [7, 5, 0, 7],
        });
        carry.set(state);
        const loss = crossEntropy(model.head.forward(output), at(1));
        optimizer.zeroGrad();
        loss.backward();
        clipGradNorm(model.parameters(), 1);
        optimizer.step();
        return loss.item();
      });
      losses.push(loss);
      if (losses.length % 10 === 0) carry.reset([1]);
    };
    for (let i = 0; i < 5; i++) step();
    const settled = memoryUsage();
    for (let i = 5; i < 1000; i++) {
      step();
      if (i % 100 === 0) expect(memoryUsage()).toEqual(settled);
    }
    expect(memoryUsage()).toEqual(settled);

    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length;
    expect(mean(losses.slice(0, 5))).toBeGreaterThan(2.2);
    // A row in four is all padding and part of another: these stay at log 11 or so.
    expect(mean(losses.slice(-20))).toBeLessThan(1.2);

    for (const each of [model, optimizer, carry]) each.dispose();
    const { tensors } = memoryUsage();
    expect(tensors).toBe(start.tensors);
    manualSeed(0);
  });
});
