import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { OutOfMemoryError } from "../../src/core/errors.js";
import { Arena, type Mark } from "../../src/wasm/arena.js";
import { ALIGNMENT, Heap, SPARE } from "../../src/wasm/heap.js";
import type { Ptr } from "../../src/wasm/ptr.js";
import { mockMemory } from "./mock-memory.js";

const KiB = 1024;
const MiB = 1024 * KiB;

function fresh(maximumPages?: number): { heap: Heap; arena: Arena } {
  const heap = new Heap(mockMemory(maximumPages), 0);
  return { heap, arena: new Arena(heap) };
}

describe("the arena", () => {
  it("never overlaps what is live, in it and beside it, through random nested use", () => {
    const command = fc.oneof(
      { weight: 3, arbitrary: fc.record({ bytes: fc.nat(200 * KiB) }) },
      // Quarters of the least chunk: exactly, and a little more.
      { weight: 4, arbitrary: fc.record({ bytes: fc.constantFrom(65472, 65473, 66000) }) },
      { weight: 1, arbitrary: fc.record({ bytes: fc.integer({ min: 1, max: 3 * MiB }) }) },
      { weight: 2, arbitrary: fc.constant("enter" as const) },
      { weight: 3, arbitrary: fc.constant("leave" as const) },
      { weight: 1, arbitrary: fc.record({ heap: fc.nat(300 * KiB) }) },
    );
    fc.assert(
      fc.property(fc.array(command, { maxLength: 100 }), (commands) => {
        const { heap, arena } = fresh();
        const scopes: { mark: Mark; blocks: [Ptr, number][] }[] = [
          { mark: arena.mark(), blocks: [] },
        ];
        const outside: [Ptr, number][] = [];
        const check = (ptr: Ptr, bytes: number): void => {
          for (const [other, size] of [...outside, ...scopes.flatMap(({ blocks }) => blocks)])
            expect(other + size + SPARE <= ptr || ptr + bytes + SPARE <= other).toBe(true);
        };
        for (const each of commands) {
          if (each === "enter") scopes.push({ mark: arena.mark(), blocks: [] });
          else if (each === "leave") {
            const ended = scopes.pop();
            if (ended) arena.reset(ended.mark);
          } else if ("heap" in each) {
            const ptr = heap.allocate(each.heap);
            check(ptr, each.heap);
            outside.push([ptr, each.heap]);
          } else if (scopes.length > 0) {
            const ptr = arena.allocate(each.bytes);
            expect(ptr % ALIGNMENT).toBe(0);
            check(ptr, each.bytes);
            scopes.at(-1)!.blocks.push([ptr, each.bytes]);
          }
        }
        while (scopes.length > 0) arena.reset(scopes.pop()!.mark);
        expect(arena.used).toBe(0);
        const blocks = outside.reduce((sum, [ptr]) => sum + heap.capacity(ptr) + SPARE, 0);
        expect(heap.used).toBe(blocks + arena.reserved);
      }),
      { numRuns: 150 },
    );
  });

  it("comes back to a mark and goes over the same memory again", () => {
    const { arena } = fresh();
    const first = arena.allocate(100);
    const mark = arena.mark();
    const second = arena.allocate(100);
    arena.allocate(2 * MiB);
    arena.reset(mark);
    expect(arena.allocate(100)).toBe(second);
    expect(second).toBeGreaterThan(first);
  });

  it("settles in one chunk of the size that was needed", () => {
    const { heap, arena } = fresh();
    const step = (): void => {
      const mark = arena.mark();
      for (let i = 0; i < 40; i++) arena.allocate(100 * KiB);
      arena.reset(mark);
    };
    step();
    step();
    const settled = { reserved: arena.reserved, used: heap.used };
    expect(settled.reserved).toBeGreaterThan(4000 * KiB);
    expect(settled.reserved).toBeLessThan(9000 * KiB);
    for (let i = 0; i < 10; i++) step();
    expect({ reserved: arena.reserved, used: heap.used }).toEqual(settled);
    expect(heap.used).toBe(settled.reserved);
  });

  it("keeps its one chunk when inner marks come back to the bottom", () => {
    const { arena } = fresh();
    const outer = arena.mark();
    const inner = arena.mark();
    const ptr = arena.allocate(10);
    arena.reset(inner);
    expect(arena.allocate(10)).toBe(ptr);
    arena.reset(outer);
    expect(arena.used).toBe(0);
  });

  it("takes only what it needs where there is no room to take more, and ends a scope without needing any", () => {
    // 20 pages: no room for the second chunk to be as large as the first.
    const { arena } = fresh(20);
    const mark = arena.mark();
    arena.allocate(700 * KiB);
    arena.allocate(400 * KiB);
    expect(() => arena.allocate(400 * KiB)).toThrow(OutOfMemoryError);
    arena.reset(mark);
    expect(arena.used).toBe(0);
    arena.allocate(700 * KiB);
    arena.allocate(400 * KiB);
  });

  it("stays whole after it could not allocate", () => {
    const { arena } = fresh(10);
    const mark = arena.mark();
    const first = arena.allocate(100);
    expect(() => arena.allocate(10 * MiB)).toThrow(OutOfMemoryError);
    arena.reset(mark);
    expect(arena.allocate(100)).toBe(first);
  });
});
