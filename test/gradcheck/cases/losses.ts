// Losses, every reduction and option.
import { binaryCrossEntropy } from "../../../src/losses/binary-probabilities.js";
import { binaryCrossEntropyWithLogits } from "../../../src/losses/binary-cross-entropy.js";
import { crossEntropy } from "../../../src/losses/cross-entropy.js";
import { l1Loss, mseLoss } from "../../../src/losses/elementwise.js";
import {
  gaussianNLLLoss,
  quantileLoss,
  studentTNLLLoss,
} from "../../../src/losses/distributions.js";
import { huberLoss, smoothL1Loss } from "../../../src/losses/huber.js";
import {
  batchHardTripletLoss,
  hardTripletLoss,
  multipleNegativesRankingLoss,
} from "../../../src/losses/in-batch.js";
import { contrastiveLoss, cosineSimilarityLoss } from "../../../src/losses/pairs.js";
import { klDivLoss } from "../../../src/losses/kl-divergence.js";
import {
  cosineEmbeddingLoss,
  marginRankingLoss,
  tripletMarginLoss,
} from "../../../src/losses/margin.js";
import { nllLoss } from "../../../src/losses/nll.js";
import { sampledSoftmaxLoss } from "../../../src/losses/sampled-softmax.js";
import { unigramSampler } from "../../../src/losses/class-samplers.js";
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

/** With every class drawn, and each as likely, nothing is left to chance: the loss is that of all classes. */
function sampledCases(): GradientCase[] {
  const sampling = { sampler: unigramSampler([1, 1, 1, 1, 1]), samples: 5 };
  const bias = { bias: float([5], { seed: 3 }) };
  return REDUCTIONS.flatMap((reduction) =>
    [{}, bias].map((biases: { bias?: Input }): GradientCase => ({
      inputs: {
        hidden: float([2, 3, 4]),
        weight: float([5, 4], { seed: 2 }),
        target: ints([2, 3], [0, 4, 2, 3, 1, 3]),
        ...biases,
      },
      run: ({ hidden, weight, target, ...rest }) =>
        sampledSoftmaxLoss(hidden!, target as unknown as Tensor<"int32">, weight!, {
          ...{ ...sampling, reduction, ...rest },
        }),
      twin: ({ hidden, weight, target, bias: added }) =>
        reduced(
          build([2, 3], (index) => {
            const features = [0, 1, 2, 3];
            const row = [0, 1, 2, 3, 4].map(
              (k) =>
                (added?.data[k] ?? 0) +
                sum(features.map((i) => at(hidden!, [...index, i]) * at(weight!, [k, i]))),
            );
            return -logSoftmaxScore(row, at(target!, index));
          }),
          reduction,
        ),
    })),
  );
}

/** Targets that are distributions, which take a gradient too. */
function probabilityCases(): GradientCase[] {
  const weight = fixed({ ...float([5]), data: Float32Array.of(0.5, 1.5, 2, 0.25, 1) });
  return REDUCTIONS.flatMap((reduction) =>
    [{}, { labelSmoothing: 0.25 }].flatMap((options: { labelSmoothing?: number }) =>
      [{}, { weight }].map((weights: { weight?: Input }): GradientCase => ({
        inputs: {
          scores: float([2, 3, 5], { step: 0.125 }),
          target: float([2, 3, 5], { seed: 2, above: 0.125 }),
          ...weights,
        },
        run: ({ scores, target, ...rest }) =>
          crossEntropy(scores!, target!, { reduction, ...options, ...rest }),
        twin: ({ scores, target, weight }) =>
          reduced(
            build([2, 3], (index) => {
              const all = [0, 1, 2, 3, 4];
              const row = all.map((k) => at(scores!, [...index, k]));
              const { labelSmoothing: s = 0 } = options;
              const share = (k: number) => (1 - s) * at(target!, [...index, k]) + s / 5;
              const term = (k: number) => (weight?.data[k] ?? 1) * share(k);
              return -sum(all.map((k) => term(k) * logSoftmaxScore(row, k)));
            }),
            reduction,
          ),
      })),
    ),
  );
}

