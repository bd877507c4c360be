// Principal components: scikit-learn's, and what holds of any.
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { NumericError, OptionError } from "../../src/index.js";
import { pca, type Pca } from "../../src/vectors/index.js";
import { largestEigen } from "../../src/vectors/pca/largest-eigen.js";
import { symmetricEigen } from "../../src/vectors/pca/symmetric-eigen.js";
import { maxError, noise } from "../kernels/harness.js";

interface Case {
  readonly name: string;
  readonly dimension: number;
  readonly vectors: number[];
  readonly components: number[];
  readonly explainedVariance: number[];
  readonly explainedVarianceRatio: number[];
  readonly mean: number[];
  readonly transformed: number[];
}

const CASES = JSON.parse(
  readFileSync(new URL("fixtures/pca.json", import.meta.url), "utf8"),
) as Case[];

describe("pca", () => {
  it.each(CASES)("as scikit-learn: $name", async (expected) => {
    const { dimension, vectors } = expected;
    const count = expected.explainedVariance.length;
    for (const values of [Float32Array.from(vectors), Float64Array.from(vectors)]) {
      const found = await pca({ values, dimension }, { components: count });
      expect(found.transformed.dimension).toBe(count);
      expect(maxError(found.transformed.values, expected.transformed)).toBeLessThan(1e-10);
      for (const name of [
        "components",
        "explainedVariance",
        "explainedVarianceRatio",
        "mean",
      ] as const)
        expect(maxError(found[name], expected[name])).toBeLessThan(1e-10);
    }
  });

  it("gives orthogonal unit vectors of a thousand vectors, and what is left is the variance", async () => {
    const [n, d] = [1000, 61];
    const values = noise(n * d, 4).map((value, i) => value * (1 + ((i % d) % 9)) + (i % 3));
    const found = await pca({ values, dimension: d }, { components: d });
    expectOrthogonal(found, d, d);
    const variances = Array.from({ length: d }, (_, j) => {
      let sum = 0;
      for (let i = 0; i < n; i++) sum += (values[i * d + j]! - found.mean[j]!) ** 2 / (n - 1);
      return sum;
    });
    const total = (list: Iterable<number>) => [...list].reduce((a, b) => a + b, 0);
    expect(total(found.explainedVariance)).toBeCloseTo(total(variances), 8);
    expect(total(found.explainedVarianceRatio)).toBeCloseTo(1, 12);
  });

  it("takes constants, equal vectors and equal variances", async () => {
    const same = await pca(
      [
        [1, 2, 3],
        [1, 2, 3],
        [1, 2, 3],
      ],
      { components: 2 },
    );
    expect([...same.explainedVariance]).toEqual([0, 0]);
    expect([...same.transformed.values]).toEqual([0, 0, 0, 0, 0, 0]);
    const square = await pca([
      [1, 0],
      [-1, 0],
      [0, 1],
      [0, -1],
    ]);
    expect(maxError(square.explainedVariance, [2 / 3, 2 / 3])).toBeLessThan(1e-15);
    expectOrthogonal(square, 2, 2);
  });

  it("refuses what has no components", async () => {
    await expect(pca([[1, 2]], { components: 2 })).rejects.toThrow(OptionError);
    await expect(pca([[1, Infinity]], { components: 1 })).rejects.toThrow(NumericError);
    await expect(pca([[1], [2]], { components: 0 })).rejects.toThrow("components");
  });
});

function expectOrthogonal({ components }: Pca, count: number, d: number): void {
  for (let i = 0; i < count; i++)
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let k = 0; k < d; k++) sum += components[i * d + k]! * components[j * d + k]!;
      expect(Math.abs(sum - (i === j ? 1 : 0))).toBeLessThan(1e-12);
    }
}

describe("eigenvalues", () => {
  /** XᵀX of some noise, with columns of very different sizes. */
  const gram = (n: number) => {
    const x = noise(2 * n * n, n).map((value, i) => value * (1 + (i % n)) ** 1.5);
    return Float64Array.from({ length: n * n }, (_, at) => {
      let sum = 0;
      for (let k = 0; k < 2 * n; k++) sum += x[k * n + Math.floor(at / n)]! * x[k * n + (at % n)]!;
      return sum;
    });
  };

  it.each([1, 2, 3, 10, 40])("of %i rows: each vector is only stretched", async (n) => {
    const matrix = gram(n);
    const { values, vectors } = await symmetricEigen(matrix.slice(), n);
    const largest = Math.max(...values);
    for (let i = 0; i < n; i++)
      for (let row = 0; row < n; row++) {
        let sum = 0;
        for (let k = 0; k < n; k++) sum += matrix[row * n + k]! * vectors[i * n + k]!;
        expect(Math.abs(sum - values[i]! * vectors[i * n + row]!)).toBeLessThan(1e-13 * largest);
      }
  });

  it("the largest alone are those of all", async () => {
    const n = 60;
    const matrix = gram(n);
    const all = await symmetricEigen(matrix.slice(), n);
    const some = await largestEigen(matrix, n, 4);
    const order = Array.from(all.values.keys()).sort((a, b) => all.values[b]! - all.values[a]!);
    for (let i = 0; i < 4; i++) {
      expect(some.values[i]! / all.values[order[i]!]!).toBeCloseTo(1, 12);
      let along = 0;
      for (let k = 0; k < n; k++)
        along += some.vectors[i * n + k]! * all.vectors[order[i]! * n + k]!;
      expect(Math.abs(along)).toBeCloseTo(1, 9);
    }
  });
});

it("beyond what the vectors differ in, components are orthogonal still, and nothing lies along them", async () => {
  for (const vectors of [
    [
      [1, 0, 2, 5],
      [3, 1, 0, 1],
      [0, 2, 2, 2],
    ],
    [
      [1, 2, 3, 4, 5],
      [2, 0, 1, 1, 7],
    ],
    [
      [1, 2, 0, 1, 4, 1],
      [1, 2, 0, 1, 4, 1],
      [0, 5, 1, 2, 2, 2],
      [0, 5, 1, 2, 2, 2],
    ],
  ]) {
    const wanted = Math.min(vectors.length, vectors[0]!.length);
    const { components, transformed, explainedVariance } = await pca(vectors, {
      components: wanted,
    });
    const size = vectors[0]!.length;
    for (let i = 0; i < wanted; i++)
      for (let j = 0; j <= i; j++) {
        let dot = 0;
        for (let k = 0; k < size; k++) dot += components[i * size + k]! * components[j * size + k]!;
        expect(dot).toBeCloseTo(i === j ? 1 : 0, 9);
      }
    for (let i = 0; i < wanted; i++)
      if (explainedVariance[i]! < 1e-12)
        for (let row = 0; row < vectors.length; row++)
          expect(transformed.values[row * wanted + i]).toBeCloseTo(0, 9);
  }
});
