// A file of its own: it takes the whole address space.
import { expect, it } from "vitest";
import { memoryUsage, OutOfMemoryError, scope, tanh, tensor, zeros } from "../../src/index.js";
import { heap } from "../../src/wasm/backend.js";

it("operations and creation name themselves when memory ends, and all goes on when there is some again", () => {
  const x = tensor([1, 2, 3]);
  scope(() => void tanh(x));
  const { heapBytes } = memoryUsage();
  // Reserved, never touched: the system gives no pages.
  const blocks = [2 ** 31, 2 ** 30, 2 ** 29].map((bytes) => heap().allocate(bytes));
  expect(blocks.at(-1)).toBeGreaterThan(2 ** 31);

  for (const create of [() => zeros([200_000_000]), () => scope(() => void zeros([200_000_000]))]) {
    expect(create).toThrow(OutOfMemoryError);
    expect(create).toThrow(
      /^zeros: expected 800000000 more bytes of WebAssembly memory, got a memory of \d+ bytes, \d+ in use, that/,
    );
  }
  // A tensor above 2 GiB: its address has the sign bit set.
  const high = zeros([1000]);
  expect(
    tanh(high)
      .data()
      .every((value) => value === 0),
  ).toBe(true);
  expect(high.set(new Float32Array(1000).fill(0.5)).add(1).data()[999]).toBe(1.5);
  expect(high.storage.ptr).toBeGreaterThan(2 ** 31);

  for (const block of blocks) heap().free(block);
  high.dispose();
  expect(memoryUsage().heapBytes).toBeLessThan(heapBytes + 10_000);
  scope(() => expect(zeros([1_000_000]).data()[5]).toBe(0));
  expect(x.toArray()).toEqual([1, 2, 3]);
  x.dispose();
});
