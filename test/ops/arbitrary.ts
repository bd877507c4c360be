// Shapes for property tests, and tensors beside their float64 twins.
import * as fc from "fast-check";
import type { DType } from "../../src/core/dtype.js";
import "../../src/ops/methods.js";
import { tensor } from "../../src/tensor/create.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import { expectClose, type Tolerance } from "../helpers/expect-close.js";
import { testRandom } from "../helpers/random.js";
import { sizeOf, type Twin } from "../gradcheck/twin.js";

export interface Pair {
  readonly tensor: Tensor;
  readonly twin: Twin;
}

/** Shapes of rank 0 to 4 with sizes 0 to 5; zero is rare, so that most have elements. */
export function shapes({ least = 0, minRank = 0 } = {}): fc.Arbitrary<number[]> {
  const size = fc.oneof(
    { weight: 9, arbitrary: fc.integer({ min: 1, max: 5 }) },
    {
      weight: 1,
      arbitrary: fc.constant(least),
    },
  );
  return fc.array(size, { minLength: minRank, maxLength: 4 });
}

/** A shape and a valid axis of it, perhaps counted from the end. */
export function shapeAndAxis({ least = 0 } = {}): fc.Arbitrary<{ shape: number[]; axis: number }> {
  return shapes({ least, minRank: 1 }).chain((shape) =>
    fc.integer({ min: -shape.length, max: shape.length - 1 }).map((axis) => ({ shape, axis })),
  );
}

/** `count` shapes that broadcast with each other. */
export function broadcastable(count: number): fc.Arbitrary<number[][]> {
  return shapes().chain((full) =>
    fc.tuple(
      ...Array.from({ length: count }, () =>
        fc
          .tuple(
            fc.integer({ min: 0, max: full.length }),
            fc.array(fc.boolean(), { minLength: full.length, maxLength: full.length }),
          )
          .map(([dropped, repeated]) =>
            full.map((size, axis) => (repeated[axis] ? 1 : size)).slice(dropped),
          ),
      ),
    ),
  );
}

/** A tensor of reproducible numbers that requires a gradient, and its twin. */
export function pair(shape: readonly number[], seed = 1, low = -2, high = 2): Pair {
  const data = testRandom(seed).uniforms(sizeOf(shape), low, high);
  return {
    tensor: tensor(data, { shape, requiresGrad: true }),
    twin: { shape, data: Float64Array.from(data) },
  };
}

/** A twin of distinct whole numbers as an int32 tensor. */
export function counting(shape: readonly number[]): { tensor: Tensor<"int32">; twin: Twin } {
  const data = Int32Array.from({ length: sizeOf(shape) }, (_, i) => 7 + 3 * i);
  return { tensor: tensor(data, { shape }), twin: { shape, data: Float64Array.from(data) } };
}

/** Shape, and every element within the tolerance (default: exactly). */
export function expectSame(
  actual: Tensor<DType>,
  expected: Twin,
  tolerance: number | Tolerance = 0,
  what = "value",
): void {
  if (
    String(actual.shape) !== String(expected.shape) ||
    actual.shape.length !== expected.shape.length
  )
    throw new Error(`${what}: expected shape [${expected.shape}], got [${actual.shape}]`);
  expectClose(actual.data(), expected.data, tolerance, what);
}
