// Matrix products.
import { einsum } from "../../../src/ops/einsum.js";
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

/** By its definition: over all values of all letters. */
function einsumCase(equation: string, ...shapes: number[][]): GradientCase {
  const [left, right = ""] = equation.replaceAll(" ", "").split("->");
  const operands = left!.split(",");
  const letters = [...new Set(operands.join(""))];
  const sizes = letters.map((letter) =>
    Math.max(...operands.map((names, i) => shapes[i]![names.indexOf(letter)] ?? 1)),
  );
  return {
    inputs: Object.fromEntries(shapes.map((shape, i) => [`x${i}`, float(shape, { seed: i + 1 })])),
    run: (inputs) => einsum(equation, ...Object.values(inputs)),
    twin: (inputs) => {
      const shape = [...right].map((letter) => sizes[letters.indexOf(letter)]!);
      const data = new Float64Array(twin.sizeOf(shape));
      for (let flat = 0; flat < twin.sizeOf(sizes); flat++) {
        const index = twin.unravel(flat, sizes);
        const of = (names: string, within: readonly number[]): number[] =>
          [...names].map((name, axis) => (within[axis] === 1 ? 0 : index[letters.indexOf(name)]!));
        const term = Object.values(inputs).reduce(
          (value, x, i) => value * twin.at(x, of(operands[i]!, x.shape)),
          1,
        );
        const to = of(right, shape).reduce((at, i, axis) => at * shape[axis]! + i, 0);
        data[to]! += term;
      }
      return { shape, data };
    },
  };
}

export const products: Record<string, GradientCase[]> = {
  einsum: [
    einsumCase("ij,jk->ik", [3, 5], [5, 4]),
    einsumCase("bqd,bkd->bqk", [2, 3, 5], [2, 4, 5]),
    einsumCase("bhqd, bkhd -> bqhk", [2, 2, 3, 4], [2, 5, 2, 4]),
    einsumCase("i,j->ji", [3], [4]),
    einsumCase("ij,ij->", [3, 4], [3, 4]),
    einsumCase("abc,cd->bd", [2, 3, 4], [4, 5]),
    einsumCase("ijk->ki", [2, 3, 4]),
    einsumCase("bij,bi->bj", [2, 3, 4], [1, 3]),
    einsumCase("b,b->b", [4], [4]),
  ],
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
