import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutOfMemoryError } from "../../src/core/errors.js";
import { running } from "../../src/core/running.js";
import { ALIGNMENT, Heap, SPARE } from "../../src/wasm/heap.js";
import { offset, type Ptr } from "../../src/wasm/ptr.js";
import { mockMemory } from "./mock-memory.js";

const MiB = 1024 * 1024;
const GiB = 1024 * MiB;

describe("the heap", () => {
  it("never hands out memory twice, keeps blocks aligned with spare bytes, and counts what is in use", () => {
    const command = fc.oneof(
      fc.record({ bytes: fc.nat(5000) }),
      fc.record({ bytes: fc.integer({ min: 5000, max: 3 * MiB }) }),
      fc.record({ free: fc.nat() }),
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 120 }), fc.nat(5000), (commands, base) => {
        const memory = mockMemory();
        const heap = new Heap(memory, base);
        const live = new Map<Ptr, number>();
        let peak = 0;
        for (const each of commands) {
          if ("bytes" in each) {
            const ptr = heap.allocate(each.bytes);
            expect(ptr % ALIGNMENT).toBe(0);
            expect(ptr).toBeGreaterThanOrEqual(base);
            expect(ptr + each.bytes + SPARE).toBeLessThanOrEqual(memory.buffer.byteLength);
            expect(heap.capacity(ptr)).toBeGreaterThanOrEqual(each.bytes);
            for (const [other, bytes] of live)
              expect(other + bytes + SPARE <= ptr || ptr + each.bytes + SPARE <= other).toBe(true);
            live.set(ptr, each.bytes);
          } else if (live.size > 0) {
            const ptr = [...live.keys()][each.free % live.size]!;
            heap.free(ptr);
            live.delete(ptr);
          }
          const used = [...live.keys()].reduce<number>(
            (sum, ptr) => sum + heap.capacity(ptr) + SPARE,
            0,
          );
          expect(heap.used).toBe(used);
          peak = Math.max(peak, used);
          expect(heap.peak).toBe(peak);
        }
        // All given back: one free range again, from the base on.
        for (const ptr of live.keys()) heap.free(ptr);
        const before = memory.growths;
        expect(heap.used).toBe(0);
        expect(heap.allocate(Math.max(0, peak - SPARE))).toBe(Math.ceil(base / 64) * 64);
        expect(memory.growths).toBe(before);
      }),
      { numRuns: 150 },
    );
  });

  it.each([
    ["before and after", [0, 2, 1]],
    ["in order", [0, 1, 2]],
    ["backwards", [2, 1, 0]],
  ])("joins a freed block with its free neighbours: %s", (_, order) => {
    const heap = new Heap(mockMemory(), 0);
    const blocks = [1000, 2000, 3000].map((bytes) => heap.allocate(bytes));
    heap.allocate(10);
    for (const i of order) heap.free(blocks[i]!);
    // Larger than any of the three, small enough for all of them.
    expect(heap.allocate(6000)).toBe(blocks[0]);
  });

  it("cuts a free block and hands out the rest", () => {
    const heap = new Heap(mockMemory(), 0);
    const first = heap.allocate(10_000);
    heap.allocate(10);
    heap.free(first);
    expect(heap.allocate(1000)).toBe(first);
    const second = heap.allocate(1000);
    expect(second).toBe(first + Math.ceil((1000 + SPARE) / 64) * 64);
  });

  it("reaches every address up to 4 GiB, with pointers above 2 GiB positive", () => {
    const heap = new Heap(mockMemory(), 1024);
    const blocks = Array.from({ length: 15 }, () => heap.allocate(256 * MiB));
    expect(blocks.every((ptr, i) => i === 0 || ptr > blocks[i - 1]!)).toBe(true);
    expect(blocks.at(-1)).toBeGreaterThan(3.5 * GiB);
    for (const ptr of blocks.slice(3)) heap.free(ptr);
    // The joined free range is larger than 2 GiB and goes out as one block.
    expect(heap.allocate(2.5 * GiB)).toBe(blocks[3]);
  });

  it("reuses a freed block above 2 GiB that another still stands behind", () => {
    const heap = new Heap(mockMemory(), 0);
    heap.allocate(2 * GiB);
    const high = heap.allocate(1.2 * GiB);
    heap.allocate(64);
    heap.free(high);
    expect(heap.allocate(1.1 * GiB)).toBe(high);
  });

  it("grows ahead of need, but by no more than it must where the memory ends", () => {
    const memory = mockMemory(100);
    const heap = new Heap(memory, 0);
    heap.allocate(65536);
    expect(memory.buffer.byteLength).toBe(65 * 65536);
    heap.allocate(96 * 65536);
    expect(memory.buffer.byteLength).toBe(98 * 65536);
    expect(memory.growths).toBe(2);
  });

  it("says which operation wanted how much, what there is, and what helps; and stays as it was", () => {
    const heap = new Heap(mockMemory(100), 0);
    const kept = heap.allocate(1000);
    running.op = "lstm";
    const wanted = () => heap.allocate(7_000_000);
    expect(wanted).toThrow(OutOfMemoryError);
    expect(wanted).toThrow(
      "lstm: expected 7000000 more bytes of WebAssembly memory, got a memory of 65536 bytes, 1088 in use, " +
        "that cannot grow. Use a smaller batch or shorter sequences, wrap steps in scope(), " +
        "or dispose() of tensors.",
    );
    expect(heap.used).toBe(1088);
    expect(heap.allocate(1000)).toBeGreaterThan(kept);
  });

  it("refuses what is no block of it", () => {
    const heap = new Heap(mockMemory(), 0);
    const ptr = heap.allocate(10);
    heap.free(ptr);
    expect(() => heap.free(ptr)).toThrow(/^internal: freed/);
    expect(() => heap.free(offset(ptr, 12345))).toThrow(`internal: freed ${ptr + 12345}`);
  });

  it("takes blocks of no bytes", () => {
    const heap = new Heap(mockMemory(), 0);
    expect(heap.allocate(0)).not.toBe(heap.allocate(0));
  });
});
