import { describe, expect, it } from "vitest";
import {
  DTypeError,
  OptionError,
  scope,
  Sequential,
  ShapeError,
  tensor,
  zeros,
} from "../../src/index.js";
import type { Tensor } from "../../src/index.js";
import {
  AvgPool1d,
  avgPool2d,
  Conv1d,
  conv1d,
  Conv2d,
  conv2d,
  ConvTranspose1d,
  convTranspose1d,
  MaxPool1d,
  maxPool1d,
  maxPool2d,
  MaxPool2d,
  ReLU,
  type Conv1dModuleOptions,
} from "../../src/nn/index.js";
import { pad } from "../../src/ops/pad.js";
import { expectClose } from "../helpers/expect-close.js";
import { testRandom } from "../helpers/random.js";
import { withLayer } from "../oracle/check-case.js";

const numbers = (shape: number[], seed = 1): Tensor =>
  tensor(testRandom(seed).uniforms(shape.reduce((a, b) => a * b)), { shape });

describe("Conv1d and Conv2d", () => {
  it("start as PyTorch's do, by its names and shapes", () => {
    withLayer(new Conv2d(8, 6, [3, 5], { groups: 2 }), (layer) => {
      expect([...layer.stateDict().keys()]).toEqual(["weight", "bias"]);
      expect(layer.weight.shape).toEqual([6, 4, 3, 5]);
      const bound = 1 / Math.sqrt(4 * 3 * 5);
      for (const values of [layer.weight.data(), layer.bias!.data()])
        expect(values.every((v) => Math.abs(v) <= bound)).toBe(true);
      expect(Math.max(...layer.weight.data())).toBeGreaterThan(0.9 * bound);
    });
    withLayer(new Conv1d(2, 3, 4, { bias: false }), (layer) =>
      expect([...layer.stateDict().keys()]).toEqual(["weight"]),
    );
  });

  it("with causal padding see nothing of what comes later, NaN included", () => {
    withLayer(new Conv1d(2, 3, 3, { padding: "causal", dilation: 2 }), (layer) =>
      scope(() => {
        const x = numbers([1, 2, 9]);
        const later = x.data().map((v, i) => (i % 9 > 4 ? NaN : v));
        const y = layer.forward(x);
        expect(y.shape).toEqual([1, 3, 9]);
        const seen = (z: Tensor) => [...z.slice(2, 0, 5).data()];
        expect(seen(layer.forward(tensor(later, { shape: [1, 2, 9] })))).toEqual(seen(y));
      }),
    );
  });

  it("give the same bits whatever stands beside them in the batch", () => {
    // In columns, and in tiles.
    for (const channels of [5, 9])
      scope(() => {
        const [x, weight] = [numbers([3, channels, 40, 37]), numbers([9, channels, 3, 3], 2)];
        const all = conv2d(x, weight, undefined, { padding: 1 });
        const one = conv2d(x.slice(0, 1, 2), weight, undefined, { padding: 1 });
        expect([...all.slice(0, 1, 2).data()]).toEqual([...one.data()]);
      });
  });

  it.each([
    [4, 4, 0],
    [6, 7, 0],
    [4, 5, 1],
    [9, 4, "same"],
    [5, 3, [0, 2]],
    // Whose output is too small for tiles.
    [3, 3, 0],
    [3, 3, 1],
  ] as const)(
    "have the gradients in tiles that columns have: %i × %i, padding %s",
    (height, width, padding) => {
      // Halves of the channels are too few for tiles.
      const computed = (parts: readonly (readonly [number, number])[]) =>
        scope(() => {
          const leaf = (shape: number[], seed: number) => {
            const data = numbers(shape, seed).sub(0.5).data();
            return tensor(data, { shape, requiresGrad: true });
          };
          const [x, weight, bias] = [
            leaf([2, 9, height, width], 1),
            leaf([10, 9, 3, 3], 2),
            leaf([10], 3),
          ];
          const y = parts
            .map(([from, to], i) =>
              conv2d(x.slice(1, from, to), weight.slice(1, from, to), i === 0 ? bias : undefined, {
                padding,
              }),
            )
            .reduce((sum, part) => sum.add(part));
          y.mul(numbers([...y.shape], 4))
            .sum()
            .backward();
          return [y, x.grad!, weight.grad!, bias.grad!].map((each) => each.data());
        });
      const columns = computed([
        [0, 5],
        [5, 9],
      ]);
      computed([[0, 9]]).forEach((values, i) => {
        const scale = Math.max(...columns[i]!.map(Math.abs));
        // Sums of up to 162 products, whose order is another: 16 units in the last place of the largest.
        expectClose(values, columns[i]!, 1e-6 * scale);
      });
    },
  );

  it("work in several blocks as in one", () => {
    scope(() => {
      // 600 · 3 rows of columns: 32 positions are a block.
      const [x, weight] = [numbers([1, 600, 101]), numbers([2, 600, 3], 2)];
      const y = conv1d(x, weight);
      const [xs, ws] = [x.data(), weight.data()];
      for (const [o, t] of [
        [0, 0],
        [1, 31],
        [0, 32],
        [1, 98],
      ] as const) {
        let total = 0;
        for (let c = 0; c < 600; c++)
          for (let i = 0; i < 3; i++) total += xs[c * 101 + t + i]! * ws[(o * 600 + c) * 3 + i]!;
        expect(y.data()[o * 99 + t]).toBeCloseTo(total, 3);
      }
    });
  });

  it("take a batch of none", () => {
    scope(() => expect(conv1d(zeros([0, 2, 5]), zeros([3, 2, 2])).shape).toEqual([0, 3, 4]));
  });

  it("refuse what does not fit, and say how it would", () => {
    scope(() => {
      const weight = zeros([4, 3, 5]);
      expect(() => conv1d(zeros([2, 7, 3]), weight)).toThrow(
        "conv1d: expected input [batch, 3, time], got [2, 7, 3]. Channels come before the spatial axes: " +
          "transpose(x, 1, 2) turns [batch, time, features] to it.",
      );
      expect(() => conv1d(zeros([2, 3, 4]), weight)).toThrow(
        "conv1d: expected at least [5] with the padding, got [4]. Pad the input, or take a smaller kernel.",
      );
      expect(() => conv1d(zeros([2, 3, 9]), zeros([4, 3]))).toThrow(ShapeError);
      expect(() => conv1d(zeros([2, 3, 9]), weight, zeros([3]))).toThrow(
        "conv1d: expected a bias [4], got [3].",
      );
      expect(() => conv1d(zeros([2, 9, 9]), weight, undefined, { groups: 3 })).toThrow(
        "conv1d: expected groups that divide the 4 output channels, got 3.",
      );
      expect(() => conv1d(zeros([2, 3, 9]), weight, undefined, { padding: -1 })).toThrow(
        OptionError,
      );
      expect(() => conv1d(zeros([2, 3, 9]), weight, undefined, { stride: 0 })).toThrow(OptionError);
      expect(() => conv1d(zeros([2, 3, 9]), weight, undefined, { pad: 1 } as object)).toThrow(
        "expected options among stride, padding, dilation, groups",
      );
      expect(() =>
        conv1d(zeros([2, 3, 9], { dtype: "int32" }) as unknown as Tensor, weight),
      ).toThrow(DTypeError);
      const causal = { padding: "causal" as unknown as number };
      expect(() => conv2d(zeros([1, 1, 3, 3]), zeros([1, 1, 2, 2]), undefined, causal)).toThrow(
        'conv2d: expected padding to be a number or two, got "causal".',
      );
    });
    expect(() => new Conv1d(3, 4, 2, { groups: 2 })).toThrow(
      "Conv1d: expected groups that divide 3 and 4 channels, got 2.",
    );
    expect(() => new Conv1d(3, 4, 0)).toThrow(OptionError);
    expect(() => new Conv1d(3, 4, 2, { stide: 2 } as Conv1dModuleOptions)).toThrow("stide");
  });
});

