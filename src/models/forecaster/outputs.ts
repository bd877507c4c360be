// What the network says of a step: numbers that are the parameters of a distribution, or its quantiles. All are counted from the
// reference, in units of how far values lie from it.
import { exp, log } from "../../core/exp-log.js";
import { gaussianNLLLoss, quantileLoss, studentTNLLLoss } from "../../losses/distributions.js";
import { add, mul, sub } from "../../ops/arithmetic.js";
import { softplus } from "../../ops/activations.js";
import { reshape } from "../../ops/reshape.js";
import { slice } from "../../ops/slice.js";
import type { Tensor } from "../../tensor/tensor.js";
import type { ForecasterSettings } from "./options.js";

/** The quantiles of a forecast. */
export const LEVELS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9] as const;
/** Where the median and the ends of the 80 % interval stand. */
export const [LOWER, MEDIAN, UPPER] = [0, 4, 8] as const;

/** Quantiles of the normal distribution at {@link LEVELS}. */
export const NORMAL = [
  -1.2815515655446004, -0.8416212335729143, -0.5244005127080407, -0.2533471031357997, 0,
  0.2533471031357997, 0.5244005127080407, 0.8416212335729143, 1.2815515655446004,
] as const;

/** A width never falls below this share of the usual. */
const NARROWEST = 0.01;
/** Degrees of freedom of Student's t are above this: then it has a variance. */
const FEWEST = 2;
/** What softplus must read to give 1. */
const SOFTPLUS_OF_ONE = 0.5413248546129181;

export interface Output {
  /** Numbers of a step. */
  readonly size: number;
  /** What they begin as. */
  readonly first: readonly number[];
  /** The loss of each `[rows]`: `out [rows, size]`, `target [rows]`. */
  loss(out: Tensor, target: Tensor): Tensor;
  /** Writes the quantiles of {@link LEVELS} that the numbers from `at` on say. */
  quantiles(out: Float32Array, at: number, to: Float64Array): void;
  /**
   * Of a distribution, its quantile where the normal distribution has z; of a number, the number. Undefined of quantiles, of which no
   * paths are drawn.
   */
  readonly sample?: ((out: Float32Array, at: number, z: number) => number) | undefined;
}

const column = (out: Tensor, index: number): Tensor =>
  reshape(slice(out, 1, index, index + 1), [out.shape[0]!]);
const width = (out: Tensor, index: number): Tensor => add(softplus(column(out, index)), NARROWEST);
const widthOf = (x: number): number => (x > 20 ? x : log(1 + exp(x))) + NARROWEST;

export const OUTPUTS: Readonly<Record<ForecasterSettings["output"], Output>> = {
  point: {
    size: 1,
    first: [0],
    loss(out, target) {
      const away = sub(column(out, 0), target);
      return mul(away, away);
    },
    quantiles(out, at, to) {
      for (let i = 0; i < NORMAL.length; i++) to[i] = out[at]! + NORMAL[i]!;
    },
    sample: (out, at) => out[at]!,
  },
  gaussian: {
    size: 2,
    first: [0, SOFTPLUS_OF_ONE],
    loss(out, target) {
      const deviation = width(out, 1);
      return gaussianNLLLoss(column(out, 0), target, mul(deviation, deviation), {
        reduction: "none",
      });
    },
    quantiles(out, at, to) {
      const deviation = widthOf(out[at + 1]!);
      for (let i = 0; i < NORMAL.length; i++) to[i] = out[at]! + deviation * NORMAL[i]!;
    },
    sample: (out, at, z) => out[at]! + widthOf(out[at + 1]!) * z,
  },
  studentT: {
    size: 3,
    // Some eight degrees of freedom.
    first: [0, SOFTPLUS_OF_ONE, 6],
    loss: (out, target) =>
      studentTNLLLoss(
        {
          location: column(out, 0),
          scale: width(out, 1),
          degrees: add(softplus(column(out, 2)), FEWEST),
        },
        target,
        { reduction: "none" },
      ),
    quantiles(out, at, to) {
      const scale = widthOf(out[at + 1]!);
      const degrees = FEWEST + widthOf(out[at + 2]!) - NARROWEST;
      for (let i = 0; i < NORMAL.length; i++)
        to[i] = out[at]! + scale * studentT(NORMAL[i]!, degrees);
    },
    sample: (out, at, z) =>
      out[at]! + widthOf(out[at + 1]!) * studentT(z, FEWEST + widthOf(out[at + 2]!) - NARROWEST),
  },
  quantiles: {
    size: LEVELS.length,
    first: NORMAL,
    loss: (out, target) => quantileLossOf(out, target),
    quantiles(out, at, to) {
      // Those that cross change places (Chernozhukov et al. 2010).
      to.set(out.subarray(at, at + LEVELS.length));
      to.sort();
    },
  },
};

function quantileLossOf(out: Tensor, target: Tensor): Tensor {
  const losses = quantileLoss(out, target, { quantiles: LEVELS, reduction: "none" });
  return losses.mean(1);
}

/**
 * The quantile of Student's t where the normal distribution has z: Fisher's expansion (Abramowitz & Stegun 26.7.5), within 0.005
 * from 0.1 to 0.9 for more than two degrees of freedom, and 0.08 for one.
 */
export function studentT(z: number, degrees: number): number {
  const s = z * z;
  const terms = [
    (z * (s + 1)) / 4,
    (z * ((5 * s + 16) * s + 3)) / 96,
    (z * (((3 * s + 19) * s + 17) * s - 15)) / 384,
    (z * ((((79 * s + 776) * s + 1482) * s - 1920) * s - 945)) / 92160,
  ];
  return terms.reduceRight((sum, term) => (sum + term) / degrees, 0) + z;
}
