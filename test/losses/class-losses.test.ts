// crossEntropy and nllLoss against PyTorch's definitions, written out in float64.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  DTypeError,
  GraphError,
  IndexError,
  NumericError,
  OptionError,
  ShapeError,
} from "../../src/core/errors.js";
import { crossEntropy, type CrossEntropyOptions } from "../../src/losses/cross-entropy.js";
import { nllLoss } from "../../src/losses/nll.js";
import type { Reduction } from "../../src/losses/reduction.js";
import { logSoftmax } from "../../src/ops/softmax.js";
import "../../src/ops/methods.js";
import { tensor } from "../../src/tensor/create.js";
import { scope } from "../../src/tensor/scope.js";
import type { Tensor } from "../../src/tensor/tensor.js";
import * as twins from "../gradcheck/twin.js";
import { expectClose } from "../helpers/expect-close.js";
import { numericalGradient } from "../helpers/finite-difference.js";
import { testRandom } from "../helpers/random.js";

interface Case {
  leading: number[];
  classes: number;
  targets: number[];
  scores: Float32Array;
  weight: Float32Array | undefined;
  ignoreIndex: number;
  labelSmoothing: number;
  reduction: Reduction;
}

const REDUCTIONS: Reduction[] = ["none", "mean", "sum"];

const cases: fc.Arbitrary<Case> = fc
  .record({
    // Small: a numerical gradient takes time in proportion to the square of the scores.
    leading: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 3 }),
    classes: fc.integer({ min: 1, max: 9 }),
    seed: fc.nat(1000),
    weighted: fc.boolean(),
    ignoreIndex: fc.constantFrom<number[]>(-100, -1, 0),
    labelSmoothing: fc.constantFrom(0, 0.1, 1),
    reduction: fc.constantFrom(...REDUCTIONS),
  })
  .map(({ seed, weighted, ...rest }) => {
    const random = testRandom(seed);
    const rows = twins.sizeOf(rest.leading);
    // The last row is never ignored, so that no mean is 0 / 0.
    const targets = Array.from({ length: rows }, (_, i) =>
      i < rows - 1 && random.uniform(0, 1) < 0.3
        ? rest.ignoreIndex
        : random.integer(0, rest.classes - 1),
    );
    if (targets.at(-1) === rest.ignoreIndex) rest.ignoreIndex = -7;
    return {
      ...rest,
      targets: targets.map((target) => (target < 0 ? rest.ignoreIndex : target)),
      scores: random.uniforms(rows * rest.classes, -4, 4),
      weight: weighted ? random.uniforms(rest.classes, 0.2, 2) : undefined,
    };
  });

/** The losses of the rows, reduced: -Σ over classes of weight · log-probability · target probability. */
function reference(logProbs: Float64Array, c: Case, smoothing: number): number[] {
  const weightOf = (i: number) => c.weight?.[i] ?? 1;
  let divisor = 0;
  const losses = c.targets.map((target, row) => {
    if (target === c.ignoreIndex) return 0;
    divisor += weightOf(target);
    const line = logProbs.subarray(row * c.classes, (row + 1) * c.classes);
    const spread = line.reduce((total, lp, i) => total - weightOf(i) * lp, 0) / c.classes;
    return (1 - smoothing) * -weightOf(target) * line[target]! + smoothing * spread;
  });
  if (c.reduction === "none") return losses;
  return [twins.sum(losses) / (c.reduction === "mean" ? divisor : 1)];
}

function logProbsOf(scores: Float64Array, { classes }: Case): Float64Array {
  const rows = scores.length / classes;
  const x = { shape: [rows, classes], data: scores };
  const normalized = (line: number[]) => line.map((each) => each - twins.logSumExp(line));
  return twins.alongAxis(x, 1, normalized).data;
}

const tolerance = { absolute: 1e-5, relative: 1e-5 };

/** Value and gradient of a loss against its reference. */
function expectLoss(
  loss: (scores: Tensor, target: Tensor<"int32">, options: CrossEntropyOptions) => Tensor,
  c: Case,
  twin: (scores: Float64Array) => number[],
): void {
  scope(() => {
    const scores = tensor(c.scores, { shape: [...c.leading, c.classes], requiresGrad: true });
    const target = tensor(c.targets, { shape: c.leading, dtype: "int32" });
    const { ignoreIndex, reduction, labelSmoothing } = c;
    const y = loss(scores, target, {
      ignoreIndex,
      reduction,
      labelSmoothing,
      ...(c.weight && { weight: tensor(c.weight) }),
    });
    expect(y.shape).toEqual(reduction === "none" ? c.leading : []);
    const expected = twin(Float64Array.from(c.scores));
    expectClose(y.data(), expected, tolerance, "loss");
    const dy = testRandom(5).uniforms(expected.length);
    y.backward(tensor(dy, { shape: y.shape }));
    const numeric = numericalGradient(
      (x) => twin(x).reduce((total, each, i) => total + each * dy[i]!, 0),
      c.scores,
    );
    expectClose(scores.grad!.data(), numeric, tolerance, "gradient");
  });
}

