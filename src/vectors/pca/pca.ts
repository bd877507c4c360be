// Principal components.
import { checkCall, checkCount } from "../../core/check.js";
import { OptionError } from "../../core/errors.js";
import { turnOfOthers } from "../../core/yield.js";
import { meanOf, readRows, type Rows, type VectorRows } from "../rows.js";
import { gramMatrix } from "./gram.js";
import { descending, largestEigen } from "./largest-eigen.js";
import { symmetricEigen } from "./symmetric-eigen.js";

export interface PcaOptions {
  /** How many. Default 2. */
  components?: number | undefined;
}

/** What {@link pca} finds. */
export interface Pca {
  /** The vectors less their mean along the components: `count` rows of `dimension` numbers, one behind the other. */
  readonly transformed: { readonly values: Float64Array; readonly dimension: number };
  /** `[components, dimension of a vector]`, row-major: unit vectors, orthogonal to each other. */
  readonly components: Float64Array;
  /** The variance along each, the largest first, with n - 1 below the fraction. */
  readonly explainedVariance: Float64Array;
  /** The share of each in the variance of all. */
  readonly explainedVarianceRatio: Float64Array;
  /** Of each number of a vector. */
  readonly mean: Float64Array;
}

/** Up to so many rows all eigenvalues are found, beyond it the largest. */
const ALL = 1024;

/**
 * Principal components (Pearson 1901) in double precision: the directions along which vectors differ most. The smaller of the two
 * matrices of products, between numbers or between vectors, is taken apart: wholly up to 1,024 rows, beyond it by orthogonal iteration.
 * As in scikit-learn from 1.5 on, the largest number of each component is positive. The same bits everywhere.
 *
 * @param vectors rows of one size, or `{ values, dimension }`
 * @throws NumericError for a number that is not finite; OptionError for more components than vectors or numbers
 * @example
 * ```ts
 * const { transformed, explainedVarianceRatio } = await pca([[0, 0], [1, 2], [2, 4.1]], { components: 1 });
 * transformed.values.length; // 3
 * explainedVarianceRatio[0]! > 0.99; // true
 * ```
 */
export async function pca(vectors: VectorRows, options: PcaOptions = {}): Promise<Pca> {
  checkCall("pca", arguments, "vectors {components:number}");
  const { components: wanted = 2 } = options;
  checkCount("pca", "components", wanted);
  const rows = readRows("pca", vectors);
  const { dimension, count } = rows;
  if (wanted > Math.min(dimension, count))
    throw new OptionError({
      op: "pca",
      expected: `at most ${Math.min(dimension, count)} components, as there are ${count} vectors of ${dimension} numbers`,
      got: String(wanted),
    });
  const mean = meanOf(rows);
  const columns = dimension <= count;
  const matrix = await gramMatrix(rows, mean, columns);
  const m = columns ? dimension : count;
  let total = 0;
  for (let i = 0; i < m; i++) total += matrix[i * m + i]!;
  const found = await (m <= ALL ? symmetricEigen(matrix, m) : largestEigen(matrix, m, wanted));
  const order = descending(found.values).slice(0, wanted);
  const components = new Float64Array(wanted * dimension);
  order.forEach((row, i) => {
    const vector = found.vectors.subarray(row * m, (row + 1) * m);
    const component = components.subarray(i * dimension, (i + 1) * dimension);
    if (columns) component.set(vector);
    else if (found.values[row]! > NOTHING * total) combine(component, rows, mean, vector);
    else complete(component, components.subarray(0, i * dimension));
    pointUp(component);
  });
  const share = 1 / Math.max(1, count - 1);
  const variances = Float64Array.from(order, (row) => Math.max(0, found.values[row]!));
  return {
    transformed: { values: await along(rows, mean, components, wanted), dimension: wanted },
    components,
    explainedVariance: variances.map((value) => value * share),
    explainedVarianceRatio: variances.map((value) => (total > 0 ? value / total : 0)),
    mean,
  };
}

/** Share of the variance below which a direction has none: what rounding leaves of it would point anywhere. */
const NOTHING = 1e-13;

/** A direction that is orthogonal to others, where the vectors say none: an axis, less what of it these have. */
function complete(to: Float64Array, others: Float64Array): void {
  const { length } = to;
  for (let axis = 0; axis < length; axis++) {
    to.fill(0);
    to[axis] = 1;
    // Twice, since what is left may be small.
    for (let pass = 0; pass < 2; pass++)
      for (let at = 0; at < others.length; at += length) {
        let shared = 0;
        for (let j = 0; j < length; j++) shared += to[j]! * others[at + j]!;
        for (let j = 0; j < length; j++) to[j] = to[j]! - shared * others[at + j]!;
      }
    const left = Math.sqrt(to.reduce((sum, value) => sum + value * value, 0));
    // Of so many axes one at least keeps this much.
    if (left * left * length < 0.5) continue;
    for (let j = 0; j < length; j++) to[j] = to[j]! / left;
    return;
  }
}

/** A direction among the vectors as one among their numbers, of length 1. */
function combine(
  to: Float64Array,
  { values, dimension, count }: Rows,
  mean: Float64Array,
  weights: Float64Array,
): void {
  for (let i = 0; i < count; i++)
    for (let j = 0; j < dimension; j++)
      to[j]! += weights[i]! * (values[i * dimension + j]! - mean[j]!);
  const length = Math.sqrt(to.reduce((sum, value) => sum + value * value, 0));
  // Vectors without a variance along it are of no direction.
  for (let j = 0; j < dimension; j++) to[j] = length > 0 ? to[j]! / length : 0;
}

/** A component and its opposite are alike good: the largest number decides. */
function pointUp(component: Float64Array): void {
  const largest = component.reduce((a, b) => (Math.abs(b) > Math.abs(a) ? b : a));
  if (largest < 0) for (let j = 0; j < component.length; j++) component[j] = -component[j]!;
}

async function along(
  { values, dimension, count }: Rows,
  mean: Float64Array,
  components: Float64Array,
  wanted: number,
): Promise<Float64Array> {
  const transformed = new Float64Array(count * wanted);
  const centered = new Float64Array(dimension);
  for (let i = 0; i < count; i++) {
    const turn = turnOfOthers();
    if (turn) await turn;
    for (let j = 0; j < dimension; j++) centered[j] = values[i * dimension + j]! - mean[j]!;
    for (let c = 0; c < wanted; c++) {
      let sum = 0;
      for (let j = 0, at = c * dimension; j < dimension; j++)
        sum += centered[j]! * components[at + j]!;
      transformed[i * wanted + c] = sum;
    }
  }
  return transformed;
}
