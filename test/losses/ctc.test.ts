import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DTypeError,
  IndexError,
  Linear,
  NumericError,
  OptionError,
  scope,
  ShapeError,
  tensor,
  zeros,
  type Tensor,
} from "../../src/index.js";
import { ctcLoss, type CtcLossOptions } from "../../src/losses/index.js";
import { isFinite, where } from "../../src/ops/index.js";
import { expectClose } from "../helpers/expect-close.js";
import { testRandom } from "../helpers/random.js";
import { lossAndGradient, lossByEnumeration } from "./ctc-reference.js";

const labels = (rows: readonly (readonly number[])[]) =>
  tensor(Int32Array.from(rows.flat()), { shape: [rows.length, rows[0]?.length ?? 0] });

function random(shape: [number, number, number], { seed = 1, range = 2 } = {}): Float32Array {
  return testRandom(seed).uniforms(shape[0] * shape[1] * shape[2], -range, range);
}

/** The rows of one sequence. */
function stepsOf(values: Float32Array, [, time, classes]: number[], row: number, length: number) {
  return Array.from({ length }, (_, t) => {
    const from = (row * time! + t) * classes!;
    return values.subarray(from, from + classes!);
  });
}

/** Losses of the sequences and the gradient of their sum. */
function run(
  values: Float32Array,
  shape: readonly number[],
  targets: readonly (readonly number[])[],
  options: Omit<CtcLossOptions, "reduction"> = {},
): { losses: Float32Array; gradient: Float32Array } {
  return scope(() => {
    const logits = tensor(values, { shape, requiresGrad: true });
    const losses = ctcLoss(logits, labels(targets), { ...options, reduction: "none" });
    where(isFinite(losses), losses, 0).sum().backward();
    return { losses: losses.data(), gradient: logits.grad!.data() };
  });
}

/** The same in float64. */
function reference(
  values: Float32Array,
  shape: [number, number, number],
  targets: readonly (readonly number[])[],
) {
  const rows = targets.map((target, row) =>
    lossAndGradient(stepsOf(values, shape, row, shape[1]), target, 0),
  );
  return {
    losses: rows.map(({ loss }) => loss),
    gradient: Float64Array.from(rows.flatMap((row) => row.gradient.flat())),
  };
}

