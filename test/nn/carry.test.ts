import { describe, expect, it } from "vitest";
import { concat, IndexError, memoryUsage, scope, ShapeError, tensor } from "../../src/index.js";
import { makeCarry } from "../../src/nn/index.js";

describe("a carry of any tensors", () => {
  it("keeps the last steps of a window, as the memory of a Transformer-XL", () => {
    const carry = makeCarry({ memory: [2, 3, 1] });
    for (const start of [1, 3])
      scope(() => {
        const hidden = tensor([start, start + 1, -start, -start - 1], { shape: [2, 2, 1] });
        hidden.requiresGrad = true;
        const all = concat([carry.memory, hidden], 1);
        carry.set({ memory: all.slice(1, -3) });
      });
    expect(carry.memory.requiresGrad).toBe(false);
    expect([...carry.memory.data()]).toEqual([2, 3, 4, -2, -3, -4]);
    carry.reset([0]);
    expect([...carry.memory.data()]).toEqual([0, 0, 0, -2, -3, -4]);
    expect(() => carry.reset([2])).toThrow(IndexError);
    expect(() => scope(() => carry.set({ memory: tensor([1]) }))).toThrow(ShapeError);
    carry.dispose();
  });

  it("clears rows at another axis, in every part", () => {
    const carry = makeCarry({ h: [1, 2, 2], n: [3, 2] }, { batchAxis: 1 });
    scope(() =>
      carry.set({
        h: tensor([1, 2, 3, 4], { shape: [1, 2, 2] }),
        n: tensor([1, 2, 3, 4, 5, 6], { shape: [3, 2] }),
      }),
    );
    carry.reset([1]);
    expect([...carry.h.data()]).toEqual([1, 2, 0, 0]);
    expect([...carry.n.data()]).toEqual([1, 0, 3, 0, 5, 0]);
    carry.dispose();
  });

  it("refuses parts of another batch, none, and names of its methods, and makes nothing then", () => {
    const before = memoryUsage();
    expect(() => makeCarry({ a: [2, 3], b: [3, 3] })).toThrow(
      "makeCarry: expected parts with one batch at axis 0, got b [3, 3].",
    );
    expect(() => makeCarry({ a: [2] }, { batchAxis: 1 })).toThrow(ShapeError);
    expect(() => makeCarry({})).toThrow("got none");
    expect(() => makeCarry({ reset: [2] })).toThrow("got reset [2]");
    expect(() => makeCarry({ a: [2, 0] })).toThrow("a to be a whole number");
    expect(memoryUsage()).toEqual(before);
  });
});
