import { checkCall, checkChoice, checkCount, checkKeys } from "../core/check.js";
import { NumericError, OptionError, ShapeError } from "../core/errors.js";
import { cannotTrain } from "../core/inference.js";
import { formatShape, sameShape } from "../core/shape.js";
import { badIndex } from "../ops/bad-index.js";
import { crfLoss, crfMarginals } from "../ops/crf/loss.js";
import { viterbi, type BestPath } from "../ops/crf/viterbi.js";
import { constraintMask, crfWeights, type CRFConstraints } from "../ops/crf/weights.js";
import { requireFloat, requireInt } from "../ops/check.js";
import { checkLengths, type Lengths } from "../ops/lengths.js";
import { mean, sum } from "../ops/reduce.js";
import { mul } from "../ops/arithmetic.js";
import type { Parameter } from "../tensor/parameter.js";
import type { Tensor } from "../tensor/tensor.js";
import { uniformParameter } from "./init.js";
import { Module } from "./module.js";

export interface CRFOptions {
  /**
   * Which tags may begin, end, and follow each other; everything else is impossible, in the loss and in
   * decoding. `allowedTransitions(labels, "BIOES")` of hiddenstate/metrics makes them. Default: all are possible.
   */
  constraints?: CRFConstraints | undefined;
}

export interface CRFLengths {
  /** Steps that count in each row: integers 0..time. Default: all. */
  lengths?: Lengths | undefined;
}

export interface CRFLossOptions extends CRFLengths {
  /**
   * `"none"`: the loss of each sequence; `"sum"`; `"mean"` (default) over the sequences; `"tokenMean"`: the sum by the
   * number of steps.
   */
  reduction?: "none" | "sum" | "mean" | "tokenMean" | undefined;
}

/**
 * A linear-chain conditional random field (Lafferty, McCallum & Pereira 2001) over the scores that a network gives to
 * tags. The score of a sequence of tags is the sum of their emissions and of the learned transitions between
 * them; the loss is its negative log-likelihood among all sequences of that length, log Z - score.
 *
 * Parameters as pytorch-crf's, from U(-0.1, 0.1): `start_transitions` `[tags]`, `end_transitions` `[tags]`,
 * `transitions` `[from, to]`.
 *
 * @example
 * ```ts
 * const crf = new CRF(5);
 * const scores = randn([2, 7, 5]); // of each tag at each word, [batch, time, tags]
 * const tags = zeros([2, 7], { dtype: "int32" });
 * const lengths = [7, 4];
 * crf.loss(scores, tags, { lengths }).backward();
 * crf.decode(scores, { lengths })[1]!.tags.length; // 4
 * ```
 */
export class CRF extends Module {
  /** @internal As it is printed, whatever a bundler calls it. */
  static override readonly name: string = "CRF";
  readonly numTags: number;
  readonly start_transitions: Parameter;
  readonly end_transitions: Parameter;
  readonly transitions: Parameter;
  readonly #constraints: CRFConstraints | undefined;
  readonly #mask: Float32Array | undefined;

  constructor(numTags: number, options: CRFOptions = {}) {
    checkCall("CRF", arguments, "numTags {constraints:object}");
    super();
    const { constraints } = options;
    checkCount("CRF", "numTags", numTags);
    if (constraints) {
      checkKeys("CRF", constraints, "start!:list end!:list between!:list");
      checkConstraints(constraints, numTags);
    }
    this.numTags = numTags;
    this.#constraints = constraints;
    this.#mask = constraints && constraintMask(constraints);
    this.start_transitions = uniformParameter([numTags], 0.1);
    this.end_transitions = uniformParameter([numTags], 0.1);
    this.transitions = uniformParameter([numTags, numTags], 0.1);
  }

