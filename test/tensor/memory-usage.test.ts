import { describe, expect, it } from "vitest";
import { Linear, memoryUsage, scope, tensor, zeros } from "../../src/index.js";

describe("memoryUsage()", () => {
  it("tells the heap, the arena and their most from the whole memory", () => {
    const before = memoryUsage();
    const x = zeros([1000]);
    expect(memoryUsage().heapBytes - before.heapBytes).toBe(Math.ceil((4000 + 64) / 64) * 64);
    expect(memoryUsage().arenaBytes).toBe(before.arenaBytes);
    scope(() => {
      zeros([1_000_000]);
      expect(memoryUsage().heapBytes).toBe(before.heapBytes + 4096);
      expect(memoryUsage().arenaBytes).toBeGreaterThanOrEqual(4_000_000);
    });
    x.dispose();
    const { heapBytes, arenaBytes, peakBytes, wasmBytes } = memoryUsage();
    expect(heapBytes).toBe(before.heapBytes);
    expect(peakBytes).toBeGreaterThanOrEqual(4_004_096);
    expect(wasmBytes).toBeGreaterThanOrEqual(peakBytes);
    expect(wasmBytes % 65536).toBe(0);
    expect(arenaBytes).toBeGreaterThanOrEqual(4_000_000);
  });

  it("counts live tensors, each memory once, in every scope that is open", () => {
    const { tensors: start } = memoryUsage();
    const count = () => memoryUsage().tensors - start;
    const x = tensor([1, 2]);
    expect(count()).toBe(1);
    scope(() => {
      const y = x.add(1);
      y.reshape([2, 1]);
      x.reshape([2, 1]);
      expect(count()).toBe(2);
      scope(() => {
        const z = y.mul(2);
        expect(count()).toBe(3);
        z.dispose();
        expect(count()).toBe(2);
      });
      y.add(5);
      expect(count()).toBe(3);
    });
    expect(count()).toBe(1);
    x.dispose();
    expect(count()).toBe(0);
  });

  it("counts no packed weights", () => {
    const { tensors, heapBytes } = memoryUsage();
    const layer = new Linear(8, 4);
    scope(() => void layer.forward(zeros([3, 8])));
    expect(memoryUsage().tensors).toBe(tensors + 2);
    layer.dispose();
    expect(memoryUsage()).toMatchObject({ tensors, heapBytes });
  });
});
