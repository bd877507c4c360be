import { describe, expect, expectTypeOf, it } from "vitest";
import {
  arange,
  DTypeError,
  full,
  manualSeed,
  ones,
  OptionError,
  rand,
  randn,
  scope,
  ShapeError,
  tensor,
  zeros,
  type NumericArray,
  type Tensor,
} from "../../src/index.js";

const inScope = (name: string, body: () => void): void => it(name, () => scope(body));

describe("tensor()", () => {
  inScope("takes numbers and nested arrays, and works out their shape", () => {
    expect(tensor(2.5).shape).toEqual([]);
    expect(tensor(2.5).item()).toBe(2.5);
    expect(tensor([]).shape).toEqual([0]);
    expect(tensor([[], []]).shape).toEqual([2, 0]);
    const nested = [
      [
        [1, 2],
        [3, 4],
        [5, 6],
      ],
    ];
    expect(tensor(nested)).toMatchObject({ shape: [1, 3, 2], size: 6, dtype: "float32" });
    expect(tensor(nested).toArray()).toEqual(nested);
  });

  it.each([
    Float32Array,
    Float64Array,
    Int8Array,
    Uint8Array,
    Uint8ClampedArray,
    Int16Array,
    Uint16Array,
    Uint32Array,
  ])("takes a %o as float32", (Class) => {
    const values: NumericArray = Class.from([0, 1, 100]);
    scope(() => {
      const x = tensor(values as Float32Array);
      expect(x.dtype).toBe("float32");
      expect(x.data()).toEqual(Float32Array.of(0, 1, 100));
    });
  });

  inScope("takes an Int32Array as int32, and any whole numbers with dtype int32", () => {
    const ids = tensor(Int32Array.of(-1, 2 ** 31 - 1));
    expectTypeOf(ids).toEqualTypeOf<Tensor<"int32">>();
    expect(ids.data()).toEqual(Int32Array.of(-1, 2 ** 31 - 1));
    expect(tensor([1, -0, 3], { dtype: "int32" }).data()).toEqual(Int32Array.of(1, 0, 3));
    expect(tensor(Int32Array.of(1), { dtype: "float32" }).data()).toEqual(Float32Array.of(1));
    expect(tensor(Float64Array.of(-(2 ** 31)), { dtype: "int32" }).item()).toBe(-(2 ** 31));
  });

  it.each([1.5, NaN, Infinity, 2 ** 31, -(2 ** 31) - 1])("refuses %d as int32", (value) => {
    const attempt = () => tensor([0, value], { dtype: "int32" });
    expect(attempt).toThrow(DTypeError);
    expect(attempt).toThrow(
      `tensor: expected whole numbers from -2147483648 to 2147483647 for int32, got ${value} at position 1.`,
    );
  });

  inScope("copies: the tensor and the array it came from do not share", () => {
    const values = Float32Array.of(1, 2);
    const x = tensor(values);
    values[0] = 9;
    const shape = [2];
    const y = tensor([1, 2], { shape });
    shape[0] = 7;
    expect(x.toArray()).toEqual([1, 2]);
    expect(y.shape).toEqual([2]);
  });

  inScope("rounds float64 to float32", () => {
    expect(tensor([0.1]).item()).toBe(Math.fround(0.1));
    expect(tensor([1e300]).item()).toBe(Infinity);
  });

  inScope("takes a shape for what is flat", () => {
    expect(tensor(Float32Array.of(1, 2, 3, 4), { shape: [2, 2] }).toArray()).toEqual([
      [1, 2],
      [3, 4],
    ]);
    expect(tensor(5, { shape: [1, 1] }).toArray()).toEqual([[5]]);
  });

  it.each([
    [
      [[1, 2], [3]],
      ShapeError,
      "every array at depth 1 to have 2 entries as the first one has, got one with 1. Pad ragged",
    ],
    [[[1], 2], ShapeError, "every array at depth 1 to have 1 entries as the first one has, got 2."],
    [[1, [2]], DTypeError, "or a typed array, got [2]."],
    [[1, undefined], DTypeError, "or a typed array, got undefined."],
    [
      [[]].concat([[1]] as never),
      ShapeError,
      "to have 0 entries as the first one has, got one with 1",
    ],
    ["abc", DTypeError, 'got "abc"'],
    [null, OptionError, "expected values, got null"],
    [BigInt64Array.of(1n), DTypeError, "got BigInt64Array of 1."],
    [BigUint64Array.of(), DTypeError, "got BigUint64Array of 0"],
    [new DataView(new ArrayBuffer(4)), DTypeError, "got an object (DataView)"],
  ])("refuses %o", (values, error, message) => {
    expect(() => tensor(values as never)).toThrow(error);
    expect(() => tensor(values as never)).toThrow(message);
  });

  it("refuses a shape of another size, or none", () => {
    expect(() => tensor([1, 2, 3], { shape: [2] })).toThrow(
      "tensor: expected 2 values for shape [2], got 3.",
    );
    expect(() => tensor([1], { shape: [-1] })).toThrow(ShapeError);
  });

  it("refuses unknown dtypes and gradients for int32", () => {
    expect(() => tensor([1], { dtype: "float64" as "float32" })).toThrow(
      'expected dtype "float32" or "int32", got "float64"',
    );
    expect(() => tensor(Int32Array.of(1), { requiresGrad: true })).toThrow(DTypeError);
    expect(() => scope(() => (tensor(Int32Array.of(1)).requiresGrad = true))).toThrow(DTypeError);
  });
});