describe("pooling", () => {
  it("has the bits and gradients of a channel for each, however many fit into the cache at once", () => {
    // Of windows of 4 elements over 65 × 65 places three channels fit, and two are left.
    for (const pool of [maxPool2d, avgPool2d])
      scope(() => {
        const values = numbers([2, 5, 130, 130]).data();
        const pooled = (shape: number[]) => {
          const x = tensor(values, { shape, requiresGrad: true });
          const y = pool(x, 2, { padding: [1, 0] });
          y.mul(y).sum().backward();
          return [...y.data(), ...x.grad!.data()];
        };
        const apart = pooled([10, 1, 130, 130]);
        expect(pooled([2, 5, 130, 130]).findIndex((value, i) => value !== apart[i])).toBe(-1);
      });
  });

  it("stands in a chain with convolutions", () => {
    const layers = [new Conv2d(1, 6, 5, { padding: 2 }), new Conv2d(6, 16, 5)] as const;
    const lenet = new Sequential(
      layers[0],
      new ReLU(),
      new MaxPool2d(2),
      layers[1],
      new MaxPool2d(2),
    );
    withLayer(lenet, () =>
      scope(() => {
        expect([...lenet.stateDict().keys()]).toContain("3.weight");
        const y = lenet.forward(numbers([2, 1, 28, 28]));
        expect(y.shape).toEqual([2, 16, 5, 5]);
        y.sum().backward();
        for (const layer of layers)
          expect(layer.weight.grad!.data().some((v) => v !== 0)).toBe(true);
      }),
    );
  });

  it("takes NaN as the largest, gives the gradient to the first of equals, never to padding", () => {
    scope(() => {
      const x = tensor([[[-2, -1, -1, NaN, 5, -3]]], { requiresGrad: true });
      const y = maxPool1d(x, 3, { stride: 3, padding: 1 });
      expect(y.toArray()).toEqual([[[-1, NaN]]]);
      y.backward(tensor([[[2, 7]]]));
      expect(x.grad!.toArray()).toEqual([[[0, 2, 0, 7, 0, 0]]]);
    });
  });

  it("refuses what does not fit", () => {
    scope(() => {
      expect(() => maxPool1d(zeros([2, 5]), 2)).toThrow(
        "maxPool1d: expected input [batch, channels, time], got [2, 5].",
      );
      expect(() => maxPool2d(zeros([1, 1, 5, 5]), 2, { padding: [0, 2] })).toThrow(
        "maxPool2d: expected padding of at most half the window, got 0, 2.",
      );
      expect(() => avgPool2d(zeros([1, 1, 2, 5]), 3)).toThrow(ShapeError);
      expect(() => new AvgPool1d(2, { dilation: 2 } as object).forward(zeros([1, 1, 4]))).toThrow(
        OptionError,
      );
      expect(() => new MaxPool1d(0).forward(zeros([1, 1, 4]))).toThrow(OptionError);
    });
  });
});

