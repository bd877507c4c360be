import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DTypeError, OptionError } from "../../src/core/errors.js";
import { logSoftmax, softmax } from "../../src/ops/softmax.js";
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