describe("filled tensors", () => {
  inScope("hold one value of their dtype", () => {
    expect(zeros([2]).toArray()).toEqual([0, 0]);
    expect(ones([1, 2], { dtype: "int32" }).data()).toEqual(Int32Array.of(1, 1));
    expect(full([3], -0.5).toArray()).toEqual([-0.5, -0.5, -0.5]);
    expect(full([], 7).item()).toBe(7);
    expect(zeros([0, 3]).size).toBe(0);
    expect(zeros([1], { requiresGrad: true }).requiresGrad).toBe(true);
    expectTypeOf(zeros([1])).toEqualTypeOf<Tensor>();
    expectTypeOf(zeros([1], { dtype: "int32" })).toEqualTypeOf<Tensor<"int32">>();
  });

  it("overwrite what an earlier scope left in their memory", () => {
    scope(() => full([1000], NaN));
    scope(() =>
      expect(
        zeros([1000])
          .data()
          .every((x) => x === 0),
      ).toBe(true),
    );
  });

  it("refuse a value that int32 cannot hold", () => {
    expect(() => full([2], 0.5, { dtype: "int32" })).toThrow("got 0.5 at position 0");
  });
});

describe("arange()", () => {
  inScope("steps up, down and not at all", () => {
    expect(arange(4).data()).toEqual(Int32Array.of(0, 1, 2, 3));
    expect(arange(2, 9, 3).data()).toEqual(Int32Array.of(2, 5, 8));
    expect(arange(3, -3, -2).data()).toEqual(Int32Array.of(3, 1, -1));
    expect(arange(0).shape).toEqual([0]);
    expect(arange(5, 2).size).toBe(0);
    expect(arange(2 ** 31 - 2, 2 ** 31).data()).toEqual(Int32Array.of(2 ** 31 - 2, 2 ** 31 - 1));
  });

  it("refuses fractions, no step, what int32 cannot hold, and too much", () => {
    expect(() => arange(2.5)).toThrow(OptionError);
    expect(() => arange(0, 5, 0)).toThrow("a step other than 0, got start 0, end 5, step 0");
    expect(() => arange(2 ** 31, 2 ** 31 + 2)).toThrow(
      "arange: expected values that int32 can hold, got 2147483648 to 2147483649.",
    );
    expect(() => arange(0, 2 ** 32, 2 ** 31)).toThrow(DTypeError);
    expect(() => arange(2 ** 40)).toThrow(ShapeError);
  });
});

describe("random tensors", () => {
  inScope("are the same again from the same seed, and differ from draw to draw", () => {
    manualSeed(5);
    const first = [rand([7]).data(), randn([3, 3]).data()];
    manualSeed(5);
    expect([rand([7]).data(), randn([3, 3]).data()]).toEqual(first);
    expect(rand([7]).data()).not.toEqual(first[0]);
    manualSeed(0);
  });

  inScope("follow their distributions", () => {
    const n = 40_000;
    const moments = (x: Float32Array) => {
      const mean = x.reduce((a, b) => a + b, 0) / n;
      return [mean, x.reduce((a, b) => a + (b - mean) ** 2, 0) / n] as const;
    };
    manualSeed(1);
    const u = rand([n]).data();
    expect(Math.min(...u.subarray(0, 1000))).toBeGreaterThanOrEqual(0);
    expect(u.every((x) => x >= 0 && x < 1)).toBe(true);
    const [uMean, uVariance] = moments(u);
    // Five standard errors.
    expect(Math.abs(uMean - 0.5)).toBeLessThan(5 / Math.sqrt(12 * n));
    expect(Math.abs(uVariance - 1 / 12)).toBeLessThan(5 * Math.sqrt(1 / 180 / n));
    const [mean, variance] = moments(randn([n]).data());
    expect(Math.abs(mean)).toBeLessThan(5 / Math.sqrt(n));
    expect(Math.abs(variance - 1)).toBeLessThan(5 * Math.sqrt(2 / n));
    manualSeed(0);
  });
});
