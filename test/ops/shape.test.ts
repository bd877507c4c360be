import * as fc from "fast-check";
import { describe, expect, expectTypeOf, it } from "vitest";
import { DTypeError, OptionError, ShapeError } from "../../src/core/errors.js";
import { clone, to } from "../../src/ops/convert.js";
import { expand } from "../../src/ops/expand.js";
import { concat, stack } from "../../src/ops/join.js";
import { permute, transpose } from "../../src/ops/permute.js";
import { reshape, squeeze, unsqueeze } from "../../src/ops/reshape.js";
import { slice, split } from "../../src/ops/slice.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import "../../src/ops/methods.js";
import { at, broadcastAt, build, sizeOf, type Twin } from "../gradcheck/twin.js";
import { counting, expectSame, pair, shapeAndAxis, shapes } from "./arbitrary.js";
import { sumBack } from "./sum-back.js";

/** Whatever moves elements moves int32 too; its gradient moves them back and adds where they met. */
function expectMoves(
  shape: readonly number[],
  move: <D extends "float32" | "int32">(x: Tensor<D>) => Tensor<D>,
  expected: (x: Twin) => Twin,
): void {
  scope(() => {
    const ids = counting(shape);
    expectSame(move(ids.tensor), expected(ids.twin), 0, "int32");
    const x = pair(shape, 3);
    const y = move(x.tensor);
    expectSame(y, expected(x.twin), 0, "float32");
    const dy = pair(y.shape, 4);
    y.backward(dy.tensor);
    // The move is linear: its gradient, element by element, is where each element went.
    const dx = Float64Array.from(x.twin.data, (_, i) => {
      const only = { shape, data: new Float64Array(x.twin.data.length).fill(0, 0).with(i, 1) };
      return expected(only).data.reduce((total, hit, j) => total + hit * dy.twin.data[j]!, 0);
    });
    expectSame(x.tensor.grad!, { shape, data: dx }, 1e-5, "dx");
  });
}

describe("methods", () => {
  it("are the functions of their names", () => {
    scope(() => {
      const x = tensor([[[1, 2, 3]], [[4, 5, 6]]]);
      expect(x.squeeze().toArray()).toEqual(squeeze(x).toArray());
      expect(x.squeeze(0).shape).toEqual([2, 1, 3]);
      expect(x.unsqueeze(-1).shape).toEqual([2, 1, 3, 1]);
      expect(x.transpose(0, 2).toArray()).toEqual(transpose(x, 0, 2).toArray());
      expect(x.unbind().map((part) => part.toArray())).toEqual([[[1, 2, 3]], [[4, 5, 6]]]);
      expect(x.unbind(2).map(({ shape }) => shape)).toEqual([
        [2, 1],
        [2, 1],
        [2, 1],
      ]);
      expect(tensor([0, 1]).exp().data()).toEqual(Float32Array.of(1, Math.E));
      expectTypeOf(x.to("int32").unbind()).toEqualTypeOf<Tensor<"int32">[]>();
    });
  });
});

const few = { numRuns: 60 };

describe("reshape", () => {
  it("keeps the order, works out -1, and shares memory", () => {
    fc.assert(
      fc.property(shapes(), fc.nat(), (shape, where) => {
        const flat = [sizeOf(shape)];
        expectMoves(
          shape,
          (x) => reshape(x, flat),
          (x) => ({ shape: flat, data: x.data }),
        );
        fc.pre(sizeOf(shape) > 0 && shape.length > 0);
        const open = shape.with(where % shape.length, -1);
        expectMoves(
          shape,
          (x) => reshape(reshape(x, flat), open),
          (x) => x,
        );
      }),
      few,
    );
    scope(() => {
      const x = tensor([1, 2, 3, 4]);
      const y = x.reshape([2, -1]);
      x.set([5, 6, 7, 8]);
      expect(y.toArray()).toEqual([
        [5, 6],
        [7, 8],
      ]);
    });
  });

  it.each([[[3]], [[-1, -1]], [[4, -1]], [[0, -1]], [[-2, -3]], [[1.5, 4]], [[]]])(
    "refuses %j for [2, 3]",
    (shape) => {
      scope(() => {
        const x = pair([2, 3]).tensor;
        expect(() => reshape(x, shape)).toThrow(ShapeError);
        expect(() => reshape(x, shape)).toThrow(
          `reshape: expected sizes for the 6 elements of [2, 3], got [${shape.join(", ")}].`,
        );
      });
    },
  );

  it("refuses -1 where any size would do", () => {
    scope(() => {
      expect(() => reshape(tensor([], { shape: [0] }), [0, -1])).toThrow(ShapeError);
      expect(reshape(tensor([], { shape: [0] }), [3, -1]).shape).toEqual([3, 0]);
    });
  });
});

