import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DTypeError, OptionError, ShapeError } from "../../src/core/errors.js";
import { logSoftmax, maskedLogSoftmax, maskedSoftmax, softmax } from "../../src/ops/softmax.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import * as twins from "../gradcheck/twin.js";
import { expectSame, pair, shapeAndAxis } from "./arbitrary.js";

const probabilities = (line: number[]): number[] =>
  line.map((x) => Math.exp(x - twins.logSumExp(line)));
const logProbabilities = (line: number[]): number[] => line.map((x) => x - twins.logSumExp(line));

type Lines = (line: number[]) => number[];

/** Operation, twin, and the gradient of a line for the incoming one. */
const operations: [string, typeof softmax, Lines, (line: number[], dy: number[]) => number[]][] = [
  [
    "softmax",
    softmax,
    probabilities,
    (line, dy) => {
      const p = probabilities(line);
      const mean = twins.sum(p.map((each, i) => each * dy[i]!));
      return p.map((each, i) => each * (dy[i]! - mean));
    },
  ],
  [
    "logSoftmax",
    logSoftmax,
    logProbabilities,
    (line, dy) => probabilities(line).map((p, i) => dy[i]! - p * twins.sum(dy)),
  ],
];

describe.each(operations)("%s", (name, op, f, gradient) => {
  it("works along any axis", () => {
    fc.assert(
      fc.property(shapeAndAxis({ least: 1 }), fc.nat(1000), ({ shape, axis }, seed) =>
        scope(() => {
          const x = pair(shape, seed, -5, 5);
          const y = op(x.tensor, axis);
          expectSame(y, twins.alongAxis(x.twin, axis, f), 2e-6);
          const dy = pair(shape, seed + 1);
          y.backward(dy.tensor);
          const along = axis < 0 ? axis + shape.length : axis;
          const line = (from: twins.Twin, index: number[]) =>
            Array.from({ length: shape[along]! }, (_, i) => twins.at(from, index.with(along, i)));
          const dx = twins.build(
            shape,
            (index) => gradient(line(x.twin, index), line(dy.twin, index))[index[along]!]!,
          );
          expectSame(x.tensor.grad!, dx, 5e-6, "dx");
        }),
      ),
    );
  });

  it("leaves tensors of no elements alone, and takes a scalar as a row of one", () => {
    scope(() => {
      expect(op(tensor([], { shape: [0, 3] })).shape).toEqual([0, 3]);
      expect(op(tensor([], { shape: [3, 0] }), 0).shape).toEqual([3, 0]);
      expect(op(tensor(4)).item()).toBe(f([4])[0]);
    });
  });

  it("does not overflow", () => {
    scope(() => {
      const y = op(
        tensor([
          [1000, 999, -1000],
          [-1000, -1000, -1000],
        ]),
      );
      expectSame(
        y,
        twins.alongAxis(
          { shape: [2, 3], data: Float64Array.of(1000, 999, -1000, -1000, -1000, -1000) },
          1,
          f,
        ),
        {
          absolute: 1e-6,
          relative: 1e-6,
        },
      );
    });
  });

  it("refuses axes that are not there and int32", () => {
    scope(() => {
      expect(() => op(pair([2, 3]).tensor, 2)).toThrow(
        `${name}: expected an axis from -2 to 1, got 2`,
      );
      expect(() => op(pair([2, 3]).tensor, NaN)).toThrow(OptionError);
      expect(() => op(tensor([1], { dtype: "int32" }) as unknown as Tensor)).toThrow(DTypeError);
    });
  });
});

describe("logSoftmax by default", () => {
  it("takes the last axis", () => {
    scope(() => {
      const x = pair([2, 3], 8);
      expect(logSoftmax(x.tensor).toArray()).toEqual(logSoftmax(x.tensor, 1).toArray());
    });
  });
});

describe("masked softmax", () => {
  const mask = () =>
    tensor(
      Int32Array.from([1, 0, 1, 0, 0, 0, 2, 1, 1]), // any number but 0 allows
      { shape: [3, 3] },
    );
  const values = [
    [1, NaN, 2],
    [Infinity, NaN, 5],
    [0.5, 0.25, -1],
  ];

  it("never sees what is not allowed, NaN included, and gives zeros where nothing is", () => {
    scope(() => {
      const x = tensor(values, { requiresGrad: true });
      const y = maskedSoftmax(x, mask());
      const expected = [...probabilities([1, 2]), ...probabilities([0.5, 0.25, -1])];
      const [a, b, ...rest] = expected as [number, number, ...number[]];
      expectSame(y, { shape: [3, 3], data: Float64Array.of(a, 0, b, 0, 0, 0, ...rest) }, 1e-6);
      y.backward(pair([3, 3], 4).tensor);
      const gradient = x.grad!.data();
      expect(gradient.every(Number.isFinite)).toBe(true);
      expect([...gradient.subarray(3, 6), gradient[1]]).toEqual([0, 0, 0, 0]);
      expect(gradient[0]).not.toBe(0);
    });
  });

  it("has a logarithm of -Infinity there, and finite gradients", () => {
    scope(() => {
      const x = tensor(values, { requiresGrad: true });
      const y = maskedLogSoftmax(x, mask());
      const [a, b] = logProbabilities([1, 2]) as [number, number];
      const row = y.data().subarray(0, 6);
      expect([...row].map((v) => Math.round(v * 1e6))).toEqual(
        [a, -Infinity, b, -Infinity, -Infinity, -Infinity].map((v) => Math.round(v * 1e6)),
      );
      y.backward(pair([3, 3], 5).tensor);
      expect(x.grad!.data().every(Number.isFinite)).toBe(true);
      expect([...x.grad!.data().subarray(3, 6)]).toEqual([0, 0, 0]);
    });
  });

  it("broadcasts the mask and takes any axis", () => {
    scope(() => {
      const x = pair([2, 4, 3], 6);
      const rows = tensor(Int32Array.from([1, 1, 0, 1]), { shape: [4, 1] });
      const y = maskedSoftmax(x.tensor, rows, 1);
      const expected = twins.alongAxis(x.twin, 1, (line) => {
        const [p, q, r] = probabilities([line[0]!, line[1]!, line[3]!]) as [number, number, number];
        return [p, q, 0, r];
      });
      expectSame(y, expected, 1e-6);
    });
  });

  it("leaves softmax itself as PyTorch has it: NaN where all is -Infinity", () => {
    scope(() => {
      const x = tensor([-Infinity, -Infinity]);
      expect(softmax(x).toArray()).toEqual([NaN, NaN]);
      expect(logSoftmax(x).toArray()).toEqual([NaN, NaN]);
    });
  });

  it("refuses a float mask, int32 values, and shapes that do not meet", () => {
    scope(() => {
      const x = pair([2, 3]).tensor;
      expect(() => maskedSoftmax(x, x as unknown as Tensor<"int32">)).toThrow(
        "maskedSoftmax: expected mask of dtype int32, got float32.",
      );
      expect(() => maskedLogSoftmax(mask() as unknown as Tensor, mask())).toThrow(
        "maskedLogSoftmax: expected float32, got int32.",
      );
      expect(() => maskedSoftmax(x, mask())).toThrow(ShapeError);
    });
  });
});
