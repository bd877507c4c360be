// Sampled softmax against the full one, and its samplers against their laws.
import { describe, expect, it } from "vitest";
import {
  crossEntropy,
  IndexError,
  manualSeed,
  OptionError,
  Parameter,
  ShapeError,
  tensor,
  type Tensor,
} from "../../src/index.js";
import {
  logUniformSampler,
  sampledSoftmaxLoss,
  unigramSampler,
  type ClassSampler,
} from "../../src/losses/index.js";
import { sampleClasses } from "../../src/losses/class-samplers.js";
import { linear } from "../../src/ops/linear.js";
import { noise } from "../kernels/harness.js";

const [ROWS, SIZE, CLASSES] = [6, 4, 9];
const make = () => ({
  hidden: new Parameter(tensor(noise(ROWS * SIZE, 1), { shape: [ROWS, SIZE] })),
  weight: new Parameter(tensor(noise(CLASSES * SIZE, 2), { shape: [CLASSES, SIZE] })),
  bias: new Parameter(tensor(noise(CLASSES, 3))),
  target: tensor([0, 3, 8, 3, 1, 0], { dtype: "int32" }),
});

/** Every class in its turn, each as likely: the correction is the same for all, and cancels out. */
function allClasses(): ClassSampler {
  let next = 0;
  return { classes: CLASSES, draw: () => next++ % CLASSES, probability: () => 1 / CLASSES };
}

const gradients = (loss: Tensor, tensors: readonly Tensor[]) => {
  loss.backward();
  return tensors.map(({ grad }) => Array.from(grad!.data()));
};

describe("with all classes drawn", () => {
  it.each(["mean", "sum", "none"] as const)(
    "is the full cross-entropy, reduction %s",
    (reduction) => {
      const sampled = make();
      const full = make();
      const loss = sampledSoftmaxLoss(sampled.hidden, sampled.target, sampled.weight, {
        ...{ bias: sampled.bias, sampler: allClasses(), samples: CLASSES, reduction },
      });
      const exact = crossEntropy(linear(full.hidden, full.weight, full.bias), full.target, {
        reduction,
      });
      expect(loss.shape).toEqual(exact.shape);
      const [got, wanted] = [loss, exact].map((one) => [...one.data()]);
      got!.forEach((value, i) => expect(value).toBeCloseTo(wanted![i]!, 5));
      const own = gradients(loss.sum(), [sampled.hidden, sampled.weight, sampled.bias]);
      const theirs = gradients(exact.sum(), [full.hidden, full.weight, full.bias]);
      own.flat().forEach((value, i) => expect(value).toBeCloseTo(theirs.flat()[i]!, 5));
    },
  );
});

it("counts a target twice where hits stay, once where they are removed", () => {
  const { hidden, target, weight } = make();
  const of = (removeHits: boolean) =>
    sampledSoftmaxLoss(hidden, target, weight, {
      sampler: allClasses(),
      samples: CLASSES,
      removeHits,
    });
  expect(of(false).item()).toBeGreaterThan(of(true).item() + 0.01);
});

it("takes leading axes", () => {
  const { hidden, target, weight } = make();
  const options = { sampler: allClasses(), samples: CLASSES, reduction: "none" } as const;
  const flat = sampledSoftmaxLoss(hidden, target, weight, options);
  const shaped = sampledSoftmaxLoss(hidden.reshape([2, 3, SIZE]), target.reshape([2, 3]), weight, {
    ...options,
    sampler: allClasses(),
  });
  expect(shaped.shape).toEqual([2, 3]);
  expect([...shaped.data()]).toEqual([...flat.data()]);
});

it("has on average nearly the gradient of the full softmax", () => {
  manualSeed(1);
  const full = make();
  const [wanted] = gradients(crossEntropy(linear(full.hidden, full.weight), full.target), [
    full.hidden,
  ]);
  const sum = wanted!.map(() => 0);
  const runs = 3000;
  const sampler = unigramSampler([9, 1, 4, 2, 6, 3, 5, 2, 7]);
  for (let run = 0; run < runs; run++) {
    const { hidden, target, weight } = make();
    const [got] = gradients(sampledSoftmaxLoss(hidden, target, weight, { sampler, samples: 6 }), [
      hidden,
    ]);
    got!.forEach((value, i) => (sum[i]! += value / runs));
    for (const one of [hidden, target, weight]) one.dispose();
  }
  const length = Math.hypot(...wanted!);
  const distance = Math.hypot(...sum.map((value, i) => value - wanted![i]!));
  expect(distance / length).toBeLessThan(0.1);
});

describe("samplers", () => {
  it.each([
    [
      "log-uniform",
      () => logUniformSampler(50),
      (k: number) => Math.log((k + 2) / (k + 1)) / Math.log(51),
    ],
    [
      "unigram",
      () => unigramSampler(Array.from({ length: 50 }, (_, i) => i * i)),
      (k: number) => (k === 0 ? 1 : k * k) / (40_425 + 1),
    ],
  ])("%s draws by its law", (_, of, law) => {
    manualSeed(2);
    const sampler = of();
    const draws = 40_000;
    const counts = new Float64Array(50);
    for (let i = 0; i < draws; i++) counts[sampler.draw()]!++;
    counts.forEach((count, k) => {
      expect(sampler.probability(k)).toBeCloseTo(law(k), 10);
      const expected = law(k) * draws;
      expect(Math.abs(count - expected)).toBeLessThan(5 * Math.sqrt(expected) + 1);
    });
  });

  it("give different classes, each about as often as they say", () => {
    manualSeed(3);
    const sampler = logUniformSampler(30);
    const found = new Float64Array(30);
    const told = new Float64Array(30);
    const runs = 2000;
    for (let run = 0; run < runs; run++) {
      const { ids, logExpected } = sampleClasses(sampler, 10);
      expect(new Set(ids).size).toBe(10);
      for (const id of ids) found[id]! += 1 / runs;
      for (let id = 0; id < 30; id++) told[id]! += Math.exp(logExpected(id)) / runs;
    }
    // Draws end with a new class, so their number depends on what was drawn: TensorFlow's approximation.
    found.forEach((share, id) => expect(Math.abs(share - told[id]!)).toBeLessThan(0.06));
    expect(told.reduce((a, b) => a + b)).toBeCloseTo(10, 0);
  });
});

describe("refuses", () => {
  const { hidden, target, weight } = make();
  const sampler = logUniformSampler(CLASSES);
  it("more samples than classes, and other shapes", () => {
    expect(() => sampledSoftmaxLoss(hidden, target, weight, { sampler, samples: 10 })).toThrow(
      OptionError,
    );
    expect(() =>
      sampledSoftmaxLoss(hidden, target, weight, { sampler: logUniformSampler(8), samples: 2 }),
    ).toThrow(ShapeError);
    expect(() =>
      sampledSoftmaxLoss(hidden, tensor([1], { dtype: "int32" }), weight, { sampler, samples: 2 }),
    ).toThrow(ShapeError);
    const bias = tensor([1, 2]);
    expect(() => sampledSoftmaxLoss(hidden, target, weight, { sampler, samples: 2, bias })).toThrow(
      "a bias [9]",
    );
  });
  it("a target that is no class", () => {
    const bad = tensor([0, 3, 9, 3, 1, 0], { dtype: "int32" });
    expect(() => sampledSoftmaxLoss(hidden, bad, weight, { sampler, samples: 2 })).toThrow(
      IndexError,
    );
  });
  it("counts below 0", () => {
    expect(() => unigramSampler([1, -1])).toThrow("counts of at least 0");
  });
});