describe("ctcLoss", () => {
  it("sums over every alignment, and only over those", () => {
    const cases = fc.record({
      classes: fc.integer({ min: 2, max: 4 }),
      inputLengths: fc.array(fc.integer({ min: 0, max: 5 }), { minLength: 1, maxLength: 3 }),
      seed: fc.nat(),
      range: fc.constantFrom(0.5, 3, 40),
    });
    fc.assert(
      fc.property(cases, ({ classes, inputLengths, seed, range }) => {
        const chosen = testRandom(seed);
        const blank = chosen.integer(0, classes - 1);
        const targetLengths = inputLengths.map(() => chosen.integer(0, 3));
        const shape: [number, number, number] = [inputLengths.length, 5, classes];
        const values = random(shape, { seed, range });
        const targets = inputLengths.map(() =>
          [0, 1, 2].map(() => (blank + chosen.integer(1, classes - 1)) % classes),
        );
        const expected = targets.map((target, row) =>
          lossByEnumeration(
            stepsOf(values, shape, row, inputLengths[row]!),
            target.slice(0, targetLengths[row]),
            blank,
          ),
        );
        const losses = scope(() =>
          ctcLoss(tensor(values, { shape }), labels(targets), {
            blank,
            inputLengths,
            targetLengths,
            reduction: "none",
          }).data(),
        );
        expected.forEach((loss, row) => {
          if (loss === Infinity) expect(losses[row]).toBe(Infinity);
          else expect(Math.abs(losses[row]! - loss)).toBeLessThan(2e-6 * Math.max(1, loss));
        });
      }),
      { numRuns: 100 },
    );
  });

  // A logit of 1e4 is given to 1e-3: that is the relative error of its probability.
  it.each([
    [1, 1e-6],
    [20, 1e-5],
    [1e4, 1e-4],
  ])("holds to float64 over 2,000 steps, for logits up to %d", (range, tolerance) => {
    const shape: [number, number, number] = [2, 2000, 5];
    const values = random(shape, { range });
    const chosen = testRandom(7);
    const targets = [60, 200].map((length) =>
      Array.from({ length: 200 }, (_, i) => (i < length ? chosen.integer(1, 4) : 0)),
    );
    const { losses, gradient } = run(values, shape, targets, { targetLengths: [60, 200] });
    const expected = reference(values, shape, [targets[0]!.slice(0, 60), targets[1]!]);
    expected.losses.forEach((loss, row) =>
      expect(Math.abs(losses[row]! / loss - 1)).toBeLessThan(1e-6),
    );
    expectClose(gradient, expected.gradient, tolerance, "gradient");
  });

  it("keeps its digits where a model is nearly certain", () => {
    const shape: [number, number, number] = [1, 60, 6];
    const values = random(shape, { range: 0.5 });
    const target = [3, 1, 1, 5];
    for (let t = 0; t < 60; t++) {
      const label = t % 15 < 5 ? target[Math.floor(t / 15)]! : 0;
      values[t * 6 + label]! += t % 15 === 5 ? 3 : 18;
    }
    const { losses, gradient } = run(values, shape, [target]);
    const expected = reference(values, shape, [target]);
    expect(Math.abs(losses[0]! / expected.losses[0]! - 1)).toBeLessThan(1e-5);
    const largest = expected.gradient.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
    expectClose(gradient, expected.gradient, 1e-6 * largest, "gradient");
  });

  it("finds no alignment without a blank between repeated labels", () => {
    const logits = zeros([2, 2, 3]);
    const targets = labels([
      [1, 1],
      [1, 2],
    ]);
    const losses = ctcLoss(logits, targets, { reduction: "none" }).data();
    expect(losses[0]).toBe(Infinity);
    expect(losses[1]).toBeCloseTo(Math.log(9), 6);
  });

  it("says what an impossible target needs where its loss goes backward", () =>
    scope(() => {
      const logits = tensor(new Float32Array(6), { shape: [1, 2, 3], requiresGrad: true });
      const loss = ctcLoss(logits, tensor(Int32Array.of(1, 1), { shape: [1, 2] }));
      expect(() => loss.backward()).toThrow(/ctcLoss. A target of S labels.*zeroInfinity/);
    }));

  it("is blamed for an infinite loss, not the NaN padding of a layer before it", () =>
    scope(() => {
      const layer = new Linear(1, 3);
      const padded = tensor([1, 2, NaN, NaN], { shape: [1, 4, 1] });
      const loss = ctcLoss(layer.forward(padded), labels([[1, 1]]), { inputLengths: [2] });
      expect(loss.item()).toBe(Infinity);
      expect(() => loss.backward()).toThrow(/not finite is ctcLoss. A target of S labels/);
      const broken = tensor([1, NaN, NaN, NaN], { shape: [1, 4, 1] });
      const unread = ctcLoss(layer.forward(broken), labels([[1]]), { inputLengths: [2] });
      expect(() => unread.backward()).toThrow(
        /not finite is linear. Its input \[1, 4, 1\] already/,
      );
      layer.dispose();
    }));

  it("gives an impossible target Infinity and NaN, or 0 and 0, and leaves the others alone", () => {
    const [shape, targets] = [
      [2, 2, 3] as [number, number, number],
      [
        [1, 1],
        [1, 2],
      ],
    ] as const;
    const values = random(shape);
    const plain = run(values, shape, targets);
    const zeroed = run(values, shape, targets, { zeroInfinity: true });
    expect([plain.losses[0], zeroed.losses[0]]).toEqual([Infinity, 0]);
    expect(plain.losses[1]).toBe(zeroed.losses[1]);
    expect([...plain.gradient.subarray(0, 6)]).toEqual(Array(6).fill(NaN));
    expect([...zeroed.gradient.subarray(0, 6)]).toEqual(Array(6).fill(0));
    expect([...plain.gradient.subarray(6)]).toEqual([...zeroed.gradient.subarray(6)]);
    expect(plain.gradient.subarray(6).every((value) => value !== 0)).toBe(true);
  });

  it("is what backward() names when it is infinite", () =>
    scope(() => {
      const logits = tensor(new Float32Array(6), { shape: [1, 2, 3], requiresGrad: true });
      const loss = ctcLoss(logits, labels([[1, 1]]));
      expect(() => loss.backward()).toThrow(NumericError);
      expect(() => loss.backward()).toThrow("ctcLoss");
    }));

  it("takes lengths of 0: an empty target is blanks alone, an input without steps only fits that", () => {
    const shape: [number, number, number] = [3, 3, 4];
    const values = random(shape);
    const options = { inputLengths: [3, 0, 0], targetLengths: [0, 0, 1] };
    const { losses, gradient } = run(values, shape, [[1], [1], [1]], {
      ...options,
      zeroInfinity: true,
    });
    const { loss } = lossAndGradient(stepsOf(values, shape, 0, 3), [], 0);
    expect(losses[0]).toBeCloseTo(loss, 5);
    expect([losses[1], losses[2]]).toEqual([0, 0]);
    expect([...gradient.subarray(12)]).toEqual(Array(24).fill(0));
    expect(run(values, shape, [[1], [1], [1]], options).losses[2]).toBe(Infinity);
  });

  it("takes targets and inputs that have no labels and no steps at all", () => {
    expect(ctcLoss(zeros([2, 3, 4]), labels([[], []])).item()).toBeCloseTo(3 * Math.log(4), 5);
    expect(ctcLoss(zeros([2, 0, 4]), labels([[], []])).item()).toBe(0);
    expect(ctcLoss(zeros([0, 3, 4]), tensor(new Int32Array(), { shape: [0, 2] })).item()).toBeNaN();
  });

  it("takes nothing of what stands past a length, and gives no gradient there", () => {
    const shape: [number, number, number] = [2, 6, 4];
    const inputLengths = [4, 6];
    const targetLengths = [2, 1];
    const padded = (steps: number, label: number) => {
      const values = random(shape);
      values.fill(steps, 16, 24);
      return run(
        values,
        shape,
        [
          [1, 2, label],
          [3, label, label],
        ],
        { inputLengths, targetLengths },
      );
    };
    const clean = padded(0, 1);
    expect(padded(NaN, -7)).toEqual(clean);
    expect(padded(Infinity, 0)).toEqual(clean);
    expect([...clean.gradient.subarray(16, 24)]).toEqual(Array(8).fill(0));
  });

  it("gives a class that cannot be no probability and no gradient", () => {
    const shape: [number, number, number] = [1, 4, 4];
    const values = random(shape);
    for (let t = 0; t < 4; t++) values[t * 4 + 3] = -Infinity;
    const { losses, gradient } = run(values, shape, [[1, 2]]);
    const without = values.filter((_, i) => i % 4 < 3);
    const expected = reference(without, [1, 4, 3], [[1, 2]]);
    expect(losses[0]).toBeCloseTo(expected.losses[0]!, 5);
    expectClose(
      gradient.filter((_, i) => i % 4 < 3),
      expected.gradient,
      1e-6,
      "gradient",
    );
    expect([...gradient.filter((_, i) => i % 4 === 3)]).toEqual([0, 0, 0, 0]);
    expect(run(values, shape, [[1, 3]]).losses[0]).toBe(Infinity);
  });

  it("hands NaN on", () => {
    const shape: [number, number, number] = [2, 3, 3];
    const values = random(shape);
    values[4] = NaN;
    const { losses, gradient } = run(values, shape, [[1], [1]], { zeroInfinity: true });
    expect(losses[0]).toBeNaN();
    expect(losses[1]).not.toBeNaN();
    expect([...gradient.subarray(0, 9)]).toEqual(Array(9).fill(NaN));
    expect(gradient.subarray(9).some(Number.isNaN)).toBe(false);
  });

  it("gives a row the bits that it has alone", () => {
    const shape: [number, number, number] = [3, 40, 7];
    const values = random(shape);
    const targets = [[1, 2, 3, 4, 5], [6, 6, 6, 1, 1], [2, 1, 2, 1, 2]]; // prettier-ignore
    const inputLengths = [40, 33, 12];
    const targetLengths = [5, 3, 4];
    const all = run(values, shape, targets, { inputLengths, targetLengths });
    targets.forEach((target, row) => {
      const own = values.slice(row * 280, (row + 1) * 280);
      const alone = run(own, [1, 40, 7], [target], {
        inputLengths: [inputLengths[row]!],
        targetLengths: [targetLengths[row]!],
      });
      expect(alone.losses[0]).toBe(all.losses[row]);
      expect(alone.gradient).toEqual(all.gradient.slice(row * 280, (row + 1) * 280));
    });
  });

  it("reduces as PyTorch: the mean is over labels, then over the batch", () =>
    scope(() => {
      const logits = tensor(random([3, 6, 4]), { shape: [3, 6, 4] });
      const targets = labels([[1, 2, 3], [1, 1, 1], [2, 2, 2]]); // prettier-ignore
      const targetLengths = [3, 1, 0];
      const by = (reduction: CtcLossOptions["reduction"]) =>
        ctcLoss(logits, targets, { targetLengths, reduction: reduction! });
      const [first, second, third] = by("none").data() as unknown as [number, number, number];
      expect(by("sum").item()).toBeCloseTo(first + second + third, 4);
      expect(by("mean").item()).toBeCloseTo((first / 3 + second + third) / 3, 5);
      expect(ctcLoss(logits, targets, { targetLengths }).item()).toBe(by("mean").item());
    }));

  it("takes lengths as a tensor", () => {
    const logits = zeros([2, 3, 4]);
    const targets = labels([[1, 2], [3, 9]]); // prettier-ignore
    const lengths = { inputLengths: [3, 2], targetLengths: [2, 1] };
    const tensors = {
      inputLengths: tensor(Int32Array.of(3, 2)),
      targetLengths: tensor(Int32Array.of(2, 1)),
    };
    expect(ctcLoss(logits, targets, tensors).item()).toBe(ctcLoss(logits, targets, lengths).item());
  });

  it("refuses what does not fit, and says where", () => {
    const logits = zeros([2, 3, 4]);
    const given =
      (targets: number[][], options: CtcLossOptions = {}, x: Tensor = logits) =>
      () =>
        ctcLoss(x, labels(targets), options);
    const fits = [[1], [2]]; // prettier-ignore
    expect(given([[1], [4]])).toThrow(IndexError);
    expect(given([[1], [4]])).toThrow(
      "ctcLoss: expected targets from 0 to 3 that are not the blank (0), got 4 at [1, 0].",
    );
    expect(given([[1], [-1]])).toThrow("-1 at [1, 0]");
    expect(given([[0], [1]])).toThrow("0 at [0, 0]");
    expect(given([[0], [2]], { blank: 2 })).toThrow("2 at [1, 0]");
    expect(given([[1], [4]], { targetLengths: [1, 0] })).not.toThrow();
    expect(given(fits, { blank: 4 })).toThrow(OptionError);
    expect(given(fits, { blank: -1 })).toThrow("blank to be a class from 0 to 3, got -1");
    expect(given(fits, { blank: 0.5 })).toThrow(OptionError);
    expect(given(fits, { targetLengths: [1, 2] })).toThrow(IndexError);
    expect(given(fits, { targetLengths: [1, 2] })).toThrow(
      "targetLengths to be whole numbers from 0 to 1, got 2 for row 1",
    );
    expect(given(fits, { inputLengths: [4, 3] })).toThrow(
      "inputLengths to be whole numbers from 0 to 3, got 4 for row 0",
    );
    expect(given(fits, { inputLengths: [3] })).toThrow(ShapeError);
    expect(given(fits, { reduction: "batchmean" as "mean" })).toThrow(OptionError);
    expect(given(fits, { zeroInf: true } as object)).toThrow('got "zeroInf"');
    expect(given(fits, {}, zeros([3, 4]))).toThrow("logits [batch, time, classes]");
    expect(given([[1]])).toThrow("targets [2, length]");
    const ints = tensor(new Int32Array(24), { shape: [2, 3, 4] }) as unknown as Tensor;
    expect(given(fits, {}, ints)).toThrow(DTypeError);
    expect(() => ctcLoss(logits, zeros([2, 1]) as never)).toThrow("targets of dtype int32");
  });
});
