// t-SNE: against plain float64, its gradient against differences, cuts of a run, what it refuses.
import { describe, expect, it } from "vitest";
import { createHash } from "node:crypto";
import { NumericError, OptionError, ScopeError, ShapeError } from "../../src/index.js";
import { TSNE, tsne, WordVectors, type TSNEOptions } from "../../src/vectors/index.js";
import { noise } from "../kernels/harness.js";

/** Clouds round centers, in ten dimensions. */
function clouds(n: number, groups = 5, seed = 1): number[][] {
  const centers = noise(groups * 10, seed + 100, 4);
  const around = noise(n * 10, seed);
  return Array.from({ length: n }, (_, i) =>
    Array.from({ length: 10 }, (_, d) => centers[(i % groups) * 10 + d]! + around[i * 10 + d]!),
  );
}

const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => {
  let sum = 0;
  for (let d = 0; d < a.length; d++) sum += (a[d]! - b[d]!) ** 2;
  return sum;
};

/** p_ij by bisection over `neighbors` nearest, in float64. */
function affinities(points: number[][], perplexity: number, neighbors: number): number[][] {
  const n = points.length;
  const conditional = points.map((point, i) => {
    const distances = points.map((other) => distance(point, other));
    const near = distances.map((_, j) => j).filter((j) => j !== i);
    near.sort((a, b) => distances[a]! - distances[b]!);
    const nearest = near.slice(0, neighbors);
    let [low, high] = [0, 1e6];
    const weights = (beta: number) => {
      const e = nearest.map((j) => Math.exp(-beta * (distances[j]! - distances[nearest[0]!]!)));
      const sum = e.reduce((a, b) => a + b);
      return e.map((one) => one / sum);
    };
    for (let step = 0; step < 100; step++) {
      const beta = (low + high) / 2;
      const entropy = -weights(beta).reduce((sum, p) => sum + (p > 0 ? p * Math.log(p) : 0), 0);
      if (entropy > Math.log(perplexity)) low = beta;
      else high = beta;
    }
    const row = new Array<number>(n).fill(0);
    weights(low).forEach((p, k) => (row[nearest[k]!] = p));
    return row;
  });
  return conditional.map((row, i) => row.map((p, j) => (p + conditional[j]![i]!) / (2 * n)));
}

function divergence(p: number[][], layout: ArrayLike<number>): number {
  const n = p.length;
  const at = (i: number) => [layout[2 * i]!, layout[2 * i + 1]!];
  const q = p.map((row, i) => row.map((_, j) => (i === j ? 0 : 1 / (1 + distance(at(i), at(j))))));
  const total = q.flat().reduce((a, b) => a + b);
  let sum = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++)
      if (p[i]![j]! > 0) sum += p[i]![j]! * Math.log((p[i]![j]! * total) / q[i]![j]!);
  return sum;
}

const pairs = (layout: ArrayLike<number>) =>
  Array.from({ length: layout.length / 2 }, (_, i) => [layout[2 * i]!, layout[2 * i + 1]!]);

describe("a step", () => {
  const points = clouds(40);
  const start = Float64Array.from(noise(80, 8, 2));
  const options = { perplexity: 8, initialization: pairs(start), theta: 0 };
  const p = affinities(points, 8, 24);

  it("has the KL of plain float64, with all neighbours and with some", async () => {
    for (const neighbors of [24, 39]) {
      const map = await TSNE.build(points, { ...options, neighbors });
      const expected = divergence(affinities(points, 8, neighbors), start);
      expect(map.klDivergence()).toBeCloseTo(expected, 5);
      map.dispose();
    }
  });

  it("goes against the gradient, found by differences of the KL", async () => {
    const learningRate = 1;
    const map = await TSNE.build(points, {
      ...options,
      learningRate,
      earlyExaggerationIterations: 0,
    });
    map.step();
    const moved = map.layout();
    map.dispose();
    for (let i = 0; i < 80; i++) {
      const at = (by: number) => start.map((value, k) => (k === i ? value + by : value));
      const slope = (divergence(p, at(1e-4)) - divergence(p, at(-1e-4))) / 2e-4;
      // The mean of the start moves to 0; gains begin with 1 + 0.2; a step is for a quarter of the gradient.
      const mean = start.reduce((sum, value, k) => sum + (k % 2 === i % 2 ? value / 40 : 0), 0);
      expect(moved[i]).toBeCloseTo(start[i]! - mean - (learningRate * 1.2 * slope) / 4, 5);
    }
  });

  it("by Barnes and Hut at a small angle is the exact one", async () => {
    const run = async (theta: number) => {
      const map = await TSNE.build(points, { ...options, theta });
      map.step(3);
      const layout = map.layout();
      map.dispose();
      return layout;
    };
    const [exact, near] = [await run(0), await run(1e-6)];
    exact.forEach((value, i) => expect(near[i]).toBeCloseTo(value, 4));
  });
});

