// How tensors read in a console. Numbers are written as PyTorch writes them.
import { inspect } from "node:util";
import { describe, expect, it } from "vitest";
import {
  arange,
  Linear,
  manualSeed,
  randn,
  scope,
  tensor,
  zeros,
  type Tensor,
} from "../../src/index.js";

describe("a tensor as text", () => {
  it.each([
    [tensor(0.5), "tensor(0.5000)"],
    [tensor([]), "tensor([], shape [0])"],
    [zeros([0, 3]), "tensor([], shape [0, 3])"],
    [tensor([3, -1]), "tensor([ 3, -1], shape [2])"],
    [tensor(Int32Array.of(1, 200, -3)), "tensor([  1, 200,  -3], shape [3], int32)"],
    [tensor([1e8, 1]), "tensor([1.0000e+8, 1.0000e+0], shape [2])"],
    [tensor([9e-5, 0.01]), "tensor([9.0000e-5, 1.0000e-2], shape [2])"],
    [tensor([1e-4, 0.01]), "tensor([1.0000e-4, 1.0000e-2], shape [2])"],
    [tensor([0.5, 500]), "tensor([  0.5000, 500.0000], shape [2])"],
    [tensor([0.5, 501]), "tensor([5.0000e-1, 5.0100e+2], shape [2])"],
    [tensor([0.25, 0]), "tensor([0.2500, 0.0000], shape [2])"],
    [tensor([NaN, 1.5, -Infinity]), "tensor([      NaN,    1.5000, -Infinity], shape [3])"],
    [tensor([NaN]), "tensor([NaN], shape [1])"],
  ])("%#", (x, text) => {
    expect(String(x)).toBe(text);
  });

  it("stands in aligned columns, blocks of three axes apart", () => {
    const x = tensor([
      [
        [0.12, -1.3],
        [11, 2],
      ],
      [
        [0.5, 0.25],
        [1, 2],
      ],
    ]);
    expect(`${x}`).toBe(
      [
        "tensor([[[ 0.1200, -1.3000],",
        "         [11.0000,  2.0000]],",
        "",
        "        [[ 0.5000,  0.2500],",
        "         [ 1.0000,  2.0000]]], shape [2, 2, 2])",
      ].join("\n"),
    );
  });

  it("breaks long rows within 80 columns", () => {
    const lines = String(arange(100)).split("\n");
    expect(lines).toHaveLength(6);
    expect(lines[1]).toMatch(/^ {8}18, 19, .* 35,$/);
    for (const line of lines.slice(0, -1)) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("shows the edges alone of more than a thousand elements", () => {
    expect(String(arange(1000))).not.toContain("…");
    expect(String(arange(1001))).toBe(
      "tensor([   0,    1,    2, …,  998,  999, 1000], shape [1001], int32)",
    );
    expect(String(arange(1200).reshape([2, 600]))).toBe(
      [
        "tensor([[   0,    1,    2, …,  597,  598,  599],",
        "        [ 600,  601,  602, …, 1197, 1198, 1199]], shape [2, 600], int32)",
      ].join("\n"),
    );
    const tall = String(arange(3000).reshape([1000, 3])).split("\n");
    expect(tall).toHaveLength(7);
    expect(tall[3]).toBe("        …,");
    expect(tall[4]).toBe("        [2991, 2992, 2993],");
  });

  it("says where it stands in a graph", () => {
    manualSeed(1);
    const layer = new Linear(2, 1);
    expect(String(layer.bias)).toMatch(/, shape \[1\], requiresGrad\)$/);
    expect(String(layer.forward(randn([3, 2])))).toMatch(/, shape \[3, 1\], from linear\)$/);
    expect(String(tensor([1.5], { requiresGrad: true }).mul(2).detach())).toBe(
      "tensor([3], shape [1])",
    );
    layer.dispose();
  });

  it("says why there are no numbers, instead of an error", () => {
    let kept: Tensor | undefined;
    scope(() => void (kept = tensor([1, 2])));
    expect(String(kept)).toBe("tensor(its scope has ended, shape [2])");
    const x = tensor([1]);
    x.dispose();
    expect(String(x)).toBe("tensor(disposed of, shape [1])");
  });

  it("is what console.log shows, indented where it is nested", () => {
    const state = { h: tensor([[1, 2], [3, 4]]) }; // prettier-ignore
    expect(inspect(state)).toBe(
      ["{", "  h: tensor([[1, 2],", "          [3, 4]], shape [2, 2])", "}"].join("\n"),
    );
  });
});