describe("squeeze and unsqueeze", () => {
  it("drop and add axes of size 1", () => {
    scope(() => {
      const x = pair([1, 2, 1, 3]).tensor;
      expect(squeeze(x).shape).toEqual([2, 3]);
      expect(squeeze(x, 0).shape).toEqual([2, 1, 3]);
      expect(squeeze(x, -2).shape).toEqual([1, 2, 3]);
      expect(squeeze(x, [0, 2]).shape).toEqual([2, 3]);
      expect(squeeze(x, 1).shape).toEqual([1, 2, 1, 3]);
      expect(unsqueeze(x, 0).shape).toEqual([1, 1, 2, 1, 3]);
      expect(unsqueeze(x, -1).shape).toEqual([1, 2, 1, 3, 1]);
      expect(() => squeeze(x, 4)).toThrow(OptionError);
      expect(() => unsqueeze(x, 5)).toThrow("unsqueeze: expected an axis from -5 to 4, got 5");
    });
    expectMoves(
      [2, 3],
      (x) => unsqueeze(x, 1),
      (x) => ({ ...x, shape: [2, 1, 3] }),
    );
    expectMoves(
      [2, 1, 3],
      (x) => squeeze(x, 1),
      (x) => ({ ...x, shape: [2, 3] }),
    );
  });
});

describe("permute and transpose", () => {
  const orders = shapes().chain((shape) =>
    fc
      .shuffledSubarray(
        shape.map((_, axis) => axis),
        { minLength: shape.length },
      )
      .map((order) => ({ shape, order })),
  );

  it("put axis order[i] at place i", () => {
    fc.assert(
      fc.property(orders, ({ shape, order }) => {
        const expected = (x: Twin): Twin =>
          build(
            order.map((axis) => shape[axis]!),
            (index) => {
              const source = shape.map(() => 0);
              order.forEach((axis, i) => (source[axis] = index[i]!));
              return at(x, source);
            },
          );
        expectMoves(shape, (x) => permute(x, order), expected);
        const negative = order.map((axis) => axis - shape.length);
        scope(() => {
          const x = counting(shape);
          expectSame(permute(x.tensor, negative), expected(x.twin));
        });
      }),
      few,
    );
  });

  it("transpose swaps two axes", () => {
    expectMoves(
      [2, 3, 4],
      (x) => transpose(x, 0, -1),
      (x) => build([4, 3, 2], ([i, j, k]) => at(x, [k!, j!, i!])),
    );
    expectMoves(
      [2, 3],
      (x) => transpose(x, 1, 1),
      (x) => x,
    );
  });

  it.each([[[0]], [[0, 0]], [[0, 2]], [[0, 1, 1]]])(
    "refuse %j as an order of two axes",
    (order) => {
      scope(() => {
        expect(() => permute(pair([2, 3]).tensor, order)).toThrow(OptionError);
      });
    },
  );
});

