// Losses of distributions, beside what PyTorch 1.13 gives (`gaussian_nll_loss`, gradients of `distributions.StudentT.log_prob`),
// and the formula in double precision.
import { expect, test } from "vitest";
import { OptionError, ShapeError, tensor, type Tensor } from "../../src/index.js";
import { gaussianNLLLoss, quantileLoss, studentTNLLLoss } from "../../src/losses/index.js";
import { expectClose } from "../helpers/expect-close.js";

const leaf = (values: number[], shape?: number[]): Tensor => {
  const made = tensor(Float32Array.from(values), shape && { shape });
  made.requiresGrad = true;
  return made;
};
const gradientsOf = (leaves: readonly Tensor[]) => leaves.map(({ grad }) => [...grad!.data()]);

test("a normal distribution's, whose variance counts as eps at least and keeps its gradient", () => {
  const given = () => [
    leaf([0.5, -1.2, 3, 0.1]),
    leaf([0.7, 0.4, -2, 0.1]),
    leaf([0.3, 1.7, 0, 2.5]),
  ];
  const [input, target, variance] = given() as [Tensor, Tensor, Tensor];
  const loss = gaussianNLLLoss(input, target, variance, { eps: 0.05 });
  expectClose([loss.item()], [62.36080551], 1e-6);
  loss.backward();
  const [dInput, dTarget, dVariance] = gradientsOf([input, target, variance]);
  expectClose(dInput!, [-0.16666666, -0.2352941, 25, 0], 1e-6);
  expectClose(
    dTarget!,
    dInput!.map((x) => -x),
    1e-6,
  );
  expectClose(dVariance!, [0.3611111, -0.03719723, -1247.5, 0.05], 1e-5);
  const full = gaussianNLLLoss(input, target, variance, { eps: 0.05, full: true });
  expectClose([full.item()], [63.27974701], 1e-5);
});

test("Student's t distribution's, with few degrees of freedom and many", () => {
  const location = leaf([0.5, -1.2, 3, 0.1]);
  const scale = leaf([0.3, 1, 2, 0.7]);
  const degrees = leaf([0.4, 2.5, 7, 60]);
  const target = leaf([0.7, 0.4, -2, 0.15]);
  const parameters = { location, scale, degrees };
  const losses = studentTNLLLoss(parameters, target, { reduction: "none" });
  expectClose(losses.data(), [0.69649343, 2.25052216, 4.20003094, 0.56902349], 2e-6);
  studentTNLLLoss(parameters, target, { reduction: "sum" }).backward();
  const [dLocation, dScale, dDegrees] = gradientsOf([location, scale, degrees]);
  expectClose(dLocation!, [-3.6842103, -1.10671937, 0.75471699, -0.10373269], 1e-5);
  expectClose(dScale!, [0.87719321, -0.77075095, -1.38679242, 1.42116201], 1e-5);
  expectClose(dDegrees!, [-1.33195353, -0.0390752, 0.04445002, -7.00866804e-5], 1e-5);
});

test("quantiles: the best constant for each is the sample's quantile", () => {
  const sample = Array.from({ length: 101 }, (_, i) => i);
  const target = tensor(Float32Array.from(sample));
  const quantiles = [0.1, 0.5, 0.9];
  const lossAt = (values: number[]) => {
    const input = tensor(Float32Array.from(sample.flatMap(() => values)), { shape: [101, 3] });
    return quantileLoss(input, target, { quantiles }).item();
  };
  const best = lossAt([10, 50, 90]);
  for (const worse of [
    [8, 50, 90],
    [10, 53, 90],
    [10, 50, 93],
    [12, 50, 90],
  ])
    expect(lossAt(worse)).toBeGreaterThan(best);
  const input = leaf([1, 2, 5], [1, 3]);
  quantileLoss(input, tensor([3]), { quantiles, reduction: "sum" }).backward();
  expectClose(input.grad!.data(), [-0.1, -0.5, 0.1], 1e-6);
});

test("what does not fit is refused", () => {
  const [one, two] = [tensor([1]), tensor([1, 2])];
  expect(() => gaussianNLLLoss(one, one, two)).toThrow(ShapeError);
  expect(() => gaussianNLLLoss(one, one, one, { eps: 0 })).toThrow(OptionError);
  expect(() => studentTNLLLoss({ location: one, scale: two, degrees: one }, one)).toThrow(
    ShapeError,
  );
  expect(() => quantileLoss(two, one, { quantiles: [0.5] })).toThrow(ShapeError);
  expect(() => quantileLoss(two, one, { quantiles: [0.5, 1] })).toThrow("between 0 and 1");
});
