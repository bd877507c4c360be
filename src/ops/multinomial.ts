import { checkCall, checkCount } from "../core/check.js";
import { NumericError, OptionError, ShapeError } from "../core/errors.js";
import { randomUniform } from "../core/random.js";
import { running } from "../core/running.js";
import { formatShape } from "../core/shape.js";
import { tensor } from "../tensor/create.js";
import type { Tensor } from "../tensor/tensor.js";
import { requireFloat } from "./check.js";

export interface MultinomialOptions {
  /** Whether one position may be drawn again. Default false, as in PyTorch. */
  replacement?: boolean | undefined;
}

/**
 * Draws positions by their weights, from the library's generator (`manualSeed`): the same on every engine.
 * Weights need not add up to 1. Without gradient.
 *
 * @param weights `[classes]` or `[rows, classes]`, none below 0
 * @param count draws of each row. Default 1
 * @returns int32 `[count]` or `[rows, count]`, in the order they were drawn
 * @throws NumericError for a row with a weight below 0 or not finite, or of zeros; OptionError for more draws without
 *   replacement than a row has weights above 0; ShapeError for other axes
 */
export function multinomial(
  weights: Tensor,
  count = 1,
  options: MultinomialOptions = {},
): Tensor<"int32"> {
  const op = "multinomial";
  checkCall(op, arguments, "weights:tensor count?:number {replacement:boolean}");
  running.op = op;
  const { replacement = false } = options;
  requireFloat(op, weights);
  checkCount(op, "count", count);
  const { shape } = weights;
  if (shape.length < 1 || shape.length > 2)
    throw new ShapeError({
      op,
      expected: "weights [classes] or [rows, classes]",
      got: formatShape(shape),
    });
  const classes = shape.at(-1)!;
  const rows = shape.length === 2 ? shape[0]! : 1;
  const values = weights.data();
  const drawn = new Int32Array(rows * count);
  for (let row = 0; row < rows; row++) {
    const own = values.subarray(row * classes, (row + 1) * classes);
    const where = shape.length === 2 ? ` in row ${row}` : "";
    checkWeights(own, replacement ? 1 : count, where);
    const tree = new WeightTree(own);
    for (let i = 0; i < count; i++) {
      // Two words, so that the rarest of many classes keep their chance: 48 bits.
      const position = tree.find((randomUniform() + randomUniform() / 0x1000000) * tree.total);
      if (!replacement) tree.remove(position);
      drawn[row * count + i] = position;
    }
  }
  return tensor(drawn, { shape: [...shape.slice(0, -1), count] });
}

function checkWeights(weights: Float32Array, count: number, where: string): void {
  const op = "multinomial";
  const bad = weights.findIndex((weight) => !(weight >= 0 && weight < Infinity));
  if (bad >= 0)
    throw new NumericError({
      op,
      expected: "finite weights of at least 0",
      got: `${weights[bad]} at ${bad}${where}`,
      cure: "Of logits, take softmax(logits) first.",
    });
  const possible = weights.reduce((sum, weight) => sum + Number(weight > 0), 0);
  if (possible === 0)
    throw new NumericError({ op, expected: "a weight above 0", got: `only zeros${where}` });
  if (count > possible)
    throw new OptionError({
      op,
      expected: `at most ${possible} draws without replacement, one for each weight above 0`,
      got: `${count}${where}`,
      cure: "{ replacement: true } draws positions again.",
    });
}

/** Sums of weights as a binary tree: a draw and a removal cost its depth, and what is removed leaves no rounding. */
class WeightTree {
  /** Node i has the children 2i and 2i + 1; the weights are its last level. */
  readonly #sums: Float64Array;
  readonly #leaves: number;

  constructor(weights: Float32Array) {
    let leaves = 1;
    while (leaves < weights.length) leaves *= 2;
    this.#leaves = leaves;
    this.#sums = new Float64Array(2 * leaves);
    this.#sums.set(weights, leaves);
    for (let i = leaves - 1; i > 0; i--)
      this.#sums[i] = this.#sums[2 * i]! + this.#sums[2 * i + 1]!;
  }

  get total(): number {
    return this.#sums[1]!;
  }

  /** The position at which the running sum passes `target`; never one of weight 0. */
  find(target: number): number {
    let node = 1;
    while (node < this.#leaves) {
      node *= 2;
      const left = this.#sums[node]!;
      if (target < left || this.#sums[node + 1] === 0) continue;
      target -= left;
      node++;
    }
    return node - this.#leaves;
  }

  remove(position: number): void {
    let node = position + this.#leaves;
    this.#sums[node] = 0;
    for (node >>= 1; node > 0; node >>= 1)
      this.#sums[node] = this.#sums[2 * node]! + this.#sums[2 * node + 1]!;
  }
}
