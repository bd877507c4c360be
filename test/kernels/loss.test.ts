// Losses against plain float64 code of PyTorch's formulas, gradients against central differences of it.
import { describe, expect, it } from "vitest";
import type { Ptr } from "../../src/wasm/ptr.js";
import { builds, maxError, noise, type Bench } from "./harness.js";
import { exactSum, SIZES } from "./reference.js";

const IGNORE = -100;

interface CrossEntropyCase {
  readonly logits: number[][];
  readonly targets: number[];
  readonly weight: number[] | undefined;
  readonly smoothing: number;
}

const logSoftmax = (row: readonly number[]) => {
  const most = Math.max(...row);
  const total = most + Math.log(exactSum(row.map((v) => Math.exp(v - most))));
  return row.map((v) => v - total);
};

function crossEntropy({ logits, targets, weight, smoothing }: CrossEntropyCase): number[] {
  return logits.map((row, i) => {
    const target = targets[i]!;
    if (target === IGNORE) return 0;
    const logProbs = logSoftmax(row);
    const weights = weight ?? row.map(() => 1);
    const smooth = exactSum(logProbs.map((v, c) => -weights[c]! * v));
    return (
      (1 - smoothing) * -weights[target]! * logProbs[target]! + (smoothing / row.length) * smooth
    );
  });
}

/** Gradient of Σ upstream · loss by central differences in float64. */
function differences(task: CrossEntropyCase, upstream: readonly number[]): number[] {
  const h = 1e-5;
  return task.logits.flatMap((row, i) =>
    row.map((_, c) => {
      const at = (step: number) => {
        const logits = task.logits.map((r) => [...r]);
        logits[i]![c]! += step;
        return crossEntropy({ ...task, logits })[i]! * upstream[i]!;
      };
      return (at(h) - at(-h)) / (2 * h);
    }),
  );
}

function rowsOf(x: ArrayLike<number>, classes: number): number[][] {
  return Array.from({ length: x.length / classes }, (_, row) =>
    Array.from({ length: classes }, (_, c) => x[row * classes + c]!),
  );
}

function run(
  bench: Bench,
  task: CrossEntropyCase,
  upstream: ArrayLike<number>,
  stride: 0 | 1,
  factor: number,
) {
  const { k } = bench;
  const [rows, classes] = [task.logits.length, task.logits[0]!.length];
  const logits = bench.f32(task.logits.flat());
  const targets = bench.i32(task.targets);
  const weight = task.weight ? bench.f32(task.weight).ptr : 0;
  const [losses, exps] = [bench.f32(rows), bench.f32(rows * (classes + 1))];
  const bad = k.crossEntropyForward(
    losses.ptr,
    exps.ptr,
    logits.ptr,
    targets.ptr,
    weight,
    rows,
    classes,
    IGNORE,
    task.smoothing,
  );
  const dLogits = bench.f32(rows * classes);
  const gradient = bench.f32(upstream);
  const backward = (to: Ptr) =>
    k.crossEntropyBackward(
      to,
      gradient.ptr,
      exps.ptr,
      targets.ptr,
      weight,
      rows,
      classes,
      IGNORE,
      task.smoothing,
      stride,
      factor,
    );
  backward(dLogits.ptr);
  const total = k.targetWeightSum(targets.ptr, weight, rows, IGNORE);
  backward(exps.ptr);
  expect([...exps.view.subarray(0, rows * classes)]).toEqual([...dLogits.view]);
  const result = { bad, losses: [...losses.view], dLogits: [...dLogits.view], total };
  // Without a place for what the backward needs, the same losses.
  // prettier-ignore
  k.crossEntropyForward(
    losses.ptr, 0, logits.ptr, targets.ptr, weight, rows, classes, IGNORE, task.smoothing,
  );
  expect([...losses.view]).toEqual(result.losses);
  bench.checkCanaries();
  return result;
}