describe("slice", () => {
  const cuts = shapeAndAxis().chain(({ shape, axis }) =>
    fc.record({
      shape: fc.constant(shape),
      axis: fc.constant(axis),
      start: fc.integer({ min: -7, max: 7 }),
      end: fc.option(fc.integer({ min: -7, max: 7 }), { nil: undefined }),
    }),
  );

  it("takes what Array.prototype.slice takes", () => {
    fc.assert(
      fc.property(cuts, ({ shape, axis, start, end }) => {
        const along = axis < 0 ? axis + shape.length : axis;
        const taken = Array.from({ length: shape[along]! }, (_, i) => i).slice(start, end);
        expectMoves(
          shape,
          (x) => slice(x, axis, start, end),
          (x) =>
            build(shape.with(along, taken.length), (index) =>
              at(x, index.with(along, taken[index[along]!]!)),
            ),
        );
      }),
      few,
    );
  });

  it("adds the gradients of overlapping slices", () => {
    scope(() => {
      const x = tensor([1, 2, 3, 4], { requiresGrad: true });
      slice(x, 0, 0, 3)
        .mul(2)
        .sum()
        .add(slice(x, 0, 1).mul(3).sum())
        .backward();
      expect(x.grad!.toArray()).toEqual([2, 5, 5, 3]);
    });
  });

  it("refuses fractions and axes that are not there", () => {
    scope(() => {
      const x = pair([2, 3]).tensor;
      expect(() => slice(x, 0, 0.5)).toThrow("slice: expected whole numbers as bounds, got 0.5");
      expect(() => slice(x, 2, 0)).toThrow(OptionError);
      expect(() => slice(tensor(1), 0, 0)).toThrow(
        "slice: expected a tensor with at least one axis, got a scalar",
      );
    });
  });
});

describe("split", () => {
  it("gives back what concat joins", () => {
    fc.assert(
      fc.property(shapeAndAxis(), fc.integer({ min: 1, max: 6 }), ({ shape, axis }, size) => {
        expectMoves(
          shape,
          (x) => concat(split(x, size, axis), axis),
          (x) => x,
        );
      }),
      few,
    );
  });

  it("takes one size or several, and leaves out the gradient of unused pieces", () => {
    scope(() => {
      const x = tensor([1, 2, 3, 4, 5], { requiresGrad: true });
      expect(split(x, 2).map((piece) => piece.toArray())).toEqual([[1, 2], [3, 4], [5]]);
      const [first, , last] = split(x, [1, 0, 4]);
      expect([first!.toArray(), last!.shape]).toEqual([[1], [4]]);
      last!
        .mul(tensor([1, 2, 3, 4]))
        .sum()
        .backward();
      expect(x.grad!.toArray()).toEqual([0, 1, 2, 3, 4]);
    });
  });

  it("refuses sizes that do not fit", () => {
    scope(() => {
      const x = pair([5]).tensor;
      expect(() => split(x, [2, 2])).toThrow(
        "split: expected whole sizes >= 0 that add up to 5, got [2, 2]",
      );
      expect(() => split(x, [7, -2])).toThrow(OptionError);
      expect(() => split(x, 0)).toThrow("split: expected a size of at least 1, got 0");
    });
  });
});