describe('padding "same" with a stride', () => {
  it("has TensorFlow's lengths and places: ⌈time / stride⌉, the larger part of an odd padding behind", () => {
    scope(() => {
      const weight = numbers([4, 3, 3], 2);
      for (const [time, stride, before, after] of [
        [9, 2, 1, 1],
        [8, 2, 0, 1],
        [10, 3, 1, 1],
        [7, 4, 0, 0],
      ] as const) {
        const x = numbers([2, 3, time]);
        const same = conv1d(x, weight, undefined, { padding: "same", stride });
        expect(same.shape).toEqual([2, 4, Math.ceil(time / stride)]);
        const given = conv1d(pad(x, [before, after]), weight, undefined, { stride });
        expect(same.data()).toEqual(given.data());
      }
    });
  });
});

describe("ConvTranspose1d", () => {
  it("undoes the shape of a strided convolution, and names what does not fit", () => {
    withLayer(new ConvTranspose1d(4, 2, 4, { stride: 2, padding: 1 }), (layer) =>
      scope(() => {
        expect(layer.weight.shape).toEqual([4, 2, 4]);
        expect(layer.forward(zeros([3, 4, 5])).shape).toEqual([3, 2, 10]);
        expect(() => layer.forward(zeros([3, 2, 5]))).toThrow(
          "convTranspose1d: expected input [batch, 4, time], got [3, 2, 5].",
        );
      }),
    );
    expect(() => new ConvTranspose1d(3, 2, 4, { groups: 2 })).toThrow(OptionError);
    scope(() => {
      const call = () =>
        convTranspose1d(zeros([1, 2, 3]), zeros([2, 1, 2]), undefined, { outputPadding: 1 });
      expect(call).toThrow("outputPadding below stride (1) or dilation (1), got 1");
    });
  });
});
