// Optimizer steps against the plain float64 formulas of torch.optim, over several parameters and steps.
import { describe, expect, it } from "vitest";
import type { Ptr } from "../../src/wasm/ptr.js";
import { builds, maxError, noise, type Bench, type F32Buffer } from "./harness.js";
import { exactSum, SIZES } from "./reference.js";

interface Record {
  readonly parameter: F32Buffer;
  readonly gradient: F32Buffer | undefined;
  readonly states: readonly F32Buffer[];
}

function records(bench: Bench, lengths: readonly number[]): { list: Record[]; table: Ptr } {
  const list = lengths.map((n, i) => ({
    parameter: bench.f32(noise(n, i + 1)),
    // The second one has no gradient.
    gradient: i === 1 ? undefined : bench.f32(noise(n, i + 50, 2)),
    states: [0, 0, 0].map(() => bench.f32(new Float32Array(n))),
  }));
  const words = list.flatMap(({ parameter, gradient, states }) => [
    parameter.ptr,
    gradient?.ptr ?? 0,
    parameter.length,
    ...states.map(({ ptr }) => ptr),
    0,
    0,
  ]);
  return { list, table: bench.i32(words).ptr };
}

/** Runs `steps`, with the same formula in float64 beside it, and returns the largest difference of parameters. */
function compare(
  bench: Bench,
  kernel: (table: Ptr, count: number, step: number) => void,
  formula: (step: number) => (p: number, g: number, s: number[]) => number,
): number {
  const { list, table } = records(bench, [...SIZES]);
  const exact = list.map(({ parameter }) =>
    Array.from(parameter.view, (p) => ({ p, s: [0, 0, 0] })),
  );
  for (let step = 1; step <= 4; step++) {
    list.forEach(({ gradient }, i) =>
      gradient?.view.set(noise(gradient.length, 100 * step + i, 2)),
    );
    kernel(table, list.length, step);
    const update = formula(step);
    list.forEach(({ gradient }, i) => {
      if (gradient) exact[i]!.forEach((e, j) => (e.p = update(e.p, gradient.view[j]!, e.s)));
    });
    // The gradient is as it was.
    list.forEach(
      ({ gradient }, i) =>
        gradient &&
        expect([...gradient.view]).toEqual([...noise(gradient.length, 100 * step + i, 2)]),
    );
  }
  expect([...list[1]!.parameter.view]).toEqual([...noise(SIZES[1], 2)]);
  const worst = Math.max(
    ...list.map(({ parameter }, i) =>
      maxError(
        parameter.view,
        exact[i]!.map(({ p }) => p),
      ),
    ),
  );
  bench.checkCanaries();
  return worst;
}

