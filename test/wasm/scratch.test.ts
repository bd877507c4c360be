// Scratch memory is lent: nobody writes over what somebody else still reads.
import { expect, it } from "vitest";
import { OutOfMemoryError } from "../../src/core/errors.js";
import { heap } from "../../src/wasm/backend.js";
import { i32 } from "../../src/wasm/memory.js";
import type { Ptr } from "../../src/wasm/ptr.js";
import { withScratch } from "../../src/wasm/scratch.js";

const WORDS = 1000;
const MUCH = 64 * 1024 * 1024;

/** Fills a block, lets `inner` run, and says whether the block is as it was. */
function undisturbed(value: number, inner: () => void, words = WORDS): boolean {
  return withScratch(4 * words, (space) => {
    i32(space, words).fill(value);
    inner();
    return i32(space, words).every((word) => word === value);
  });
}

it("lends a block of its own to each lease within a lease", () => {
  const deepest = (): void => void expect(undisturbed(3, () => {})).toBe(true);
  const inner = (): void => {
    expect(undisturbed(2, deepest)).toBe(true);
    // Larger than any before it, so that its block is another one.
    expect(undisturbed(2, deepest, 300 * WORDS)).toBe(true);
  };
  expect(undisturbed(1, inner)).toBe(true);
});

it("allocates nothing after the first calls", () => {
  const run = (): void => void undisturbed(1, () => void undisturbed(2, () => {}));
  run();
  const { used } = heap();
  const places = new Set<Ptr>();
  for (let i = 0; i < 5; i++) {
    run();
    withScratch(WORDS, (space) => places.add(space));
  }
  expect(heap().used).toBe(used);
  expect(places.size).toBe(1);
});

it("ends a lease whose borrower throws", () => {
  const first = withScratch(WORDS, (space) => space);
  const failing = (): void =>
    withScratch(WORDS, () =>
      withScratch(WORDS, () => {
        throw new Error("borrower");
      }),
    );
  expect(failing).toThrow("borrower");
  expect(withScratch(WORDS, (space) => space)).toBe(first);
});

it("goes on after a lease that the memory has no room for", () => {
  const tooMuch = (): void => withScratch(2 ** 32, () => {});
  withScratch(MUCH, (space) => {
    i32(space, 1)[0] = 7;
    expect(tooMuch).toThrow(OutOfMemoryError);
    expect(i32(space, 1)[0]).toBe(7);
  });
  expect(tooMuch).toThrow(OutOfMemoryError);
  expect(undisturbed(1, () => {})).toBe(true);
});