function divergenceCases(): GradientCase[] {
  return [...REDUCTIONS, "batchmean" as const].flatMap((reduction) =>
    [false, true].map((logTarget): GradientCase => ({
      inputs: {
        input: float([3, 5], { step: 0.125 }),
        target: float([3, 5], { seed: 2, above: logTarget ? -2 : 0.125, step: 0.125 }),
      },
      run: ({ input, target }) => klDivLoss(input!, target!, { reduction, logTarget }),
      twin: ({ input, target }) => {
        const losses = zip(input!, target!, (x, t) =>
          logTarget ? Math.exp(t) * (t - x) : t * (Math.log(t) - x),
        );
        return reduction === "batchmean" ? reduced(losses, "mean", 3) : reduced(losses, reduction);
      },
    })),
  );
}

const hinge = (x: number): number => Math.max(0, x);

function gaussianCases(): GradientCase[] {
  return REDUCTIONS.map((reduction): GradientCase => ({
    inputs: {
      input: float([2, 3]),
      target: float([2, 3], { seed: 2, step: 0.125 }),
      variance: float([2, 3], { seed: 3, above: 0.25, step: 0.125 }),
    },
    run: ({ input, target, variance }) =>
      gaussianNLLLoss(input!, target!, variance!, { reduction, full: true }),
    twin: ({ input, target, variance }) =>
      reduced(
        build([2, 3], (i) => {
          const [x, y, v] = [at(input!, i), at(target!, i), at(variance!, i)];
          return (Math.log(2 * Math.PI * v) + (x - y) ** 2 / v) / 2;
        }),
        reduction,
      ),
  }));
}