describe("a run", () => {
  const points = clouds(300);
  const options: TSNEOptions = { perplexity: 10, iterations: 150, earlyExaggerationIterations: 80 };

  it("makes the KL smaller, never larger once exaggeration is over, and keeps neighbours", async () => {
    const found: number[] = [];
    const { layout, klDivergence } = await tsne(points, {
      ...options,
      reportEvery: 1,
      onProgress: (report) => found.push(report.klDivergence),
    });
    expect(found).toHaveLength(230);
    expect(found.at(-1)).toBe(klDivergence);
    const after = found.slice(90);
    after.forEach((value, i) => expect(value).toBeLessThan((after[i - 1] ?? 9) + 1e-4));
    expect(klDivergence).toBeLessThan(0.6 * found[0]!);
    const plane = pairs(layout);
    const near = plane.filter((place, i) => {
      const distances = plane.map((other, j) => (i === j ? Infinity : distance(place, other)));
      return distances.indexOf(Math.min(...distances)) % 5 === i % 5;
    });
    expect(near.length).toBeGreaterThan(294);
  });

  it("gives the same bits in pieces, after an abort, and beside reports", async () => {
    const whole = await TSNE.build(points, options);
    await whole.run();
    const cut = await TSNE.build(points, options);
    cut.step(30);
    const stop = new AbortController();
    const reason = new Error("enough");
    await expect(
      cut.run({
        signal: stop.signal,
        reportEvery: 7,
        onProgress: ({ iteration }) => iteration > 100 && stop.abort(reason),
      }),
    ).rejects.toBe(reason);
    expect([cut.iteration, cut.iterations]).toEqual([105, 230]);
    cut.klDivergence();
    cut.step(5);
    await cut.run();
    expect(cut.iteration).toBe(230);
    expect(cut.layout()).toEqual(whole.layout());
    whole.dispose();
    cut.dispose();
  });

  it("ends the search for neighbours by its signal", async () => {
    const reason = new Error("enough");
    await expect(
      TSNE.build(points, { ...options, signal: AbortSignal.abort(reason) }),
    ).rejects.toBe(reason);
  });

  it("gives a map of numbers whose squares float32 does not hold", async () => {
    const of = (scale: number) =>
      tsne(
        points.map((point) => point.map((value) => value * scale)),
        options,
      );
    const [large, small] = [await of(2 ** 66), await of(2 ** -66)];
    expect(large.layout).toEqual(small.layout);
    expect(large.klDivergence).toBeCloseTo((await of(1)).klDivergence, 1);
  });

  it("gives the same bits everywhere", async () => {
    const { layout } = await tsne(points, { ...options, seed: 5 });
    const bytes = new Uint8Array(layout.buffer, layout.byteOffset, layout.byteLength);
    const hash = createHash("sha256").update(bytes).digest("hex").slice(0, 16);
    // Of the plain build.
    expect(hash).toBe("c147526bab9f724e");
  });

  it("starts as asked: by a seed, by rows, by whatever they are in", async () => {
    const start = async (more: TSNEOptions, vectors: Parameters<typeof tsne>[0] = points) => {
      const map = await TSNE.build(vectors, { ...options, ...more });
      const layout = map.layout();
      map.dispose();
      return [...layout];
    };
    const deviation = (values: number[]) =>
      Math.sqrt(values.reduce((sum, value, i) => sum + (i % 2 ? 0 : value * value), 0) / 300);
    const plain = await start({});
    expect(deviation(plain)).toBeCloseTo(1e-4, 6);
    expect(await start({ seed: 1 })).not.toEqual(plain);
    const random = await start({ initialization: "random" });
    expect(deviation(random) * 1e4).toBeCloseTo(1, 0);
    expect(await start({ initialization: "random", seed: 2 ** 40 })).not.toEqual(random);
    const rows = pairs(noise(600, 4));
    expect(await start({ initialization: rows })).toEqual(rows.flat());
    const flat = new WordVectors(
      points.map((_, i) => `w${i}`),
      points,
    );
    expect(deviation(await start({}, flat))).toBeCloseTo(1e-4, 6);
    // Along one number only, the other axis is noise.
    const thin = await start(
      {},
      points.map(([first]) => [first!]),
    );
    expect(thin.every(Number.isFinite)).toBe(true);
  });

  it("takes equal vectors, apart from each other in the end", async () => {
    const some = clouds(20);
    const twice = [...some, ...some, ...some];
    const { layout } = await tsne(twice, { perplexity: 5, iterations: 100 });
    expect(layout.every(Number.isFinite)).toBe(true);
    const plane = pairs(layout);
    const alike = some.map((_, i) => distance(plane[i]!, plane[i + 20]!));
    const others = some.map((_, i) => distance(plane[i]!, plane[(i + 1) % 20]!));
    expect(Math.max(...alike)).toBeLessThan(Math.min(...others));
    const same = await tsne(
      Array.from({ length: 30 }, () => [1, 2]),
      { iterations: 20 },
    );
    expect(same.layout.every(Number.isFinite)).toBe(true);
  });

  it("compares by the cosine where asked: lengths do not matter", async () => {
    const longer = points.map((point, i) => point.map((value) => value * (1 + (i % 7))));
    const run = (vectors: number[][]) =>
      tsne(vectors, { ...options, metric: "cosine", iterations: 5 });
    const [a, b] = [await run(points), await run(longer)];
    a.layout.forEach((value, i) => expect(b.layout[i]).toBeCloseTo(value, 1));
    expect(b.klDivergence).toBeCloseTo(a.klDivergence, 3);
  });
});