describe("crossEntropy", () => {
  it("agrees with its definition for every option", () => {
    fc.assert(
      fc.property(cases, (c) =>
        expectLoss(crossEntropy, c, (x) => reference(logProbsOf(x, c), c, c.labelSmoothing)),
      ),
    );
  });

  it("stays finite for extreme logits", () => {
    scope(() => {
      const logits = tensor(
        [
          [1000, -1000],
          [-1000, 1000],
        ],
        { requiresGrad: true },
      );
      const loss = crossEntropy(logits, tensor([0, 0], { dtype: "int32" }), { reduction: "none" });
      expectClose(loss.data(), [0, 2000], 0);
      loss.backward(tensor([1, 1]));
      expectClose(logits.grad!.data(), [0, 0, -1, 1], 0);
    });
  });

  it("refuses a smoothing outside 0 to 1", () => {
    scope(() => {
      const x = tensor([1, 2]);
      const target = tensor(0, { dtype: "int32" });
      for (const labelSmoothing of [-0.1, 1.1, NaN])
        expect(() => crossEntropy(x, target, { labelSmoothing })).toThrow(
          new OptionError({
            op: "crossEntropy",
            expected: "labelSmoothing from 0 to 1",
            got: String(labelSmoothing),
          }),
        );
    });
  });
});

describe("nllLoss", () => {
  it("agrees with its definition for every option", () => {
    fc.assert(
      fc.property(cases, (c) =>
        expectLoss(
          (scores, target, { labelSmoothing: _, ...options }) => nllLoss(scores, target, options),
          c,
          (x) => reference(x, c, 0),
        ),
      ),
    );
  });

  it("of logSoftmax is crossEntropy", () => {
    scope(() => {
      const x = tensor(
        [
          [1, 2, 3],
          [0, -1, 4],
        ],
        { requiresGrad: true },
      );
      const target = tensor([2, 0], { dtype: "int32" });
      const apart = nllLoss(logSoftmax(x), target);
      const fused = crossEntropy(x, target);
      expectClose([apart.item()], [fused.item()], 1e-6);
      fused.backward();
      const gradient = x.grad!.data();
      x.zeroGrad();
      apart.backward();
      expectClose(x.grad!.data(), gradient, 1e-6);
    });
  });
});

describe.each([
  ["crossEntropy", crossEntropy],
  ["nllLoss", nllLoss],
])("%s", (name, loss) => {
  const scores = () =>
    tensor(
      [
        [
          [1, 2, 3],
          [3, 1, 2],
        ],
        [
          [2, 3, 1],
          [0, 1, 0],
        ],
      ],
      { requiresGrad: true },
    );
  const ids = (values: number[][]) => tensor(values, { dtype: "int32" });

  it("names a bad class and its place, and takes no part of it", () => {
    scope(() => {
      const wrong = () =>
        loss(
          scores(),
          ids([
            [0, 2],
            [3, 5],
          ]),
        );
      expect(wrong).toThrow(IndexError);
      expect(wrong).toThrow(
        `${name}: expected classes from 0 to 2, or ignoreIndex -100, got 3 at [1, 0].`,
      );
      expect(() =>
        loss(
          scores(),
          ids([
            [0, -1],
            [0, 0],
          ]),
        ),
      ).toThrow("got -1 at [0, 1]");
    });
  });

  it("ignores what it is told to, and gives it no gradient", () => {
    scope(() => {
      const x = scores();
      loss(
        x,
        ids([
          [-100, 1],
          [-100, -100],
        ]),
      ).backward();
      const gradient = x.grad!.toArray() as number[][][];
      expect(gradient[0]![0]).toEqual([0, 0, 0]);
      expect(gradient[1]).toEqual([
        [0, 0, 0],
        [0, 0, 0],
      ]);
      expect(gradient[0]![1]![1]).toBeLessThan(0);
    });
  });

  it("gives NaN for the mean of no target and 0 for their sum, as PyTorch", () => {
    scope(() => {
      const x = scores();
      const none = ids([
        [-100, -100],
        [-100, -100],
      ]);
      expect(loss(x, none).item()).toBeNaN();
      expect(loss(x, none, { reduction: "sum" }).item()).toBe(0);
      expect(() => loss(x, none).backward()).toThrow(NumericError);
    });
  });

  it("refuses what does not fit", () => {
    scope(() => {
      const target = ids([
        [0, 1],
        [2, 0],
      ]);
      expect(() => loss(scores(), ids([[0, 1]]))).toThrow(
        `${name}: expected a target of shape [2, 2] for scores [2, 2, 3], got [1, 2].`,
      );
      expect(() => loss(tensor(1), tensor(0, { dtype: "int32" }))).toThrow(ShapeError);
      expect(() =>
        loss(
          scores(),
          tensor([
            [0, 1],
            [2, 0],
          ]) as unknown as Tensor<"int32">,
        ),
      ).toThrow(`${name}: expected target of dtype int32, got float32.`);
      const asInt = target as unknown as Tensor;
      expect(() => loss(asInt, target)).toThrow(DTypeError);
      expect(() => loss(scores(), target, { weight: tensor([1, 2]) })).toThrow(
        "expected weight of shape [3]",
      );
      const learned = tensor([1, 2, 3], { requiresGrad: true });
      expect(() => loss(scores(), target, { weight: learned })).toThrow(GraphError);
      expect(() => loss(scores(), target, { ignoreIndex: 0.5 })).toThrow(OptionError);
      // @ts-expect-error no such reduction
      expect(() => loss(scores(), target, { reduction: "avg" })).toThrow(
        `${name}: expected reduction "none", "mean" or "sum", got "avg"`,
      );
    });
  });

  it("takes batches of no rows", () => {
    scope(() => {
      const x = tensor([], { shape: [0, 3] });
      const target = tensor([], { dtype: "int32" });
      expect(loss(x, target).item()).toBeNaN();
      expect(loss(x, target, { reduction: "sum" }).item()).toBe(0);
      expect(loss(x, target, { reduction: "none" }).shape).toEqual([0]);
    });
  });
});
