import { describe, expect, expectTypeOf, it } from "vitest";
import {
  DTypeError,
  IndexError,
  NumericError,
  OptionError,
  ShapeError,
} from "../../src/core/errors.js";
import { getRngState, manualSeed } from "../../src/core/random.js";
import { less } from "../../src/ops/compare.js";
import { indexSelect } from "../../src/ops/index-select.js";
import { booleanMask, maskedSelect, nonzero } from "../../src/ops/masked-select.js";
import { multinomial } from "../../src/ops/multinomial.js";
import { select, unbind } from "../../src/ops/slice.js";
import { tensor, zeros } from "../../src/tensor/create.js";
import { onesLike, randLike, randnLike, zerosLike } from "../../src/tensor/like.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import "../../src/ops/methods.js";

const GRID = [
  [1, 2, 3],
  [4, 5, 6],
];

describe("select", () => {
  it("drops the axis; negative positions count from the end", () => {
    scope(() => {
      const x = tensor(GRID);
      expect(x.select(1, 0).toArray()).toEqual([1, 4]);
      expect(x.select(0, -1).toArray()).toEqual([4, 5, 6]);
      expect(x.select(-1, -3).toArray()).toEqual([1, 4]);
      expect(x.select(0, 0).select(0, 2).item()).toBe(3);
      const ids = tensor(GRID, { dtype: "int32" }).select(0, 1);
      expectTypeOf(ids).toEqualTypeOf<Tensor<"int32">>();
      expect(ids.dtype).toBe("int32");
    });
  });

  it.each([2, -3, 0.5, NaN, undefined as unknown as number])(
    "refuses position %s of 2",
    (index) => {
      scope(() => {
        expect(() => select(tensor(GRID), 0, index)).toThrow(IndexError);
        expect(() => select(tensor(GRID), 0, index)).toThrow(
          `select: expected an index from -2 to 1, got ${index}.`,
        );
      });
    },
  );

  it("refuses an axis without elements, and axes that are not there", () => {
    scope(() => {
      expect(() => select(zeros([0, 3]), 0, 0)).toThrow("an index from 0 to -1, got 0");
      expect(() => select(tensor(GRID), 2, 0)).toThrow(OptionError);
      expect(() => select(tensor(1), 0, 0)).toThrow("at least one axis, got a scalar");
    });
  });
});

describe("unbind", () => {
  it("gives the steps of a batch", () => {
    scope(() => {
      const steps = unbind(tensor([GRID, GRID]), 1);
      expect(steps.map((step) => step.shape)).toEqual([
        [2, 3],
        [2, 3],
      ]);
      expect(steps[1]!.toArray()).toEqual([GRID[1], GRID[1]]);
      expect(unbind(tensor(GRID)).length).toBe(2);
      expect(unbind(zeros([0, 3]))).toEqual([]);
    });
  });

  it("adds up the gradients of the parts that are used", () => {
    scope(() => {
      const x = tensor(GRID, { requiresGrad: true });
      const [first, , third] = unbind(x, 1);
      first!.add(third!.mul(2)).sum().backward();
      expect(x.grad!.toArray()).toEqual([
        [1, 0, 2],
        [1, 0, 2],
      ]);
    });
  });
});

describe("masks", () => {
  it("maskedSelect takes elements, also of int32, and broadcasts both", () => {
    scope(() => {
      const x = tensor(GRID);
      expect(maskedSelect(x, less(x, 4)).toArray()).toEqual([1, 2, 3]);
      const ids = tensor(GRID, { dtype: "int32" });
      const columns = tensor(Int32Array.of(1, 0, -7));
      expect(maskedSelect(ids, columns).data()).toEqual(Int32Array.of(1, 3, 4, 6));
      expect(maskedSelect(x, less(x, 0)).shape).toEqual([0]);
    });
  });

  it("booleanMask takes rows", () => {
    scope(() => {
      const x = tensor([GRID, GRID]);
      const steps = tensor(Int32Array.of(1, 1, 1, 0), { shape: [2, 2] });
      expect(booleanMask(x, steps).toArray()).toEqual([...GRID, GRID[0]]);
      expect(() => booleanMask(x, tensor(Int32Array.of(1, 0, 1)))).toThrow(ShapeError);
      expect(() => booleanMask(x, steps.to("float32") as never)).toThrow(DTypeError);
    });
  });

  it("nonzero gives what indexSelect takes", () => {
    scope(() => {
      const x = tensor([0, 2.5, 0, NaN]);
      const found = nonzero(x);
      expect(found.toArray()).toEqual([[1], [3]]);
      expect(indexSelect(x, 0, found.select(1, 0)).toArray()).toEqual([2.5, NaN]);
      expect(nonzero(tensor(3)).shape).toEqual([1, 0]);
    });
  });
});