describe("what fits", () => {
  const build = (n: number, options: TSNEOptions = {}) => TSNE.build(clouds(n), options);

  it("chooses the perplexity by the number of points", async () => {
    const chosen = await Promise.all([4, 31, 91, 200].map((n) => build(n)));
    expect(chosen.map(({ options }) => [options.perplexity, options.neighbors])).toEqual([
      [1, 3],
      [10, 30],
      [30, 90],
      [30, 90],
    ]);
    for (const map of chosen) map.dispose();
  });

  it.each<
    [string, Promise<unknown> | (() => Promise<unknown>), new (...args: never[]) => Error, string]
  >([
    ["three vectors", () => build(3), OptionError, "at least 4 vectors, got 3"],
    [
      "a large perplexity",
      () => build(50, { perplexity: 20 }),
      OptionError,
      "a third of the other vectors, 16.33, got 20",
    ],
    ["many neighbours", () => build(9, { neighbors: 9 }), OptionError, "at most 8"],
    [
      "few neighbours",
      () => build(50, { neighbors: 9, perplexity: 10 }),
      OptionError,
      "at most neighbors, 9",
    ],
    [
      "NaN",
      () =>
        TSNE.build([
          [1, 2],
          [3, 4],
          [5, NaN],
          [6, 7],
        ]),
      NumericError,
      "NaN in vector 2, number 1",
    ],
    [
      "rows of several sizes",
      () => TSNE.build([[1, 2], [3, 4], [5], [6, 7]]),
      ShapeError,
      "1 numbers in vector 2",
    ],
    ["no rows", () => TSNE.build([]), ShapeError, "vectors"],
    ["words", () => TSNE.build(["a", "b"] as never), ShapeError, '"a" as vector 0'],
    [
      "a start of another size",
      () => build(9, { initialization: [[1, 2]] }),
      ShapeError,
      "9 rows of 2 numbers, got 1 rows of 2",
    ],
    [
      "an unknown option",
      () => tsne(clouds(9), { learningrate: 3 } as never),
      OptionError,
      "Did you mean learningRate?",
    ],
    [
      "a large rate",
      () => tsne(clouds(9), { learningRate: 1e38, iterations: 9 }),
      NumericError,
      "smaller learningRate",
    ],
  ])("refuses %s", async (_, run, kind, message) => {
    const wrong = expect(typeof run === "function" ? run() : run).rejects;
    await wrong.toThrow(kind);
    await expect(typeof run === "function" ? run() : run).rejects.toThrow(message);
  });

  it("refuses to do two things at once, and what is gone", async () => {
    const map = await build(20);
    const running = map.run();
    expect(() => map.step()).toThrow("run() goes on");
    expect(() => map.dispose()).toThrow(OptionError);
    await running;
    map.dispose();
    map.dispose();
    expect(() => map.step()).toThrow(ScopeError);
    expect(() => map.layout()).toThrow("disposed of");
  });
});
