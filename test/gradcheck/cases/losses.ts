// Losses, every reduction and option.
import { binaryCrossEntropyWithLogits } from "../../../src/losses/binary-cross-entropy.js";
import { crossEntropy } from "../../../src/losses/cross-entropy.js";
import { l1Loss, mseLoss } from "../../../src/losses/elementwise.js";
import { nllLoss } from "../../../src/losses/nll.js";
import type { Tensor } from "../../../src/index.js";
import { fixed, float, ints, type GradientCase, type Input } from "../check.js";
import { at, broadcastAt, build, logSumExp, sum, zip, type Twin } from "../twin.js";

type Reduction = "none" | "mean" | "sum";
const REDUCTIONS: Reduction[] = ["none", "mean", "sum"];

function reduced(losses: Twin, reduction: Reduction, divisor = losses.data.length): Twin {
  if (reduction === "none") return losses;
  const total = sum([...losses.data]);
  return { shape: [], data: Float64Array.of(reduction === "sum" ? total : total / divisor) };
}

interface ClassOptions {
  reduction: Reduction;
  ignoreIndex?: number;
  labelSmoothing?: number;
}

/** The loss of each row, written out; `score` is its log-probability of a class. */
function classLoss(
  { scores, target, weight }: Record<string, Twin>,
  { reduction, ignoreIndex = -100, labelSmoothing = 0 }: ClassOptions,
  score: (row: number[], wanted: number) => number,
): Twin {
  const classes = scores!.shape.at(-1)!;
  const all = Array.from({ length: classes }, (_, k) => k);
  const weightOf = (k: number): number => weight?.data[k] ?? 1;
  const losses = build(target!.shape, (index) => {
    const wanted = at(target!, index);
    if (wanted === ignoreIndex) return 0;
    const row = all.map((k) => at(scores!, [...index, k]));
    const hard = -weightOf(wanted) * score(row, wanted);
    if (labelSmoothing === 0) return hard;
    const smooth = -sum(all.map((k) => weightOf(k) * score(row, k))) / classes;
    return (1 - labelSmoothing) * hard + labelSmoothing * smooth;
  });
  const kept = [...target!.data].filter((wanted) => wanted !== ignoreIndex);
  return reduced(losses, reduction, sum(kept.map(weightOf)));
}

const logSoftmaxScore = (row: number[], wanted: number): number => row[wanted]! - logSumExp(row);
const givenScore = (row: number[], wanted: number): number => row[wanted]!;

type ClassLoss = (
  scores: Tensor,
  target: Tensor<"int32">,
  options: ClassOptions & { weight?: Tensor },
) => Tensor;

function classCases(op: ClassLoss, score: typeof givenScore, more: object[]): GradientCase[] {
  const weight = fixed({ ...float([5]), data: Float32Array.of(0.5, 1.5, 2, 0.25, 1) });
  return REDUCTIONS.flatMap((reduction) =>
    [{}, { ignoreIndex: 3 }, ...more].flatMap((options) =>
      [{}, { weight }].map((weights: { weight?: Input }): GradientCase => ({
        inputs: {
          scores: float([2, 3, 5], { step: 0.125 }),
          target: ints([2, 3], [0, 4, 2, 3, 1, 3]),
          ...weights,
        },
        run: ({ scores, target, ...rest }) =>
          op(scores!, target as unknown as Tensor<"int32">, { reduction, ...options, ...rest }),
        twin: (inputs) => classLoss(inputs, { reduction, ...options }, score),
      })),
    ),
  );
}

/** Targets take a gradient too. */
function pairCases(
  op: (input: Tensor, target: Tensor, options: { reduction: Reduction }) => Tensor,
  f: (x: number, y: number) => number,
): GradientCase[] {
  return REDUCTIONS.flatMap((reduction) =>
    [[], [5], [3, 7]].map((shape): GradientCase => ({
      inputs: { input: float(shape), target: float(shape, { seed: 2, step: 0.046875 }) },
      run: ({ input, target }) => op(input!, target!, { reduction }),
      twin: ({ input, target }) => reduced(zip(input!, target!, f), reduction),
    })),
  );
}

function binaryCases(): GradientCase[] {
  const weights = {
    weight: fixed(float([3, 5], { seed: 3, above: 0.25 })),
    posWeight: fixed(float([5], { seed: 4, above: 0.5, step: 0.25 })),
  };
  const chosen = [{}, { weight: weights.weight }, { posWeight: weights.posWeight }, weights];
  return REDUCTIONS.flatMap((reduction) =>
    chosen.map((own): GradientCase => ({
      inputs: {
        input: float([3, 5], { step: 0.25 }),
        target: float([3, 5], { seed: 2, above: 0.125 }),
        ...own,
      },
      run: ({ input, target, ...rest }) =>
        binaryCrossEntropyWithLogits(input!, target!, { reduction, ...rest }),
      twin: ({ input, target, weight, posWeight }) =>
        reduced(
          build(input!.shape, (index) => {
            const [x, y] = [at(input!, index), at(target!, index)];
            const positive = (posWeight ? broadcastAt(posWeight, index) : 1) * y;
            const loss = positive * Math.log1p(Math.exp(-x)) + (1 - y) * Math.log1p(Math.exp(x));
            return (weight ? broadcastAt(weight, index) : 1) * loss;
          }),
          reduction,
        ),
    })),
  );
}

export const losses: Record<string, GradientCase[]> = {
  crossEntropy: classCases(crossEntropy, logSoftmaxScore, [
    { labelSmoothing: 0.2 },
    { labelSmoothing: 0.2, ignoreIndex: 0 },
  ]),
  nllLoss: classCases(nllLoss, givenScore, []),
  mseLoss: pairCases(mseLoss, (x, y) => (x - y) ** 2),
  l1Loss: pairCases(l1Loss, (x, y) => Math.abs(x - y)),
  binaryCrossEntropyWithLogits: binaryCases(),
};