describe("multinomial", () => {
  const weights = [0.5, 0, 3, 1.5];

  it("draws by weight, with replacement as often as their shares", () => {
    manualSeed(1);
    scope(() => {
      const drawn = multinomial(tensor(weights), 20_000, { replacement: true }).data();
      const counts = [0, 0, 0, 0];
      for (const position of drawn) counts[position]!++;
      const expected = weights.map((weight) => (weight / 5) * 20_000);
      // Four standard deviations of a count.
      counts.forEach((count, i) => {
        const share = expected[i]! / 20_000;
        const deviation = Math.sqrt(20_000 * share * (1 - share));
        expect(Math.abs(count - expected[i]!)).toBeLessThanOrEqual(4 * deviation);
      });
    });
  });

  it("draws without replacement each at most once, the first by its weight, the second by what is left", () => {
    manualSeed(2);
    scope(() => {
      const rows = tensor(Array.from({ length: 6000 }, () => weights));
      const drawn = multinomial(rows, 3).toArray() as number[][];
      for (const row of drawn) expect([...row].sort()).toEqual([0, 2, 3]);
      const share = (first: number, second: number): number =>
        drawn.filter((row) => row[0] === first && row[1] === second).length / drawn.length;
      expect(Math.abs(share(2, 3) - 0.6 * (1.5 / 2))).toBeLessThan(0.03);
      expect(Math.abs(share(0, 2) - 0.1 * (3 / 4.5))).toBeLessThan(0.02);
    });
  });

  it("follows the library's generator", () => {
    scope(() => {
      manualSeed(5);
      const first = multinomial(tensor(weights), 9, { replacement: true }).toArray();
      const state = getRngState();
      manualSeed(5);
      expect(multinomial(tensor(weights), 9, { replacement: true }).toArray()).toEqual(first);
      expect(getRngState()).toEqual(state);
      expect(first).toEqual([3, 3, 2, 3, 2, 0, 2, 2, 3]);
    });
  });

  it("names the row that cannot be drawn from", () => {
    scope(() => {
      const rows = tensor([
        [1, 2],
        [0, 0],
      ]);
      expect(() => multinomial(rows)).toThrow(NumericError);
      expect(() => multinomial(rows)).toThrow("a weight above 0, got only zeros in row 1.");
      expect(() => multinomial(tensor([1, -2]))).toThrow("at least 0, got -2 at 1.");
      expect(() => multinomial(tensor([NaN]))).toThrow("at least 0, got NaN at 0.");
      expect(() => multinomial(tensor([1, 0, 1]), 3)).toThrow(OptionError);
      expect(() => multinomial(tensor([1, 0, 1]), 3)).toThrow("at most 2 draws");
      expect(() => multinomial(zeros([2, 2, 2]))).toThrow(ShapeError);
      expect(() => multinomial(tensor([1]), 0)).toThrow(OptionError);
    });
  });
});

describe("tensors like another", () => {
  it("have its shape, and zerosLike and onesLike its dtype", () => {
    scope(() => {
      const ids = tensor(GRID, { dtype: "int32" });
      expectTypeOf(zerosLike(ids)).toEqualTypeOf<Tensor<"int32">>();
      expect(zerosLike(ids).data()).toEqual(new Int32Array(6));
      expect(onesLike(tensor(GRID)).toArray()).toEqual([
        [1, 1, 1],
        [1, 1, 1],
      ]);
      expect(randLike(tensor(GRID)).shape).toEqual([2, 3]);
      expect(randnLike(tensor(GRID), { requiresGrad: true }).requiresGrad).toBe(true);
    });
  });
});
