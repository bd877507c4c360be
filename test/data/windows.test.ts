import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { IndexError, OptionError } from "../../src/core/errors.js";
import { StreamWindows } from "../../src/data/windows.js";

const ids = (length: number) => Int32Array.from({ length }, (_, i) => i + 100);

describe("StreamWindows", () => {
  it("cuts the stream as PyTorch's example does", () => {
    // batchify: 2 rows of 5 (the 11th id is not used); get_batch with bptt = 3.
    const windows = [...new StreamWindows(ids(11), { batch: 2, time: 3 })];
    expect(windows).toEqual([
      {
        index: 0,
        input: Int32Array.of(100, 101, 102, 105, 106, 107),
        target: Int32Array.of(101, 102, 103, 106, 107, 108),
        shape: [2, 3],
      },
      {
        index: 1,
        input: Int32Array.of(103, 108),
        target: Int32Array.of(104, 109),
        shape: [2, 1],
      },
    ]);
  });

  it("leaves out a short last window on request", () => {
    expect(new StreamWindows(ids(11), { batch: 2, time: 3, dropLast: true }).length).toBe(1);
    expect(new StreamWindows(ids(10), { batch: 2, time: 2, dropLast: true }).length).toBe(2);
    expect(new StreamWindows(ids(10), { batch: 2, time: 2 }).length).toBe(2);
  });

  it("covers each row without a gap, in order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 7 }),
        fc.integer({ min: 0, max: 60 }),
        (batch, time, extra) => {
          const stream = ids(2 * batch + extra);
          const row = Math.floor(stream.length / batch);
          const rows: number[][] = Array.from({ length: batch }, () => []);
          for (const { input, target, shape } of new StreamWindows(stream, { batch, time })) {
            expect(shape[1]).toBeLessThanOrEqual(time);
            for (let r = 0; r < batch; r++) {
              const part = [...input.subarray(r * shape[1], (r + 1) * shape[1])];
              rows[r]!.push(...part);
              expect([...target.subarray(r * shape[1], (r + 1) * shape[1])]).toEqual(
                part.map((id) => id + 1),
              );
            }
          }
          rows.forEach((read, r) => {
            expect(read).toEqual([...stream.subarray(r * row, r * row + row - 1)]);
          });
        },
      ),
    );
  });

  it("goes on from any window, any number of times", () => {
    const windows = new StreamWindows(ids(50), { batch: 3, time: 4 });
    const all = [...windows];
    expect(all).toHaveLength(windows.length);
    for (let n = 0; n <= all.length; n++) expect([...windows.from(n)]).toEqual(all.slice(n));
    expect([...windows]).toEqual(all);
    expect(windows.at(2)).toEqual(all[2]);
  });

  it("is lazy: a stream that could never be copied whole costs nothing before it is read", () => {
    const windows = new StreamWindows(new Int32Array(1e6), { batch: 1, time: 1 });
    const first = windows[Symbol.iterator]().next();
    expect(first.value).toMatchObject({ index: 0, shape: [1, 1] });
    expect(windows.length).toBe(999_999);
  });

  it("refuses what gives no window", () => {
    expect(() => new StreamWindows(ids(7), { batch: 4, time: 3 })).toThrow(
      /at least 8 ids for 4 rows, got 7/,
    );
    expect(() => new StreamWindows(ids(15), { batch: 4, time: 3, dropLast: true })).toThrow(
      /at least 16 ids/,
    );
    expect(new StreamWindows(ids(16), { batch: 4, time: 3, dropLast: true }).length).toBe(1);
    for (const bad of [0, -1, 1.5]) {
      expect(() => new StreamWindows(ids(9), { batch: bad, time: 1 })).toThrow(OptionError);
      expect(() => new StreamWindows(ids(9), { batch: 1, time: bad })).toThrow(OptionError);
    }
    const windows = new StreamWindows(ids(9), { batch: 2, time: 2 });
    for (const bad of [-1, windows.length, 0.5]) expect(() => windows.at(bad)).toThrow(IndexError);
  });
});
