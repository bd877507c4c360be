// Cross-entropy over a few sampled classes instead of all: for vocabularies so large that the softmax is most of the work.
import { checkCall, checkCount } from "../core/check.js";
import { checkLike } from "../core/check-like.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { formatShape, sameShape } from "../core/shape.js";
import { add, mul, sub } from "../ops/arithmetic.js";
import { requireFloat, requireInt } from "../ops/check.js";
import { embedding } from "../ops/embedding.js";
import { concat } from "../ops/join.js";
import { linear } from "../ops/linear.js";
import { sum } from "../ops/reduce.js";
import { reshape } from "../ops/reshape.js";
import { tensor, zeros } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { sampleClasses, type ClassSampler } from "./class-samplers.js";
import { crossEntropy } from "./cross-entropy.js";
import { checkReduction, type Reduction } from "./reduction.js";

export interface SampledSoftmaxOptions {
  /** Draws the classes: by frequency, such as `logUniformSampler(classes)`. */
  sampler: ClassSampler;
  /** Different classes drawn for the call, shared by all rows. */
  samples: number;
  /** What is added to each class's logit, `[classes]`. Default: nothing. */
  bias?: Tensor | undefined;
  /** Whether a drawn class that is a row's target is left out of that row. Default true. */
  removeHits?: boolean | undefined;
  /** Default `"mean"`. */
  reduction?: Reduction | undefined;
}

/**
 * Cross-entropy of the target among it and some sampled classes, each logit less the logarithm of how often its class is to be
 * expected among them: so the gradient is nearly that of the full softmax (Jean et al. 2015, "On using very large target
 * vocabulary for neural machine translation"; TensorFlow's `sampled_softmax_loss`). For training alone: its value is no
 * cross-entropy over all classes, which evaluations take.
 *
 * @param hidden `[..., size]`
 * @param target int32 classes of the leading shape
 * @param weight the output layer's, `[classes, size]`: only rows of targets and samples are read, and get gradients
 * @returns a scalar, or for reduction "none" the leading shape
 * @throws IndexError for a target that is no class; ShapeError for what does not fit
 * @example
 * ```ts
 * const head = new Linear(8, 1000);
 * const target = tensor([3, 999], { dtype: "int32" });
 * const sampler = logUniformSampler(1000);
 * const loss = sampledSoftmaxLoss(randn([2, 8]), target, head.weight, { bias: head.bias, sampler, samples: 50 });
 * loss.shape; // []
 * ```
 */
export function sampledSoftmaxLoss(
  hidden: Tensor,
  target: Tensor<"int32">,
  weight: Tensor,
  options: SampledSoftmaxOptions,
): Tensor {
  const op = "sampledSoftmaxLoss";
  checkCall(
    op,
    arguments,
    "hidden:tensor target:tensor weight:tensor {sampler!:object samples!:number bias:tensor removeHits:boolean reduction:string}",
  );
  const { sampler, samples, bias, removeHits = true, reduction = "mean" } = options;
  checkReduction(op, reduction);
  const size = checkShapes(op, hidden, target, weight, bias, sampler);
  checkCount(op, "samples", samples);
  if (samples > sampler.classes)
    throw new OptionError({
      op,
      expected: `at most ${sampler.classes} samples, as many as there are classes`,
      got: String(samples),
    });
  const { ids, logExpected } = sampleClasses(sampler, samples);
  const drawn = tensor(ids);
  const rows = target.size;
  const targets = target.data();
  const x = reshape(hidden, [rows, size]);
  const flat = reshape(target, [rows]);

  const own = sum(mul(x, embedding(flat, weight)), 1);
  const others = linear(x, embedding(drawn, weight));
  const shifts = { own: column(targets, logExpected), others: column(ids, logExpected) };
  const table = bias && reshape(bias, [sampler.classes, 1]);
  const biased = (logits: Tensor, classes: Tensor<"int32">, count: number) =>
    table ? add(logits, reshape(embedding(classes, table), [count])) : logits;
  const logits = concat(
    [
      reshape(sub(biased(own, flat, rows), shifts.own), [rows, 1]),
      sub(withoutHits(biased(others, drawn, samples), targets, ids, removeHits), shifts.others),
    ],
    1,
  );
  const loss = crossEntropy(logits, zeros([rows], { dtype: "int32" }), { reduction });
  return reduction === "none" ? reshape(loss, target.shape) : loss;
}

function checkShapes(
  op: string,
  hidden: Tensor,
  target: Tensor<"int32">,
  weight: Tensor,
  bias: Tensor | undefined,
  sampler: ClassSampler,
): number {
  requireFloat(op, hidden);
  requireFloat(op, weight);
  requireInt(op, "target", target);
  checkLike(op, "a sampler, such as logUniformSampler(classes)", "probability", sampler);
  const size = hidden.shape.at(-1) ?? 0;
  const { classes } = sampler;
  const refuse = (expected: string, got: Tensor): never => {
    throw new ShapeError({ op, expected, got: formatShape(got.shape) });
  };
  if (!sameShape(weight.shape, [classes, size]))
    refuse(`a weight [${classes}, ${size}] for ${classes} classes of the sampler`, weight);
  if (!sameShape(target.shape, hidden.shape.slice(0, -1)))
    refuse(`a target of shape ${formatShape(hidden.shape.slice(0, -1))}`, target as never);
  if (bias && !sameShape(bias.shape, [classes])) refuse(`a bias [${classes}]`, bias);
  return size;
}

function column(classes: Int32Array, logExpected: (index: number) => number): Tensor {
  return tensor(Float32Array.from(classes, logExpected));
}

/** -Infinity where a row's target was drawn too: it would stand in the row twice. */
function withoutHits(
  logits: Tensor,
  targets: Int32Array,
  ids: Int32Array,
  removeHits: boolean,
): Tensor {
  if (!removeHits) return logits;
  const places = new Map(Array.from(ids, (id, place) => [id, place]));
  const hits = Array.from(targets, (target) => places.get(target) ?? -1);
  if (hits.every((place) => place < 0)) return logits;
  const mask = new Float32Array(targets.length * ids.length);
  hits.forEach((place, row) => {
    if (place >= 0) mask[row * ids.length + place] = -Infinity;
  });
  return add(logits, tensor(mask, { shape: [targets.length, ids.length] }));
}
