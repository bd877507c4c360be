// Classes drawn to stand for all of them, and how often each is to be expected.
import { aliasDraw, aliasTable } from "../core/alias-table.js";
import { checkCall, checkCount } from "../core/check.js";
import { exp, log } from "../core/exp-log.js";
import { OptionError } from "../core/errors.js";
import { randomUint32, randomUniform } from "../core/random.js";

/** Draws classes; the library's are {@link logUniformSampler} and {@link unigramSampler}. */
export interface ClassSampler {
  /** How many classes there are, from 0. */
  readonly classes: number;
  /** One class, by the library's generator. */
  draw(): number;
  /** The probability of a class in one draw. */
  probability(index: number): number;
}

/**
 * Classes by Zipf's law: P(k) = (log(k + 2) - log(k + 1)) / log(classes + 1), for classes numbered from the most frequent on.
 * TensorFlow's `log_uniform_candidate_sampler`.
 */
export function logUniformSampler(classes: number): ClassSampler {
  checkCall("logUniformSampler", arguments, "classes:number");
  checkCount("logUniformSampler", "classes", classes);
  const range = log(classes + 1);
  return {
    classes,
    draw() {
      // 48 bits, so that the rarest of many keep their chance.
      const uniform = randomUniform() + randomUniform() / 0x1000000;
      return Math.min(classes - 1, Math.floor(exp(uniform * range)) - 1);
    },
    probability: (index) => (log(index + 2) - log(index + 1)) / range,
  };
}

/**
 * Classes by how often they come.
 *
 * @param counts of every class; one that never comes counts once, as it could not be learnt otherwise
 * @throws OptionError for a count below 0, or not finite
 */
export function unigramSampler(counts: ArrayLike<number>): ClassSampler {
  const op = "unigramSampler";
  checkCall(op, arguments, "counts:list");
  checkCount(op, "the number of counts", counts.length);
  const weights = Float64Array.from(counts, (count) => {
    if (!(count >= 0 && count < Infinity))
      throw new OptionError({ op, expected: "counts of at least 0", got: String(count) });
    return count === 0 ? 1 : count;
  });
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const table = aliasTable(weights);
  return {
    classes: weights.length,
    draw: () => aliasDraw(table, randomUint32()),
    probability: (index) => weights[index]! / total,
  };
}

/** Different classes, and of a class the logarithm of how often it is among so many. */
export interface SampledClasses {
  readonly ids: Int32Array;
  logExpected(index: number): number;
}

/** Draws until there are `count` different classes. */
export function sampleClasses(sampler: ClassSampler, count: number): SampledClasses {
  const found = new Set<number>();
  let tries = 0;
  while (found.size < count) {
    found.add(sampler.draw());
    tries++;
  }
  return {
    ids: Int32Array.from(found),
    // 1 - (1 - p)^tries, as in TensorFlow's samplers without replacement.
    logExpected: (index) => log(-expm1(tries * log1p(-sampler.probability(index)))),
  };
}

/** log(1 + x) for x in (-1, 0], also where 1 + x rounds (Kahan). */
function log1p(x: number): number {
  const sum = 1 + x;
  return sum === 1 ? x : (log(sum) * x) / (sum - 1);
}

/** exp(x) - 1 for x at most 0, also where exp(x) is nearly 1 (Kahan). */
function expm1(x: number): number {
  const power = exp(x);
  if (power === 1) return x;
  return power === 0 ? -1 : ((power - 1) * x) / log(power);
}