describe.each(builds())("optimizers ($name)", (bench) => {
  const { k } = bench;

  it.each([
    { momentum: 0, dampening: 0, weightDecay: 0, nesterov: false },
    { momentum: 0, dampening: 0, weightDecay: 0.1, nesterov: false },
    { momentum: 0.9, dampening: 0, weightDecay: 0, nesterov: false },
    { momentum: 0.9, dampening: 0.3, weightDecay: 0.1, nesterov: false },
    { momentum: 0.9, dampening: 0, weightDecay: 0.1, nesterov: true },
  ])("SGD steps as PyTorch: %o", ({ momentum, dampening, weightDecay, nesterov }) => {
    const lr = 0.05;
    const worst = compare(
      bench,
      (table, count, step) =>
        k.sgdStep(table, count, lr, momentum, dampening, weightDecay, +nesterov, +(step === 1)),
      (step) => (p, gradient, s) => {
        let g = gradient + weightDecay * p;
        if (momentum !== 0) {
          s[0] = step === 1 ? g : momentum * s[0]! + (1 - dampening) * g;
          g = nesterov ? g + momentum * s[0] : s[0];
        }
        return p - lr * g;
      },
    );
    expect(worst).toBeLessThan(5e-7);
  });

  it.each([
    { weightDecay: 0, decoupled: false, amsgrad: false },
    { weightDecay: 0.1, decoupled: false, amsgrad: false },
    { weightDecay: 0.1, decoupled: true, amsgrad: false },
    { weightDecay: 0.1, decoupled: true, amsgrad: true },
  ])("Adam steps as PyTorch: %o", ({ weightDecay, decoupled, amsgrad }) => {
    // Second moments that also fall, for amsgrad to hold the largest.
    const [lr, beta1, beta2, eps] = [0.01, 0.9, amsgrad ? 0.3 : 0.99, 1e-6];
    const worst = compare(
      bench,
      (table, count, step) =>
        k.adamStep(
          table,
          count,
          lr,
          beta1,
          beta2,
          eps,
          weightDecay,
          +decoupled,
          1 - beta1 ** step,
          1 - beta2 ** step,
          +amsgrad,
        ),
      (step) => (p, gradient, s) => {
        const decayed = decoupled ? p * (1 - lr * weightDecay) : p;
        const g = decoupled ? gradient : gradient + weightDecay * p;
        s[0] = beta1 * s[0]! + (1 - beta1) * g;
        s[1] = beta2 * s[1]! + (1 - beta2) * g * g;
        s[2] = Math.max(s[2]!, s[1]);
        const square = amsgrad ? s[2] : s[1];
        const denominator = Math.sqrt(square) / Math.sqrt(1 - beta2 ** step) + eps;
        return decayed - ((lr / (1 - beta1 ** step)) * s[0]) / denominator;
      },
    );
    expect(worst).toBeLessThan(5e-7);
  });

  it.each([
    { keep: 0.9, take: 0.1, momentum: 0, centered: false, weightDecay: 0 },
    { keep: 0.9, take: 0.1, momentum: 0.8, centered: false, weightDecay: 0.1 },
    { keep: 0.9, take: 0.1, momentum: 0, centered: true, weightDecay: 0 },
    { keep: 0.7, take: 0.3, momentum: 0.8, centered: true, weightDecay: 0.1 },
    { keep: 1, take: 1, momentum: 0, centered: false, weightDecay: 0.1 },
  ])("RMSprop and Adagrad step as PyTorch: %o", (options) => {
    const { keep, take, momentum, centered, weightDecay } = options;
    const [lr, eps] = [0.01, 0.01];
    const worst = compare(
      bench,
      (table, count) =>
        k.rmsStep(table, count, lr, keep, take, eps, weightDecay, momentum, +centered),
      () => (p, gradient, s) => {
        const g = gradient + weightDecay * p;
        s[0] = keep * s[0]! + take * g * g;
        s[1] = keep * s[1]! + take * g;
        s[2] = momentum * s[2]! + g / (Math.sqrt(s[0] - (centered ? s[1] * s[1] : 0)) + eps);
        return p - lr * s[2];
      },
    );
    expect(worst).toBeLessThan(5e-7);
  });

  it("divides by eps alone where rounding leaves no variance", () => {
    // As rounding can make it: the square of the mean is above the mean of the squares.
    const g = Math.fround(1.1);
    const [p, gradient] = [bench.f32([1]), bench.f32([g])];
    const [square, average] = [bench.f32([1.2]), bench.f32([g])];
    const table = bench.i32([p.ptr, gradient.ptr, 1, square.ptr, average.ptr, 0, 0, 0]).ptr;
    k.rmsStep(table, 1, 0.001, 1, 0, 0.5, 0, 0, 1);
    expect(Math.abs(p.view[0]! - (1 - (0.001 * g) / 0.5))).toBeLessThan(1e-7);
    bench.checkCanaries();
  });

  it("takes the norm of, scales and clamps every gradient there is", () => {
    const { list, table } = records(bench, [...SIZES]);
    const gradients = list.flatMap(({ gradient }) => (gradient ? [gradient] : []));
    const before = gradients.map(({ view }) => [...view]);
    const squares = exactSum(before.flat().map((v) => v * v));
    expect(Math.abs(k.gradSquaredNorm(table, list.length) / squares - 1)).toBeLessThan(1e-14);
    const sizes = before.flat().map(Math.abs);
    expect(Math.abs(k.gradAbsNorm(table, list.length, 0) / exactSum(sizes) - 1)).toBeLessThan(
      1e-14,
    );
    expect(k.gradAbsNorm(table, list.length, 1)).toBe(Math.max(...sizes));
    k.scaleGradients(table, list.length, 0.3);
    const f = Math.fround;
    gradients.forEach(({ view }, i) =>
      expect([...view]).toEqual(before[i]!.map((v) => f(v * f(0.3)))),
    );
    gradients[3]!.view[0] = NaN;
    for (const largest of [0, 1]) expect(k.gradAbsNorm(table, list.length, largest)).toBeNaN();
    const scaled = gradients.map(({ view }) => [...view]);
    k.clampGradients(table, list.length, 0.25);
    gradients.forEach(({ view }, i) =>
      expect([...view]).toEqual(
        scaled[i]!.map((v) => (Number.isNaN(v) ? v : Math.min(Math.max(v, -0.25), 0.25))),
      ),
    );
    bench.checkCanaries();
  });
});
