// Matrix products.
import { matmul } from "../../../src/ops/matmul.js";
import { float, type GradientCase } from "../check.js";
import * as twin from "../twin.js";

/** Vectors become matrices for the product, and lose that axis after it. */
function product(a: number[], b: number[], transposeB = false): GradientCase {
  return {
    inputs: { a: float(a), b: float(b, { seed: 2 }) },
    run: ({ a, b }) => matmul(a!, b!, { transposeB }),
    twin: ({ a, b }) => {
      const row = a!.shape.length === 1;
      const column = b!.shape.length === 1;
      const { shape, data } = twin.matmul(
        row ? { shape: [1, ...a!.shape], data: a!.data } : a!,
        column ? { shape: [...b!.shape, 1], data: b!.data } : transposeB ? twin.transposed(b!) : b!,
      );
      const leading = shape.slice(0, -2);
      const own = [...(row ? [] : [shape.at(-2)!]), ...(column ? [] : [shape.at(-1)!])];
      return { shape: [...leading, ...own], data };
    },
  };
}

export const products: Record<string, GradientCase[]> = {
  matmul: [
    product([1, 1], [1, 1]),
    product([3, 5], [5, 8]),
    product([5, 9], [9, 13]),
    product([2, 1], [1, 7]),
    product([1, 17], [17, 3]),
    product([2, 3, 5], [2, 5, 4]),
    product([2, 3, 5], [5, 4]),
    product([3, 5], [2, 5, 4]),
    product([2, 1, 3, 2], [3, 2, 4]),
    product([5], [5, 3]),
    product([3, 5], [5]),
    product([5], [5]),
    product([2, 3, 5], [5]),
    product([4], [2, 4, 3]),
    product([3, 5], [9, 5], true),
    product([2, 3, 5], [4, 5], true),
    product([2, 1, 3, 2], [3, 4, 2], true),
    product([5], [2, 3, 5], true),
  ],
};
