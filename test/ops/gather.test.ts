import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DTypeError, IndexError, ShapeError } from "../../src/core/errors.js";
import { gather } from "../../src/ops/gather.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { at, build, sizeOf, unravel } from "../gradcheck/twin.js";
import { testRandom } from "../helpers/random.js";
import { counting, expectSame, pair, shapeAndAxis } from "./arbitrary.js";

const cases = shapeAndAxis({ least: 1 }).chain(({ shape, axis }) =>
  fc.record({
    shape: fc.constant(shape),
    axis: fc.constant(axis),
    // On the other axes at most as long as x.
    sizes: fc.tuple(...shape.map((size) => fc.integer({ min: 0, max: size }))),
    count: fc.integer({ min: 0, max: 6 }),
    seed: fc.nat(1000),
  }),
);

describe("gather", () => {
  it("picks along an axis as torch.gather, and adds gradients where an index repeats", () => {
    fc.assert(
      fc.property(cases, ({ shape, axis, sizes, count, seed }) =>
        scope(() => {
          const along = axis < 0 ? axis + shape.length : axis;
          const picked = sizes.with(along, count);
          const random = testRandom(seed);
          const ids = Int32Array.from({ length: sizeOf(picked) }, () =>
            random.integer(0, shape[along]! - 1),
          );
          const source = (index: number[], flat: number) => index.with(along, ids[flat]!);
          const index = tensor(ids, { shape: picked });
          let flat = 0;
          const whole = counting(shape);
          const expected = build(picked, (i) => at(whole.twin, source(i, flat++)));
          expectSame(gather(whole.tensor, axis, index), expected);

          const x = pair(shape, seed);
          const y = gather(x.tensor, axis, index);
          const dy = pair(picked, seed + 1);
          y.backward(dy.tensor);
          const dx = build(shape, () => 0);
          dy.twin.data.forEach((g, i) => {
            const target = source(unravel(i, picked), i);
            dx.data[target.reduce((f, n, a) => f * shape[a]! + n, 0)]! += g;
          });
          expectSame(x.tensor.grad!, dx, 1e-5);
        }),
      ),
    );
  });

  it("names a bad index and its place, and changes nothing", () => {
    scope(() => {
      const x = pair([2, 3]).tensor;
      const at12 = () =>
        gather(
          x,
          1,
          tensor(
            [
              [0, 1, 2],
              [2, 0, 3],
            ],
            { dtype: "int32" },
          ),
        );
      expect(at12).toThrow(IndexError);
      expect(at12).toThrow("gather: expected indices from 0 to 2, got 3 at [1, 2].");
      expect(() => gather(x, 1, tensor([[0], [-1]], { dtype: "int32" }))).toThrow(
        "got -1 at [1, 0]",
      );
    });
  });

  it("refuses an index of floats or of a shape that does not fit", () => {
    scope(() => {
      const x = pair([2, 3]).tensor;
      expect(() => gather(x, 1, x as unknown as Tensor<"int32">)).toThrow(DTypeError);
      expect(() => gather(x, 0, tensor([0], { dtype: "int32" }))).toThrow(ShapeError);
      expect(() => gather(x, 0, counting([1, 4]).tensor)).toThrow(
        "gather: expected an index at most as long as [2, 3] on every axis but 0, got [1, 4]",
      );
    });
  });
});