describe.each(builds())("losses ($name)", (bench) => {
  const { k } = bench;

  describe.each([false, true])("cross-entropy, weights: %s", (weighted) => {
    it.each([0, 0.1, 1])("with label smoothing %f, forward and backward", (smoothing) => {
      for (const classes of [...SIZES.filter((n) => n <= 65)]) {
        const rows = 5;
        const logits = rowsOf(noise(rows * classes, 1, 5), classes);
        const targets = [0, classes - 1, IGNORE, classes >> 1, 0];
        const weight = weighted
          ? Array.from(noise(classes, 2), (v) => Math.fround(0.2 + Math.abs(v)))
          : undefined;
        const task = { logits, targets, weight, smoothing: Math.fround(smoothing) };
        const upstream = noise(rows, 3);
        const { bad, losses, dLogits, total } = run(bench, task, upstream, 1, 0.5);
        expect(bad).toBe(-1);
        expect(maxError(losses, crossEntropy(task))).toBeLessThan(5e-6);
        expect(
          maxError(
            dLogits,
            differences(
              task,
              Array.from(upstream, (v) => v * 0.5),
            ),
          ),
        ).toBeLessThan(1e-6);
        expect(dLogits.slice(2 * classes, 3 * classes).every((v) => v === 0)).toBe(true);
        const kept = targets.filter((t) => t !== IGNORE);
        expect(total).toBeCloseTo(exactSum(kept.map((t) => weight?.[t] ?? 1)), 12);
        const shared = run(bench, task, [0.7], 0, 0.5).dLogits;
        expect(
          maxError(shared, differences(task, new Array<number>(rows).fill(0.35))),
        ).toBeLessThan(1e-6);
      }
    });
  });

  it("gives a masked class no gradient and an ignored row none, whatever its logits", () => {
    const logits = [
      [-Infinity, 1, 2],
      [NaN, NaN, NaN],
    ];
    const task = { logits, targets: [2, IGNORE], weight: undefined, smoothing: 0 };
    const { losses, dLogits } = run(bench, task, [1, 1], 1, 1);
    const share = 1 / (1 + Math.E);
    expect(maxError(losses, [-Math.log(1 - share), 0])).toBeLessThan(1e-7);
    expect(maxError(dLogits, [0, share, -share, 0, 0, 0])).toBeLessThan(1e-7);
  });

  it.each([3, -1, -99, 2 ** 31 - 1])("refuses the target %i before it writes", (target) => {
    const [losses, exps] = [bench.f32(3), bench.f32(12)];
    const targets = bench.i32([1, IGNORE, target]);
    const logits = bench.f32(noise(9, 1));
    // prettier-ignore
    expect(
      k.crossEntropyForward(
        losses.ptr, exps.ptr, logits.ptr, targets.ptr, 0, 3, 3, IGNORE, 0,
      ),
    ).toBe(2);
    expect(k.nllForward(losses.ptr, logits.ptr, targets.ptr, 0, 3, 3, IGNORE)).toBe(2);
    expect([...losses.view, ...exps.view].every(Number.isNaN)).toBe(true);
    bench.checkCanaries();
  });

  it("takes the negative log likelihood, weighted, and its gradient", () => {
    const [rows, classes] = [5, 7];
    const logProbs = noise(rows * classes, 4);
    const weight = noise(classes, 5).map(Math.abs);
    const targets = [6, IGNORE, 0, 3, 6];
    const upstream = noise(rows, 6);
    const f = Math.fround;
    const [losses, dLogProbs] = [bench.f32(rows), bench.f32(rows * classes)];
    const [x, t, w, d] = [
      bench.f32(logProbs),
      bench.i32(targets),
      bench.f32(weight),
      bench.f32(upstream),
    ];
    expect(k.nllForward(losses.ptr, x.ptr, t.ptr, w.ptr, rows, classes, IGNORE)).toBe(-1);
    expect([...losses.view]).toEqual(
      targets.map((c, i) => (c === IGNORE ? 0 : f(-weight[c]! * logProbs[i * classes + c]!))),
    );
    k.nllBackward(dLogProbs.ptr, d.ptr, t.ptr, w.ptr, rows, classes, IGNORE, 1, 0.25);
    const expected = new Float32Array(rows * classes);
    targets.forEach((c, i) => {
      if (c !== IGNORE) expected[i * classes + c] = f(-weight[c]! * upstream[i]!) * 0.25;
    });
    expect([...dLogProbs.view]).toEqual([...expected]);
    k.nllBackward(dLogProbs.ptr, d.ptr, t.ptr, 0, rows, classes, IGNORE, 0, 0.25);
    targets.forEach(
      (c, i) => c !== IGNORE && expect(dLogProbs.view[i * classes + c]).toBe(-upstream[0]! * 0.25),
    );
    bench.checkCanaries();
  });

  const elementwise = [
    [
      "mse",
      k.mseForward,
      k.mseBackward,
      (x: number, y: number) => (x - y) ** 2,
      (x: number, y: number) => 2 * (x - y),
    ],
    [
      "l1",
      k.l1Forward,
      k.l1Backward,
      (x: number, y: number) => Math.abs(x - y),
      (x: number, y: number) => Math.sign(x - y),
    ],
    [
      "binary cross-entropy",
      k.binaryCrossEntropyForward,
      k.binaryCrossEntropyBackward,
      (x: number, y: number) => Math.max(x, 0) - x * y + Math.log1p(Math.exp(-Math.abs(x))),
      (x: number, y: number) => 1 / (1 + Math.exp(-x)) - y,
    ],
    [
      "Huber",
      (losses: Ptr, x: Ptr, y: Ptr, n: number) => k.huberForward(losses, x, y, n, 1.5),
      (to: Ptr, d: Ptr, x: Ptr, y: Ptr, n: number, stride: number, factor: number) =>
        k.huberBackward(to, d, x, y, n, stride, factor, 1.5),
      (x: number, y: number) => {
        const d = Math.abs(x - y);
        return d < 1.5 ? (d * d) / 2 : 1.5 * (d - 0.75);
      },
      (x: number, y: number) => Math.max(-1.5, Math.min(1.5, x - y)),
    ],
  ] as const;

  it.each(elementwise)(
    "%s, forward and backward, in place too",
    (_, forward, backward, exact, slope) => {
      for (const n of SIZES) {
        const x = noise(n, 7, 6);
        const y = noise(n, 8).map(Math.abs);
        y[n >> 1] = x[n >> 1]!;
        const upstream = noise(n, 9);
        const [a, b, d, losses, dx] = [
          bench.f32(x),
          bench.f32(y),
          bench.f32(upstream),
          bench.f32(n),
          bench.f32(n),
        ];
        forward(losses.ptr, a.ptr, b.ptr, n);
        const expected = Array.from(x, (v, i) => exact(v, y[i]!));
        losses.view.forEach((v, i) =>
          expect(Math.abs(v - expected[i]!)).toBeLessThan(4e-7 * (1 + Math.abs(expected[i]!))),
        );
        backward(dx.ptr, d.ptr, a.ptr, b.ptr, n, 1, 0.5);
        const gradients = Array.from(x, (v, i) => slope(v, y[i]!) * upstream[i]! * 0.5);
        expect(maxError(dx.view, gradients)).toBeLessThan(2e-6);
        const separate = [...dx.view];
        backward(dx.ptr, d.ptr, a.ptr, b.ptr, n, 0, 0.5);
        expect(
          maxError(
            dx.view,
            Array.from(x, (v, i) => slope(v, y[i]!) * upstream[0]! * 0.5),
          ),
        ).toBeLessThan(2e-6);
        backward(d.ptr, d.ptr, a.ptr, b.ptr, n, 1, 0.5);
        expect([...d.view]).toEqual(separate);
        forward(a.ptr, a.ptr, b.ptr, n);
        expect([...a.view]).toEqual([...losses.view]);
        bench.checkCanaries();
      }
    },
  );

  it("binary cross-entropy stays finite and relatively accurate far out", () => {
    const x = [200, -200, 30, -30, 100];
    const y = [1, 0, 1, 0, 0];
    const losses = bench.f32(5);
    k.binaryCrossEntropyForward(losses.ptr, bench.f32(x).ptr, bench.f32(y).ptr, 5);
    expect([...losses.view.subarray(0, 2)]).toEqual([0, 0]);
    for (const i of [2, 3])
      expect(Math.abs(losses.view[i]! / Math.exp(-30) - 1)).toBeLessThan(5e-7);
    expect(losses.view[4]).toBe(100);
    bench.checkCanaries();
  });
});