describe("concat and stack", () => {
  it("join along any axis, also one tensor with itself", () => {
    fc.assert(
      fc.property(shapeAndAxis(), fc.integer({ min: 1, max: 3 }), ({ shape, axis }, count) => {
        const along = axis < 0 ? axis + shape.length : axis;
        const copies = <T>(x: T): T[] => new Array<T>(count).fill(x);
        expectMoves(
          shape,
          (x) => concat(copies(x), axis),
          (x) =>
            build(shape.with(along, shape[along]! * count), (index) =>
              at(x, index.with(along, index[along]! % shape[along]!)),
            ),
        );
        const stackAxis = axis < 0 ? axis + shape.length + 1 : axis;
        expectMoves(
          shape,
          (x) => stack(copies(x), axis),
          (x) =>
            build(shape.toSpliced(stackAxis, 0, count), (index) =>
              at(x, index.toSpliced(stackAxis, 1)),
            ),
        );
      }),
      few,
    );
  });

  it("join tensors of different lengths and give each its part of the gradient", () => {
    scope(() => {
      const a = tensor([[1], [2]], { requiresGrad: true });
      const b = tensor(
        [
          [3, 4],
          [5, 6],
        ],
        { requiresGrad: true },
      );
      const y = concat([a, b], 1);
      expect(y.toArray()).toEqual([
        [1, 3, 4],
        [2, 5, 6],
      ]);
      y.backward(
        tensor([
          [10, 20, 30],
          [40, 50, 60],
        ]),
      );
      expect(a.grad!.toArray()).toEqual([[10], [40]]);
      expect(b.grad!.toArray()).toEqual([
        [20, 30],
        [50, 60],
      ]);
    });
  });

  it("refuse what does not fit", () => {
    scope(() => {
      const x = pair([2, 3]).tensor;
      expect(() => concat([x, pair([2, 4]).tensor])).toThrow(
        "concat: expected sizes as in [2, 3] on every axis but 0, got [2, 4].",
      );
      expect(() => concat([x, pair([6]).tensor])).toThrow(ShapeError);
      expect(() => stack([x, pair([3, 2]).tensor])).toThrow(ShapeError);
      expect(() => concat([])).toThrow("concat: expected at least one tensor, got an empty list");
      expect(() => stack([])).toThrow(OptionError);
      const ids = counting([2, 3]).tensor as unknown as Tensor;
      expect(() => concat([x, ids])).toThrow(DTypeError);
    });
  });
});

describe("expand", () => {
  it("repeats axes of size 1 and new ones, and sums their gradient", () => {
    const cases = shapes().chain((full) =>
      fc
        .tuple(fc.integer({ min: 0, max: full.length }), fc.infiniteStream(fc.boolean()))
        .map(([dropped, repeated]) => ({
          full,
          own: full.map((size) => (repeated.next().value ? 1 : size)).slice(dropped),
        })),
    );
    fc.assert(
      fc.property(cases, ({ full, own }) => {
        scope(() => {
          const x = pair(own, 5);
          const y = expand(x.tensor, full);
          expectSame(
            y,
            build(full, (index) => broadcastAt(x.twin, index)),
          );
          const dy = pair(full, 6);
          y.backward(dy.tensor);
          expectSame(x.tensor.grad!, sumBack(dy.twin, own), 1e-5);
        });
      }),
      few,
    );
  });

  it("keeps an axis at -1 and refuses what does not fit", () => {
    scope(() => {
      expect(expand(counting([2, 1]).tensor, [3, -1, 2]).shape).toEqual([3, 2, 2]);
      const message = "expand: expected a shape that [2, 1] broadcasts to, got";
      for (const shape of [[3, 1], [2], [-1, 2, 1], [2, -2]])
        expect(() => expand(pair([2, 1]).tensor, shape)).toThrow(
          `${message} [${shape.join(", ")}]`,
        );
    });
  });
});

describe("clone and to", () => {
  it("clone copies with memory of its own, in the graph", () => {
    expectMoves(
      [2, 3],
      (x) => clone(x),
      (x) => x,
    );
    scope(() => {
      const x = tensor([1, 2]);
      const y = x.clone();
      x.set([3, 4]);
      expect(y.toArray()).toEqual([1, 2]);
    });
  });

  it("to converts, cutting off fractions", () => {
    scope(() => {
      const x = tensor([1.9, -1.9, 0.5, NaN, 1e20, -1e20], { requiresGrad: true });
      const ids = to(x, "int32");
      expectTypeOf(ids).toEqualTypeOf<Tensor<"int32">>();
      expect(ids.toArray()).toEqual([1, -1, 0, 0, 2147483647, -2147483648]);
      expect(ids.requiresGrad).toBe(false);
      expect(to(ids, "float32").toArray()).toEqual([1, -1, 0, 0, 2147483648, -2147483648]);
      // @ts-expect-error no such dtype
      expect(() => to(x, "float64")).toThrow(DTypeError);
    });
  });

  it("to its own dtype stays in the graph", () => {
    scope(() => {
      const x = tensor([1, 2], { requiresGrad: true });
      x.to("float32").mul(3).sum().backward();
      expect(x.grad!.toArray()).toEqual([3, 3]);
    });
  });
});