/** ln Γ by Stirling's series, far enough from 0. */
function logGamma(x: number): number {
  let [z, product] = [x, 1];
  while (z < 12) product *= z++;
  const series = 1 / (12 * z) - 1 / (360 * z ** 3) + 1 / (1260 * z ** 5) - 1 / (1680 * z ** 7);
  return (z - 0.5) * Math.log(z) - z + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

function studentTCases(): GradientCase[] {
  return REDUCTIONS.map((reduction): GradientCase => ({
    inputs: {
      location: float([2, 3]),
      scale: float([2, 3], { seed: 3, above: 0.5, step: 0.25 }),
      degrees: float([2, 3], { seed: 4, above: 0.75, step: 0.75 }),
      target: float([2, 3], { seed: 2, step: 0.125 }),
    },
    run: ({ location, scale, degrees, target }) =>
      studentTNLLLoss({ location: location!, scale: scale!, degrees: degrees! }, target!, {
        reduction,
      }),
    twin: ({ location, scale, degrees, target }) =>
      reduced(
        build([2, 3], (i) => {
          const [s, n] = [at(scale!, i), at(degrees!, i)];
          const z = (at(target!, i) - at(location!, i)) / s;
          const peak = logGamma(n / 2) - logGamma((n + 1) / 2) + Math.log(n * Math.PI) / 2;
          return Math.log(s) + peak + ((n + 1) / 2) * Math.log(1 + (z * z) / n);
        }),
        reduction,
      ),
  }));
}

function quantileCases(): GradientCase[] {
  const quantiles = [0.1, 0.5, 0.75];
  return REDUCTIONS.map((reduction): GradientCase => ({
    inputs: { input: float([2, 3]), target: float([2], { seed: 2, step: 0.046875 }) },
    run: ({ input, target }) => quantileLoss(input!, target!, { quantiles, reduction }),
    twin: ({ input, target }) =>
      reduced(
        build([2, 3], ([row, k]) => {
          const above = at(target!, [row!]) - at(input!, [row!, k!]);
          return Math.max(quantiles[k!]! * above, (quantiles[k!]! - 1) * above);
        }),
        reduction,
      ),
  }));
}

function rankingCases(): GradientCase[] {
  const signs = ints([2, 3], [1, -1, 1, 1, -1, -1]);
  return REDUCTIONS.map((reduction): GradientCase => ({
    inputs: { a: float([2, 3]), b: float([2, 3], { seed: 2, step: 0.046875 }), signs },
    run: ({ a, b, signs }) =>
      marginRankingLoss(a!, b!, signs as unknown as Tensor<"int32">, { margin: 0.0625, reduction }),
    twin: ({ a, b, signs }) =>
      reduced(
        build([2, 3], (i) => hinge(0.0625 - at(signs!, i) * (at(a!, i) - at(b!, i)))),
        reduction,
      ),
  }));
}

const rowOf = (x: Twin, index: number[]): number[] =>
  Array.from({ length: x.shape.at(-1)! }, (_, k) => at(x, [...index, k]));
const dot = (a: number[], b: number[]): number => sum(a.map((x, k) => x * b[k]!));

function cosineCases(): GradientCase[] {
  const signs = ints([4], [1, -1, -1, 1]);
  return REDUCTIONS.flatMap((reduction) =>
    [-0.5, 0.25].map((margin): GradientCase => ({
      inputs: {
        a: float([4, 3], { step: 0.25 }),
        b: float([4, 3], { seed: 3, step: 0.25 }),
        signs,
      },
      run: ({ a, b, signs }) =>
        cosineEmbeddingLoss(a!, b!, signs as unknown as Tensor<"int32">, { margin, reduction }),
      twin: ({ a, b, signs }) =>
        reduced(
          build([4], (i) => {
            const [x, y] = [rowOf(a!, i), rowOf(b!, i)];
            const cosine = dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
            return at(signs!, i) === 1 ? 1 - cosine : hinge(cosine - margin);
          }),
          reduction,
        ),
    })),
  );
}

function tripletCases(): GradientCase[] {
  return REDUCTIONS.flatMap((reduction) =>
    ([{ p: 2 }, { p: 1 }, { p: 2, swap: true }] as const).map((options): GradientCase => ({
      inputs: {
        a: float([4, 3], { step: 0.25 }),
        b: float([4, 3], { seed: 2, step: 0.1875 }),
        c: float([4, 3], { seed: 3, step: 0.3125 }),
      },
      run: ({ a, b, c }) => tripletMarginLoss(a!, b!, c!, { margin: 0.5, ...options, reduction }),
      twin: ({ a, b, c }) =>
        reduced(
          build([4], (i) => {
            const distance = (x: Twin, y: Twin): number => {
              const other = rowOf(y, i);
              const d = rowOf(x, i).map((v, k) => v - other[k]! + 1e-6);
              return options.p === 1 ? sum(d.map(Math.abs)) : Math.sqrt(dot(d, d));
            };
            const far = distance(a!, c!);
            const least = "swap" in options ? Math.min(far, distance(b!, c!)) : far;
            return hinge(0.5 + distance(a!, b!) - least);
          }),
          reduction,
        ),
    })),
  );
}

const cosineOf = (x: number[], y: number[]): number => dot(x, y) / Math.sqrt(dot(x, x) * dot(y, y));
const euclid = (x: number[], y: number[]): number =>
  Math.sqrt(sum(x.map((v, k) => (v - y[k]!) ** 2)));
const rowsOf = (x: Twin): number[][] =>
  Array.from({ length: x.shape[0]! }, (_, i) => rowOf(x, [i]));
const vectorOf = (values: number[]): Twin => ({
  shape: [values.length],
  data: Float64Array.from(values),
});
const twoTowers = () => ({
  a: float([4, 3], { step: 0.25 }),
  b: float([4, 3], { seed: 3, step: 0.1875 }),
});

function hardTripletCases(): GradientCase[] {
  return REDUCTIONS.flatMap((reduction) =>
    (["any", "semiHard"] as const).map((closest): GradientCase => ({
      inputs: twoTowers(),
      run: ({ a, b }) => hardTripletLoss(a!, b!, { margin: 0.3, closest, reduction }),
      twin: ({ a, b }) => {
        const [left, right] = [rowsOf(a!), rowsOf(b!)];
        const losses = left.map((x, i) => {
          const cosines = right.map((y) => cosineOf(x, y));
          const positive = cosines[i]!;
          const others = cosines.filter((_, j) => j !== i);
          const chosen = cosines.map((cosine, j) =>
            j === i || (closest === "semiHard" && cosine > positive) ? cosine - 2 : cosine,
          );
          const mean = sum(others) / others.length;
          return hinge(0.3 - positive + Math.max(...chosen)) + hinge(0.3 - positive + mean);
        });
        return reduced(vectorOf(losses), reduction);
      },
    })),
  );
}

function batchHardCases(): GradientCase[] {
  const options = [
    { margin: 0.5 },
    { distance: "cosine", margin: 0.3 },
    { soft: true },
    { distance: "cosine", soft: true },
  ] as const;
  // The last row is alone with its label.
  const labels = ints([5], [1, 0, 1, 0, 7]);
  return REDUCTIONS.flatMap((reduction) =>
    options.map((own): GradientCase => ({
      inputs: { x: float([5, 3], { step: 0.25 }), labels },
      run: ({ x, labels }) =>
        batchHardTripletLoss(x!, labels as unknown as Tensor<"int32">, { ...own, reduction }),
      twin: ({ x, labels }) => {
        const rows = rowsOf(x!);
        const d = (i: number, j: number) =>
          "distance" in own ? 1 - cosineOf(rows[i]!, rows[j]!) : euclid(rows[i]!, rows[j]!);
        const losses = rows.flatMap((_, i) => {
          const others = rows.map((_, j) => j).filter((j) => j !== i);
          const alike = others.filter((j) => labels!.data[j] === labels!.data[i]);
          const unlike = others.filter((j) => labels!.data[j] !== labels!.data[i]);
          if (alike.length === 0) return [];
          const lead =
            Math.max(...alike.map((j) => d(i, j))) - Math.min(...unlike.map((j) => d(i, j)));
          return ["soft" in own ? Math.log(1 + Math.exp(lead)) : hinge(lead + own.margin)];
        });
        return reduced(vectorOf(losses), reduction);
      },
    })),
  );
}

function multipleNegativesCases(): GradientCase[] {
  return REDUCTIONS.flatMap((reduction) =>
    [{ scale: 3 }, { scale: 2, symmetric: true }].map((own): GradientCase => ({
      inputs: {
        a: float([3, 4], { step: 0.25 }),
        b: float([5, 4], { seed: 3, step: 0.1875 }),
      },
      run: ({ a, b }) => multipleNegativesRankingLoss(a!, b!, { ...own, reduction }),
      twin: ({ a, b }) => {
        const [left, right] = [rowsOf(a!), rowsOf(b!)];
        const scores = left.map((x) => right.map((y) => own.scale * cosineOf(x, y)));
        const losses = left.map((_, i) => {
          const own = logSumExp(scores[i]!) - scores[i]![i]!;
          const column = left.map((_, j) => scores[j]![i]!);
          return [own, logSumExp(column) - scores[i]![i]!] as const;
        });
        const wanted = losses.map(([one, other]) => (own.symmetric ? (one + other) / 2 : one));
        return reduced(vectorOf(wanted), reduction);
      },
    })),
  );
}

function contrastiveCases(): GradientCase[] {
  const same = ints([4], [1, 0, 0, 1]);
  return REDUCTIONS.flatMap((reduction) =>
    (["cosine", "euclidean"] as const).map((distance): GradientCase => ({
      inputs: { ...twoTowers(), same },
      run: ({ a, b, same }) =>
        contrastiveLoss(a!, b!, same as unknown as Tensor<"int32">, {
          ...{ margin: 1.5, distance, reduction },
        }),
      twin: ({ a, b, same }) => {
        const right = rowsOf(b!);
        const losses = rowsOf(a!).map((x, i) => {
          const y = right[i]!;
          const d =
            distance === "cosine"
              ? 1 - cosineOf(x, y)
              : euclid(
                  x.map((v) => v + 1e-6),
                  y,
                );
          return (same!.data[i] === 1 ? d ** 2 : hinge(1.5 - d) ** 2) / 2;
        });
        return reduced(vectorOf(losses), reduction);
      },
    })),
  );
}

function cosineSimilarityCases(): GradientCase[] {
  return REDUCTIONS.map((reduction) => ({
    inputs: { ...twoTowers(), score: float([4], { seed: 5, step: 0.125 }) },
    run: ({ a, b, score }) => cosineSimilarityLoss(a!, b!, score!, { reduction }),
    twin: ({ a, b, score }) => {
      const right = rowsOf(b!);
      const losses = rowsOf(a!).map((x, i) => (cosineOf(x, right[i]!) - score!.data[i]!) ** 2);
      return reduced(vectorOf(losses), reduction);
    },
  }));
}

const huber = (delta: number) => (x: number, y: number) => {
  const d = Math.abs(x - y);
  return d < delta ? (d * d) / 2 : delta * (d - delta / 2);
};

/** Between the differences of the inputs, which are multiples of 1 / 128: no step crosses the bend. */
const BENDS = [12.5 / 128, 128.5 / 128];

export const losses: Record<string, GradientCase[]> = {
  huberLoss: BENDS.flatMap((delta) =>
    pairCases((x, y, options) => huberLoss(x, y, { delta, ...options }), huber(delta)),
  ),
  smoothL1Loss: BENDS.flatMap((beta) =>
    pairCases(
      (x, y, options) => smoothL1Loss(x, y, { beta, ...options }),
      (x, y) => huber(beta)(x, y) / beta,
    ),
  ),
  klDivLoss: divergenceCases(),
  gaussianNLLLoss: gaussianCases(),
  studentTNLLLoss: studentTCases(),
  quantileLoss: quantileCases(),
  marginRankingLoss: rankingCases(),
  cosineEmbeddingLoss: cosineCases(),
  tripletMarginLoss: tripletCases(),
  hardTripletLoss: hardTripletCases(),
  batchHardTripletLoss: batchHardCases(),
  multipleNegativesRankingLoss: multipleNegativesCases(),
  contrastiveLoss: contrastiveCases(),
  cosineSimilarityLoss: cosineSimilarityCases(),
  crossEntropy: classCases(crossEntropy, logSoftmaxScore, [
    { labelSmoothing: 0.2 },
    { labelSmoothing: 0.2, ignoreIndex: 0 },
  ]).concat(probabilityCases()),
  nllLoss: classCases(nllLoss, givenScore, []),
  sampledSoftmaxLoss: sampledCases(),
  mseLoss: pairCases(mseLoss, (x, y) => (x - y) ** 2),
  l1Loss: pairCases(l1Loss, (x, y) => Math.abs(x - y)),
  binaryCrossEntropyWithLogits: binaryCases(),
  binaryCrossEntropy: REDUCTIONS.flatMap((reduction) =>
    [{}, { weight: fixed(float([5], { seed: 3, above: 0.25 })) }].map((own): GradientCase => ({
      inputs: {
        // Between 0.3 and 0.8.
        input: float([3, 5], { above: 0.3 }),
        target: float([3, 5], { seed: 2, above: 0.125 }),
        ...own,
      },
      run: ({ input, target, ...rest }) =>
        binaryCrossEntropy(input!, target!, { reduction, ...rest }),
      twin: ({ input, target, weight }) =>
        reduced(
          build(input!.shape, (index) => {
            const [x, y] = [at(input!, index), at(target!, index)];
            const loss = -(y * Math.log(x) + (1 - y) * Math.log(1 - x));
            return (weight ? broadcastAt(weight, index) : 1) * loss;
          }),
          reduction,
        ),
    })),
  ),
};
