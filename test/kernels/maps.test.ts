// The kernels of maps of vectors against plain float64.
import { describe, expect, it } from "vitest";
import type { VectorKernels } from "../../src/wasm/generated/vectors.js";
import { builds, maxError, noise, type Bench, type F32Buffer } from "./harness.js";

/** A buffer of doubles. */
function f64(bench: Bench<VectorKernels>, values: ArrayLike<number>) {
  const buffer = bench.f32(2 * values.length);
  const view = () => new Float64Array(buffer.view.buffer, buffer.ptr, values.length);
  view().set(values);
  return { ptr: buffer.ptr, view };
}

const squaredDistance = (values: ArrayLike<number>, width: number, i: number, j: number) => {
  let sum = 0;
  for (let d = 0; d < width; d++) sum += (values[i * width + d]! - values[j * width + d]!) ** 2;
  return sum;
};

/** Forces and the sum that normalizes, pair by pair. */
function repulsion(layout: ArrayLike<number>) {
  const n = layout.length / 2;
  const forces = new Float64Array(2 * n);
  let sum = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const q = 1 / (1 + squaredDistance(layout, 2, i, j));
      sum += q;
      for (const d of [0, 1])
        forces[2 * i + d]! += q * q * (layout[2 * i + d]! - layout[2 * j + d]!);
    }
  return { forces, sum };
}

function byTree(
  bench: Bench<VectorKernels>,
  layout: ArrayLike<number>,
  theta: number,
  cuts: number[] = [],
) {
  const { k } = bench;
  const n = layout.length / 2;
  const points = bench.f32(layout);
  const tree = bench.f32(k.treeBytes(n) / 4);
  const scratch = bench.f32(k.treeScratchBytes(n) / 4);
  const forces = bench.f32(2 * n);
  const nodes = k.buildTree(tree.ptr, points.ptr, n, theta, scratch.ptr);
  let sum = 0;
  let from = 0;
  for (const to of [...cuts, n]) {
    sum += k.repelByTree(forces.ptr, tree.ptr, n, nodes, from, to);
    from = to;
  }
  return { nodes, sum, forces: [...forces.view] };
}

function exactly(bench: Bench<VectorKernels>, layout: ArrayLike<number>) {
  const n = layout.length / 2;
  const points = bench.f32(layout);
  const forces = bench.f32(2 * n);
  const sum = bench.k.repelAll(forces.ptr, points.ptr, n, 0, n);
  return { sum, forces: [...forces.view] };
}

const spread = (n: number, scale: number) => noise(2 * n, n + 7, scale);
const LAYOUTS: [string, ArrayLike<number>][] = [
  ...[1, 2, 3, 4, 5, 7, 8, 9, 63, 64, 65, 300].map((n): [string, ArrayLike<number>] => [
    `${n} points`,
    spread(n, 20),
  ]),
  ["all at one place", new Float32Array(22).fill(3)],
  ["on a line", spread(50, 5).map((value, i) => (i % 2 === 0 ? value : 1))],
  ["each twice", [...spread(20, 3), ...spread(20, 3)]],
  ["close together", spread(70, 1e-4)],
  // Cells of one key, into which two points fall, and a far point.
  ["too close for a cell", [...spread(9, 1e-5), 1000, 1000]],
];

