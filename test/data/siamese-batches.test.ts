// Batches in which nothing comes twice, and batches of several examples of several labels.
import { describe, expect, it } from "vitest";
import { manualSeed, OptionError } from "../../src/index.js";
import { batches } from "../../src/data/batches.js";
import { distinctBatches } from "../../src/data/distinct-batches.js";
import { labelBatches } from "../../src/data/label-batches.js";
import { collect } from "../../src/data/source.js";

describe("distinctBatches", () => {
  const distinct = (keys: readonly string[], batchSize: number) => {
    const source = batches([...keys.keys()], { batchSize, shuffle: true });
    return distinctBatches(source, {
      count: keys.length,
      batchSize,
      keysOf: (i: number) => keys[i]!.split(" "),
    });
  };

  it("gives all examples, no two of a batch with a common key", async () => {
    manualSeed(1);
    const keys = Array.from({ length: 101 }, (_, i) => `a${i % 40} b${i}`);
    const found = distinct(keys, 8);
    for (let pass = 0; pass < 3; pass++) {
      const all = await collect(found);
      expect(all.length).toBe(found.length);
      expect(all.flat().sort((a, b) => a - b)).toEqual([...keys.keys()]);
      for (const batch of all) {
        const own = batch.flatMap((i) => keys[i]!.split(" "));
        expect(new Set(own).size).toBe(own.length);
      }
    }
  });

  it("leaves out of a pass what finds no room, and has as many batches", async () => {
    const found = distinct(["x", "x", "x", "x", "y", "z"], 3);
    const all = await collect(found);
    expect(all.length).toBe(2);
    for (const batch of all) expect(batch.length).toBeGreaterThan(0);
    expect(all.flat().filter((i) => i < 4).length).toBe(2);
  });
});

describe("labelBatches", () => {
  const examples = Array.from({ length: 60 }, (_, i) => ({
    id: i,
    label: i < 40 ? "a" : i < 56 ? "b" : i < 59 ? "c" : "d",
  }));
  const labelOf = ({ label }: { id: number; label: string }) => label;

  it("has several examples of each of several labels, each once in a batch", () => {
    manualSeed(1);
    const found = labelBatches("fit", examples, { batchSize: 12, perLabel: 4, labelOf });
    expect(found.length).toBe(5);
    const seen = new Set<number>();
    for (let pass = 0; pass < 12; pass++)
      for (const batch of found) {
        expect(new Set(batch.map(({ id }) => id)).size).toBe(batch.length);
        const counts = new Map<string, number>();
        for (const { label, id } of batch) {
          counts.set(label, (counts.get(label) ?? 0) + 1);
          seen.add(id);
        }
        // Three labels have room; one has three examples only, one a single one, which is no pair.
        expect(Object.fromEntries(counts)).toEqual({ a: 4, b: 4, c: 3 });
      }
    expect(seen.size).toBe(59);
  });

  it("refuses labels of which no two have two examples", () => {
    const options = { batchSize: 8, perLabel: 2, labelOf };
    expect(() => labelBatches("fit", examples.slice(57), options)).toThrow(OptionError);
    expect(() => labelBatches("fit", examples.slice(57), options)).toThrow(
      "two labels or more with two examples or more each, got 1 of 2 labels",
    );
  });
});