  /**
   * How unlikely tags are: log Z - score. What stands past a length never counts, NaN included.
   *
   * @param emissions `[batch, time, tags]`
   * @param targets int32 `[batch, time]`
   * @returns a scalar, or for reduction "none" `[batch]` (0 for a sequence of length 0)
   * @throws IndexError for a target that is no tag; OptionError for targets that the constraints forbid, with
   *   their place; ShapeError for shapes that do not fit; BackendError in `hiddenstate/infer`, which does not train
   */
  loss(emissions: Tensor, targets: Tensor<"int32">, options: CRFLossOptions = {}): Tensor {
    checkCall(
      "CRF.loss",
      arguments,
      "emissions:tensor targets:tensor {lengths:list|tensor reduction:string}",
    );
    if (!TRAINING) throw cannotTrain("CRF.loss");
    const { reduction = "mean" } = options;
    checkChoice("CRF", "reduction", reduction, ["none", "sum", "mean", "tokenMean"]);
    const lengths = this.#checked(emissions, options.lengths);
    requireInt("CRF", "targets", targets);
    if (!sameShape(targets.shape, emissions.shape.slice(0, 2)))
      throw new ShapeError({
        op: "CRF",
        expected: `targets ${formatShape(emissions.shape.slice(0, 2))}`,
        got: formatShape(targets.shape),
      });
    this.#checkTargets(targets, lengths);
    const losses = crfLoss(emissions, this.#parameters(), targets, lengths, this.#mask);
    if (reduction === "none") return losses;
    if (reduction === "mean") return mean(losses);
    if (reduction === "sum") return sum(losses);
    return mul(sum(losses), 1 / lengths.reduce((total, length) => total + length, 0));
  }

  /**
   * @internal All scores in one matrix `[tags + 2, tags]`: transitions, then of each tag at the start and at the end; -Infinity
   * where constraints forbid it.
   */
  weights_(): Tensor {
    return crfWeights("CRF", this.#parameters(), this.#mask);
  }

  /**
   * The best sequence of tags for each row, and its score. No gradient.
   *
   * @throws NumericError where no path has a finite score: NaN, or constraints that allow none of this length
   */
  decode(emissions: Tensor, options: CRFLengths = {}): BestPath[] {
    checkCall("CRF.decode", arguments, "emissions:tensor {lengths:list|tensor}");
    const lengths = this.#checked(emissions, options.lengths);
    const paths = viterbi("CRF", emissions, this.#parameters(), lengths, this.#mask);
    const row = paths.findIndex(({ score }) => !(score > -Infinity));
    if (row >= 0) throw noPath(`${paths[row]!.score} for the best of row ${row}`);
    return paths;
  }

  /**
   * How likely each tag is at each step, given the whole sequence. No gradient.
   *
   * @returns `[batch, time, tags]`; zeros past a length
   * @throws NumericError where no path has a finite score: NaN, or constraints that allow none of this length
   */
  marginals(emissions: Tensor, options: CRFLengths = {}): Tensor {
    checkCall("CRF.marginals", arguments, "emissions:tensor {lengths:list|tensor}");
    const lengths = this.#checked(emissions, options.lengths);
    const found = crfMarginals("CRF", emissions, this.#parameters(), lengths, this.#mask);
    const at = found.data().findIndex(Number.isNaN);
    if (at < 0) return found;
    found.dispose();
    throw noPath(`none of row ${Math.floor(at / (found.size / lengths.length))}`);
  }

  #parameters() {
    const { transitions, start_transitions: start, end_transitions: end } = this;
    return { transitions, start, end };
  }

  /** The lengths of emissions that fit. */
  #checked(emissions: Tensor, lengths: Lengths | undefined): Int32Array {
    requireFloat("CRF", emissions);
    const [batch, time] = emissions.shape as [number, number];
    if (emissions.shape.length !== 3 || emissions.shape[2] !== this.numTags)
      throw new ShapeError({
        op: "CRF",
        expected: `emissions [batch, time, ${this.numTags}]`,
        got: formatShape(emissions.shape),
      });
    return checkLengths("CRF", lengths, batch, time) ?? new Int32Array(batch).fill(time);
  }

  #checkTargets(targets: Tensor<"int32">, lengths: Int32Array): void {
    const tags = targets.data();
    const time = targets.shape[1]!;
    lengths.forEach((length, row) => {
      for (let t = 0; t < length; t++) {
        const tag = tags[row * time + t]!;
        if (tag < 0 || tag >= this.numTags)
          throw badIndex("CRF", `tags from 0 to ${this.numTags - 1}`, targets, row * time + t);
        const fault = this.#forbidden(tags, row * time, t, length);
        if (fault === undefined) continue;
        throw new OptionError({
          op: "CRF",
          expected: "targets that the constraints allow",
          got: `tag ${tag} at [${row}, ${t}]${fault}`,
          cure: "Write the tags in the scheme that the constraints are made for.",
        });
      }
    });
  }

  /** What forbids the tag at step t, in words; undefined if nothing does. */
  #forbidden(tags: Int32Array, first: number, t: number, length: number): string | undefined {
    if (!this.#constraints) return undefined;
    const { start, end, between } = this.#constraints;
    const tag = tags[first + t]!;
    if (t === 0 && !start[tag]) return " at the start";
    if (t > 0 && !between[tags[first + t - 1]!]![tag]) return ` after ${tags[first + t - 1]!}`;
    return t === length - 1 && !end[tag] ? " at the end" : undefined;
  }
}

function noPath(got: string): NumericError {
  return new NumericError({
    op: "CRF",
    expected: "emissions and weights of which some path has a finite score",
    got,
    cure: "Either they hold NaN, or the constraints allow no path of this length.",
  });
}

function checkConstraints({ start, end, between }: CRFConstraints, tags: number): void {
  const sizes = [start.length, end.length, between.length, ...between.map((row) => row.length)];
  if (sizes.some((size) => size !== tags))
    throw new ShapeError({
      op: "CRF",
      expected: `constraints for ${tags} tags`,
      got: `start ${start.length}, end ${end.length}, between [${between.length}, ${between[0]?.length ?? 0}]`,
    });
}
