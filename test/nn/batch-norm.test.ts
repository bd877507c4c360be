// What PyTorch's recorded numbers (test/oracle/layers.test.ts) do not show.
import { describe, expect, it } from "vitest";
import { memoryUsage, noGrad, scope, tensor, zeros } from "../../src/index.js";
import { BatchNorm1d, BatchNorm2d } from "../../src/nn/index.js";
import { saveSafetensors, loadSafetensors } from "../../src/io/safetensors.js";

describe("BatchNorm", () => {
  it("has PyTorch's names, and its statistics go through a file", () => {
    const layer = new BatchNorm1d(2);
    scope(() => layer.forward(tensor([[1, 2], [3, 6]]))); // prettier-ignore
    expect([...layer.stateDict().keys()]).toEqual([
      "weight",
      "bias",
      "running_mean",
      "running_var",
      "num_batches_tracked",
    ]);
    expect([...layer.namedParameters().keys()]).toEqual(["weight", "bias"]);
    expect([...layer.running_mean!.data()].map((v) => v.toFixed(4))).toEqual(["0.2000", "0.4000"]);
    const other = new BatchNorm1d(2);
    scope(() => other.loadStateDict(loadSafetensors(saveSafetensors(layer.stateDict()))));
    expect(other.num_batches_tracked!.item()).toBe(1);
    scope(() => {
      const x = tensor([[5, 5]]);
      expect(other.eval().forward(x).data()).toEqual(layer.eval().forward(x).data());
      // Evaluation changes no statistics.
      expect(layer.num_batches_tracked!.item()).toBe(1);
    });
    layer.dispose();
    other.dispose();
  });

  it("leaves nothing behind", () => {
    const layer = new BatchNorm2d(3);
    const x = zeros([2, 3, 4, 4]);
    const run = () => scope(() => noGrad(() => void layer.forward(x)));
    run();
    const before = memoryUsage();
    run();
    expect(memoryUsage()).toEqual(before);
    layer.dispose();
    x.dispose();
  });

  it("refuses other axes, one value a channel in training, and options of others", () => {
    const layer = new BatchNorm1d(3);
    const given = (shape: number[]) => () => scope(() => void layer.forward(zeros(shape)));
    expect(given([2, 4])).toThrow(
      "BatchNorm1d: expected input [batch, channels] or [batch, channels, time] of 3 channels, got [2, 4].",
    );
    expect(given([2, 3, 4, 4])).toThrow("got [2, 3, 4, 4]");
    expect(given([1, 3])).toThrow("more than one value a channel in training, got [1, 3]");
    expect(() => layer.eval().forward(zeros([1, 3]))).not.toThrow();
    expect(() => new BatchNorm1d(3, { momentum: 2 })).toThrow("momentum from 0 to 1, or null");
    expect(() => new BatchNorm2d(3, { track_running_stats: true } as object)).toThrow(
      '"track_running_stats"',
    );
    expect(String(new BatchNorm1d(3, { momentum: null }))).toBe("BatchNorm1d(3, momentum=null)");
    layer.dispose();
  });
});
