// CTC's kernels against float64, between canaries.
import { describe, expect, it } from "vitest";
import type { StructuredKernels } from "../../src/wasm/generated/structured.js";
import type { Ptr } from "../../src/wasm/ptr.js";
import { lossAndGradient } from "../losses/ctc-reference.js";
import { builds, maxError, noise, type Bench } from "./harness.js";

interface Batch {
  readonly time: number;
  readonly classes: number;
  readonly length: number;
  readonly blank: number;
  readonly inputLengths: readonly number[];
  readonly targetLengths: readonly number[];
  readonly scale?: number;
  readonly targets?: Int32Array;
}

function inputsOf(batch: Batch) {
  const { time, classes, length, blank, inputLengths, scale = 3 } = batch;
  const logits = noise(inputLengths.length * time * classes, time + classes, scale);
  // Labels that repeat now and then, and never are the blank.
  const targets = Int32Array.from(
    { length: inputLengths.length * length },
    (_, i) => (blank + 1 + ((i >> 1) % (classes - 1))) % classes,
  );
  return { logits, targets: batch.targets ?? targets };
}

function run(bench: Bench<StructuredKernels>, batch: Batch, { zeroInfinity = 0 } = {}) {
  const { k } = bench;
  const { time, classes, length, blank, inputLengths, targetLengths } = batch;
  const given = inputsOf(batch);
  const size = inputLengths.length;
  const [logits, targets] = [bench.f32(given.logits), bench.i32(given.targets)];
  const [inputs, labels] = [bench.i32(inputLengths), bench.i32(targetLengths)];
  const [longest, most] = [Math.max(...inputLengths), Math.max(...targetLengths)];
  const call = (gradient: Ptr) => {
    const losses = bench.f32(size);
    const scratch = bench.f32(k.ctcScratchBytes(longest, classes, most, gradient ? 1 : 0) / 4);
    // prettier-ignore
    k.ctcForward(
      losses.ptr, gradient, logits.ptr, targets.ptr, inputs.ptr, labels.ptr, scratch.ptr,
      size, time, classes, length, blank, zeroInfinity,
    );
    return [...losses.view];
  };
  const gradient = bench.f32(size * time * classes);
  const losses = call(gradient.ptr);
  expect(call(0)).toEqual(losses);
  const upstream = bench.f32(noise(size, 5));
  const scaled = bench.f32(gradient.length);
  const backward = (to: Ptr) =>
    k.ctcBackward(to, gradient.ptr, upstream.ptr, inputs.ptr, size, time, classes);
  backward(scaled.ptr);
  const own = [...gradient.view];
  backward(gradient.ptr);
  expect([...gradient.view]).toEqual([...scaled.view]);
  const factors = [...upstream.view];
  bench.checkCanaries();
  return { losses, gradient: own, scaled: [...scaled.view], factors };
}

/** The same in float64. */
function expected(batch: Batch) {
  const { time, classes, length, blank, inputLengths, targetLengths } = batch;
  const { logits, targets } = inputsOf(batch);
  const rows = inputLengths.map((steps, row) => {
    const sequence = Array.from({ length: steps }, (_, t) =>
      logits.subarray((row * time + t) * classes, (row * time + t + 1) * classes),
    );
    const target = [...targets.subarray(row * length, row * length + targetLengths[row]!)];
    return lossAndGradient(sequence, target, blank);
  });
  const size = time * classes;
  const gradient = rows.flatMap((row) => {
    const used = row.loss === Infinity ? [] : row.gradient.flat();
    return [...used, ...Array<number>(size - used.length).fill(0)];
  });
  return { losses: rows.map(({ loss }) => loss), gradient };
}

/** Every size round a vector of states or classes, and steps round a recentering. */
const BATCHES: Batch[] = [
  ...[0, 1, 3, 4, 5, 7, 8, 9, 16].map((length) => ({
    time: 2 * length + 3,
    classes: 5,
    length,
    blank: 0,
    inputLengths: [2 * length + 3, 2 * length + 1],
    targetLengths: [length, length >> 1],
  })),
  ...[2, 3, 4, 5, 8, 30, 33].map((classes) => ({
    time: 12,
    classes,
    length: 5,
    blank: classes - 1,
    inputLengths: [12, 0, 9],
    targetLengths: [5, 0, 4],
  })),
  ...[31, 32, 33, 64, 65].map((time) => ({
    time,
    classes: 6,
    length: 11,
    blank: 2,
    inputLengths: [time, time - 1],
    targetLengths: [11, 10],
    scale: 40,
  })),
];

describe.each(builds<StructuredKernels>("structured"))("CTC ($name)", (bench) => {
  it.each(BATCHES.map((batch) => [JSON.stringify(batch), batch] as const))("%s", (_, batch) => {
    const { losses, gradient, scaled, factors } = run(bench, batch);
    const exact = expected(batch);
    losses.forEach((loss, row) =>
      expect(Math.abs(loss - exact.losses[row]!)).toBeLessThan(
        3e-6 * Math.max(1, exact.losses[row]!),
      ),
    );
    expect(maxError(gradient, exact.gradient)).toBeLessThan(5e-6);
    const size = batch.time * batch.classes;
    const products = gradient.map((value, i) =>
      Math.fround(value * factors[Math.floor(i / size)]!),
    );
    expect(maxError(scaled, products)).toBe(0);
  });

  it("gives impossible targets Infinity and NaN, or zeros", () => {
    const batch = {
      ...{ time: 4, classes: 3, length: 3, blank: 0, inputLengths: [4, 2, 0] },
      targetLengths: [2, 3, 1],
    };
    const plain = run(bench, batch);
    const zeroed = run(bench, batch, { zeroInfinity: 1 });
    expect(plain.losses.slice(1)).toEqual([Infinity, Infinity]);
    expect(zeroed.losses).toEqual([plain.losses[0], 0, 0]);
    expect(plain.gradient.slice(12, 18)).toEqual(Array(6).fill(NaN));
    expect(plain.gradient.slice(18)).toEqual(Array(18).fill(0));
    expect(zeroed.gradient).toEqual([...plain.gradient.slice(0, 12), ...Array<number>(24).fill(0)]);
  });
});

describe.each(builds<StructuredKernels>("structured").filter(({ name }) => name === "debug"))(
  "CTC ($name)",
  (bench) => {
    const batch = {
      ...{ time: 3, classes: 4, length: 2, blank: 0, inputLengths: [3], targetLengths: [2] },
    };
    it.each([
      ["a blank that is no class", { ...batch, blank: -1 }],
      ["more steps than there are", { ...batch, time: 2 }],
      ["more labels than there are", { ...batch, length: 1 }],
      ["a label that is no class", { ...batch, targets: Int32Array.of(1, 4) }],
      ["a label that is the blank", { ...batch, targets: Int32Array.of(1, 0) }],
    ])("refuses %s", (_, wrong) => {
      expect(() => run(bench, wrong)).toThrow("assertion failed");
      bench.checkCanaries();
    });
  },
);