describe.each(builds<VectorKernels>("vectors"))("maps ($name)", (bench) => {
  describe("repelAll, repelByTree", () => {
    it.each(LAYOUTS)("%s", (_, layout) => {
      const expected = repulsion(layout);
      const n = layout.length / 2;
      const largest = Math.max(1e-3, ...expected.forces.map(Math.abs));
      for (const got of [exactly(bench, layout), byTree(bench, layout, 1e-6)]) {
        expect(maxError(got.forces, expected.forces) / largest).toBeLessThan(2e-5);
        expect(Math.abs(got.sum - expected.sum)).toBeLessThan(2e-6 * (n + expected.sum));
      }
      bench.checkCanaries();
    });

    it("is as near as the angle says, by fewer nodes than points² and at most two for each", () => {
      const layout = spread(400, 30);
      const { forces, sum } = repulsion(layout);
      const norm = Math.sqrt(forces.reduce((all, one) => all + one * one, 0));
      const errorAt = (theta: number) => {
        const got = byTree(bench, layout, theta);
        expect(got.nodes).toBeLessThan(2 * 400);
        const off = got.forces.map((value, i) => (value - forces[i]!) ** 2);
        expect(Math.abs(got.sum / sum - 1)).toBeLessThan(0.05 * theta);
        return Math.sqrt(off.reduce((all, one) => all + one, 0)) / norm;
      };
      const [coarse, fine] = [errorAt(0.8), errorAt(0.3)];
      expect(coarse).toBeLessThan(0.05);
      expect(coarse).toBeGreaterThan(1e-3);
      expect(fine).toBeLessThan(coarse / 4);
      bench.checkCanaries();
    });

    it("gives the same forces in pieces", () => {
      const layout = spread(101, 10);
      const whole = byTree(bench, layout, 0.5);
      const cut = byTree(bench, layout, 0.5, [4, 60]);
      expect(cut.forces).toEqual(whole.forces);
      expect(cut.sum).toBeCloseTo(whole.sum, 9);
      bench.checkCanaries();
    });
  });

  it.each([1, 4, 5, 30])("attract, attractionLogs: rows up to %i", (longest) => {
    const n = 13;
    const layout = spread(n, 2);
    const rows = Array.from({ length: n }, (_, i) =>
      Array.from({ length: (i * 5) % (longest + 1) }, (_, j) => [
        (i + 3 * j + 1) % n,
        0.01 * (1 + j),
      ]),
    );
    const padded = rows.map((row, i) => {
      const rest = (4 - (row.length % 4)) % 4;
      return [...row, ...Array.from({ length: rest }, () => [i, 0])];
    });
    const ends = padded.map((_, i) => padded.slice(0, i + 1).flat().length);
    const forces = noise(2 * n, 3);
    const gradient = bench.f32(forces);
    const points = bench.f32(layout);
    const starts = bench.i32([0, ...ends]);
    const ids = bench.i32(padded.flat().map(([id]) => id!));
    const p = bench.f32(padded.flat().map(([, value]) => value!));
    const logs = bench.k.attractionLogs(points.ptr, starts.ptr, ids.ptr, p.ptr, 0, n);
    for (const [from, to] of [
      [0, 5],
      [5, n],
    ] as const)
      bench.k.attract(
        gradient.ptr,
        gradient.ptr,
        points.ptr,
        starts.ptr,
        ids.ptr,
        p.ptr,
        from,
        to,
        12,
        40,
      );
    let expectedLogs = 0;
    const expected = Array.from(forces, (value) => -value / 40);
    rows.forEach((row, i) =>
      row.forEach(([j, value]) => {
        const d = squaredDistance(layout, 2, i, j!);
        expectedLogs += value! * Math.log(1 + d);
        for (const axis of [0, 1])
          expected[2 * i + axis]! +=
            (12 * value! * (layout[2 * i + axis]! - layout[2 * j! + axis]!)) / (1 + d);
      }),
    );
    expect(maxError(gradient.view, expected)).toBeLessThan(2e-5);
    expect(logs).toBeCloseTo(expectedLogs, 5);
    bench.checkCanaries();
  });

  it.each([1, 2, 5])("moveLayout: %i points", (n) => {
    const start = noise(2 * n, 1, 3);
    const buffers = [start, noise(2 * n, 2), noise(2 * n, 4).map((value) => 1 + 0.5 * value)].map(
      (values) => bench.f32(values),
    ) as [F32Buffer, F32Buffer, F32Buffer];
    const slopes = noise(2 * n, 5, 4);
    slopes[0] = 0;
    const gradient = bench.f32(slopes);
    const [layout, update, gains] = buffers.map(({ view }) => Array.from(view)) as [
      number[],
      number[],
      number[],
    ];
    update[1] = buffers[1].view[1] = 0;
    const [y, before, gain] = buffers;
    bench.k.moveLayout(y.ptr, before.ptr, gain.ptr, gradient.ptr, n, 0.7, 0.8, 2.5);
    for (let i = 0; i < 2 * n; i++) {
      gains[i] =
        Math.sign(update[i]!) !== Math.sign(slopes[i]!) ? gains[i]! + 0.2 : gains[i]! * 0.8 + 0.01;
      update[i] = 0.8 * update[i]! - 0.7 * gains[i]! * slopes[i]!;
    }
    let clipped = 0;
    for (let i = 0; i < 2 * n; i += 2) {
      const length = Math.hypot(update[i]!, update[i + 1]!);
      if (length <= 2.5) continue;
      clipped++;
      for (const at of [i, i + 1]) update[at] = (update[at]! / length) * 2.5;
    }
    if (n === 5) expect(clipped).toBeGreaterThan(0);
    for (let i = 0; i < 2 * n; i++) layout[i]! += update[i]!;
    for (const axis of [0, 1]) {
      let mean = 0;
      for (let i = axis; i < 2 * n; i += 2) mean += layout[i]! / n;
      for (let i = axis; i < 2 * n; i += 2) layout[i]! -= mean;
    }
    expect(maxError(gain.view, gains)).toBeLessThan(1e-6);
    expect(maxError(before.view, update)).toBeLessThan(1e-6);
    expect(maxError(y.view, layout)).toBeLessThan(2e-6);
    bench.checkCanaries();
  });

  it.each([
    [1, 1.5],
    [5, 3],
    [90, 30],
    [91, 30],
    [91, 90.5],
  ])("affinityRows: %i neighbours, perplexity %f", (n, perplexity) => {
    // Of very different scales, far from zero, and one alike.
    const scales = [1, 1e-8, 1e8, 30];
    const values = noise(4 * n, n).map((value, i) => (5 + value) ** 2 * scales[Math.floor(i / n)]!);
    const distances = bench.f32(values);
    const p = bench.f32(4 * n);
    bench.k.affinityRows(p.ptr, distances.ptr, 4, n, Math.log(perplexity));
    for (let row = 0; row < 4; row++) {
      const mine = Array.from(p.view.slice(row * n, (row + 1) * n));
      expect(mine.reduce((sum, one) => sum + one, 0)).toBeCloseTo(1, 5);
      const entropy = -mine.reduce((sum, one) => sum + (one > 0 ? one * Math.log(one) : 0), 0);
      if (perplexity < n) expect(Math.abs(Math.exp(entropy) - perplexity)).toBeLessThan(1e-4);
      // A Gaussian: the logarithms fall with the squared distances, evenly.
      const [first, last] = [0, n - 1].map((j) => Math.log(mine[j]!));
      const slope = (last! - first!) / (values[row * n + n - 1]! - values[row * n]!);
      if (n > 1)
        mine.forEach((one, j) => {
          const log = first! + slope * (values[row * n + j]! - values[row * n]!);
          if (one > 1e-20) expect(Math.log(one)).toBeCloseTo(log, 2);
        });
    }
    bench.checkCanaries();
  });

  it.each([
    ["all", 2, [3, 3, 3, 3, 3], [0.2, 0.2, 0.2, 0.2, 0.2]],
    ["more than the perplexity", 2, [0, 0, 0, 0, 7], [0.25, 0.25, 0.25, 0.25, 0]],
    ["two of a perplexity of one", 1, [8, 8, 40], [0.5, 0.5, 0]],
  ])(
    "affinityRows: neighbours at one distance share alike: %s",
    (_, perplexity, values, expected) => {
      const distances = bench.f32(values);
      bench.k.affinityRows(distances.ptr, distances.ptr, 1, values.length, Math.log(perplexity));
      expect(maxError(distances.view, expected)).toBeLessThan(1e-6);
      bench.checkCanaries();
    },
  );

  it.each([
    [1, 3, 1, 2],
    [4, 9, 3, 3],
    [5, 10, 4, 8],
    [7, 33, 5, 12],
    [3, 64, 10, 20],
    [2, 21, 20, 20],
  ])("keepNearest, refineNearest: width %i, %i points, %i of %i", (width, n, count, size) => {
    // Each third point stands where another does.
    const values = noise(n * width, 9).map((value, i, all) =>
      i >= 3 * width && Math.floor(i / width) % 3 === 0 ? all[i % width]! : value,
    );
    const [own, queries] = [1, n - 2];
    const points = bench.f32(values);
    const distances = bench.f32(new Float32Array(queries * size).fill(Infinity));
    const ids = bench.i32(new Int32Array(queries * size).fill(-1));
    const norms = Array.from({ length: n }, (_, i) => {
      const row = values.slice(i * width, (i + 1) * width);
      return row.reduce((sum, value) => sum + value * value, 0);
    });
    for (const [first, end] of [
      [0, n >> 1],
      [n >> 1, n],
    ] as const) {
      const products = Array.from({ length: queries }, (_, q) =>
        norms
          .slice(first, end)
          .map(
            (norm, j) =>
              squaredDistance(values, width, own + q, first + j) - norm - norms[own + q]!,
          ),
      );
      bench.k.keepNearest(
        distances.ptr,
        ids.ptr,
        size,
        bench.f32(products.flat()).ptr,
        bench.f32(norms.slice(first, end)).ptr,
        queries,
        end - first,
        first,
        own,
      );
    }
    bench.k.refineNearest(distances.ptr, ids.ptr, size, count, points.ptr, width, queries, own);
    for (let q = 0; q < queries; q++) {
      const found = Array.from({ length: count }, (_, i) => [
        ids.view[q * size + i]!,
        distances.view[q * size + i]!,
      ]);
      const others = Array.from({ length: n }, (_, j) => j).filter((j) => j !== own + q);
      const exact = others
        .map((j) => squaredDistance(values, width, own + q, j))
        .sort((a, b) => a - b);
      expect(new Set(found.map(([id]) => id)).size).toBe(count);
      expect(found.map(([id]) => id)).not.toContain(own + q);
      for (const [id, distance] of found)
        expect(Math.abs(distance! - squaredDistance(values, width, own + q, id!))).toBeLessThan(
          1e-5,
        );
      const sorted = found.map(([, distance]) => distance!).sort((a, b) => a - b);
      expect(maxError(sorted, exact.slice(0, count))).toBeLessThan(1e-5);
    }
    bench.checkCanaries();
  });

  it.each([
    [1, 4],
    [3, 8],
    [10, 12],
  ])("covarianceAcc: %i rows of %i", (n, width) => {
    const rows = f64(bench, noise(n * width, 2));
    const out = f64(bench, noise(width * width, 3));
    const expected = [...out.view()];
    for (let i = 0; i < width; i++)
      for (let j = i - (i % 4); j < width; j++)
        for (let row = 0; row < n; row++)
          expected[i * width + j]! += rows.view()[row * width + i]! * rows.view()[row * width + j]!;
    bench.k.covarianceAcc(out.ptr, rows.ptr, n, width);
    expect(maxError(out.view(), expected)).toBeLessThan(1e-14);
    bench.checkCanaries();
  });
});

describe.each(builds<VectorKernels>("vectors").filter(({ name }) => name === "debug"))(
  "maps ($name)",
  (bench) => {
    it("refuses what would be no tree, no neighbours, no tile", () => {
      const block = bench.f32(1000).ptr;
      for (const wrong of [
        () => bench.k.buildTree(block, block, 0, 0.5, block),
        () => bench.k.buildTree(block, block, 2, 0, block),
        () => bench.k.affinityRows(block, block, 1, 0, 1),
        () => bench.k.refineNearest(block, block, 2, 3, block, 1, 1, 0),
        () => bench.k.covarianceAcc(block, block, 1, 6),
      ])
        expect(wrong).toThrow("assertion failed");
      bench.checkCanaries();
    });
  },
);
