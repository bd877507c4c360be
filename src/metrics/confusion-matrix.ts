// Classes: which is taken for which.
import { checkCall } from "../core/check.js";
import { described } from "../core/described.js";
import { IndexError, OptionError, ShapeError } from "../core/errors.js";
import { Shown } from "../core/shown.js";

/** How one class is recognized. */
export interface ClassScore {
  /** Of the examples said to be of this class, the share that is; 0 where there is none. */
  readonly precision: number;
  /** Of the examples of this class, the share that is said to be; 0 where there is none. */
  readonly recall: number;
  /** The harmonic mean of both; 0 where both are. */
  readonly f1: number;
  /** Examples of this class. */
  readonly support: number;
}

/** The score of a class, from how many examples are said to be of it, are, and both. */
export function classScore({
  correct,
  predicted,
  target,
}: Readonly<Record<"correct" | "predicted" | "target", number>>): ClassScore {
  return {
    precision: predicted === 0 ? 0 : correct / predicted,
    recall: target === 0 ? 0 : correct / target,
    // 2 P R / (P + R) with both written out: exact where precision and recall are not.
    f1: predicted + target === 0 ? 0 : (2 * correct) / (predicted + target),
    support: target,
  };
}

/**
 * Counts of examples by their class (rows) and the class they are said to have (columns), as in scikit-learn.
 *
 * @example
 * ```ts
 * const matrix = new ConfusionMatrix(["a", "b"], [[3, 1], [0, 4]]);
 * matrix.accuracy; // 0.875
 * ```
 */
export class ConfusionMatrix<Label extends string | number = string> extends Shown {
  readonly labels: readonly Label[];
  /** `counts[target][predicted]`, by the labels' places. */
  readonly counts: readonly (readonly number[])[];

  constructor(labels: readonly Label[], counts: readonly (readonly number[])[]) {
    checkCall("ConfusionMatrix", arguments, "labels:list counts:list");
    super();
    this.labels = labels;
    this.counts = counts;
  }

  /** Examples in all. */
  get total(): number {
    return this.counts.flat().reduce((sum, count) => sum + count, 0);
  }

  /** Share of examples whose class is right; NaN where there are none. */
  get accuracy(): number {
    return this.counts.reduce((sum, row, i) => sum + row[i]!, 0) / this.total;
  }

  /**
   * The mean of the F1 of the classes that occur, each class alike however rare; NaN where there is none. A label that
   * no example has and none is said to have is left out, as in scikit-learn.
   */
  get macroF1(): number {
    const occurring = this.labels.flatMap((label, i) => {
      const occurs = this.counts.some((row) => row[i]! > 0) || this.counts[i]!.some((n) => n > 0);
      return occurs ? [this.score(label).f1] : [];
    });
    return occurring.reduce((sum, f1) => sum + f1, 0) / occurring.length;
  }

  /** @throws IndexError for a label that is none of the matrix */
  score(label: Label): ClassScore {
    checkCall("ConfusionMatrix.score", arguments, "label:string|number");
    const i = this.labels.indexOf(label);
    if (i < 0)
      throw new IndexError({
        op: "ConfusionMatrix.score",
        expected: `one of ${this.labels.length} labels`,
        got: JSON.stringify(label),
      });
    const correct = this.counts[i]![i]!;
    const support = this.counts[i]!.reduce((sum, count) => sum + count, 0);
    const predicted = this.counts.reduce((sum, row) => sum + row[i]!, 0);
    return classScore({ correct, predicted, target: support });
  }

  /** A table: a row for each class, with how it was taken, its recall, and each column's precision. */
  override toString(): string {
    const percent = (share: number) => `${(100 * share).toFixed(1)}%`;
    const scores = this.labels.map((label) => this.score(label));
    const names = this.labels.map(String);
    const rows = [
      ["", ...names, "recall"],
      ...this.counts.map((row, i) => [names[i]!, ...row.map(String), percent(scores[i]!.recall)]),
      ["precision", ...scores.map(({ precision }) => percent(precision)), percent(this.accuracy)],
    ];
    const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
    return rows
      .map((row) =>
        row
          .map((cell, i) => (i === 0 ? cell.padEnd(widths[0]!) : cell.padStart(widths[i]!)))
          .join("  "),
      )
      .join("\n");
  }
}

/**
 * Counts which class is taken for which.
 *
 * @param labels rows and columns. Default: those that occur, numbers by size, strings by code unit
 * @throws ShapeError when there are not as many predictions as targets; OptionError for a class that is
 *   none of the labels
 * @example
 * ```ts
 * const matrix = confusionMatrix(["a", "b", "b"], ["a", "b", "a"]);
 * matrix.counts; // [[1, 1], [0, 1]]
 * matrix.accuracy.toFixed(2); // "0.67"
 * ```
 */
export function confusionMatrix<Label extends string | number>(
  predicted: readonly Label[],
  target: readonly Label[],
  options: { labels?: readonly Label[] | undefined } = {},
): ConfusionMatrix<Label> {
  checkCall("confusionMatrix", arguments, "predicted:list target:list {labels:list}");
  const { labels = labelsIn(predicted, target) } = options;
  if (predicted.length !== target.length)
    throw new ShapeError({
      op: "confusionMatrix",
      expected: `${target.length} predictions, one for each target`,
      got: described(predicted.length),
    });
  const places = new Map(Array.from(labels, (label, i) => [label, i]));
  const place = (label: Label, i: number): number =>
    places.get(label) ?? refuse(label, i, labels.length);
  const counts = labels.map(() => new Array<number>(labels.length).fill(0));
  target.forEach((label, i) => counts[place(label, i)]![place(predicted[i]!, i)]!++);
  return new ConfusionMatrix(labels, counts);
}

/**
 * The mean of the F1 of the classes that occur, each class alike however rare.
 *
 * @throws ShapeError when there are not as many predictions as targets
 */
export function macroF1<Label extends string | number>(
  predicted: readonly Label[],
  target: readonly Label[],
): number {
  checkCall("macroF1", arguments, "predicted:list target:list");
  return confusionMatrix(predicted, target).macroF1;
}

function labelsIn<Label extends string | number>(...lists: readonly (readonly Label[])[]): Label[] {
  const labels = new Set(lists.flat());
  return [...labels].sort((a, b) => (a < b ? -1 : 1));
}

function refuse(label: string | number, i: number, labels: number): never {
  throw new OptionError({
    op: "confusionMatrix",
    expected: `one of the ${labels} labels`,
    got: `${JSON.stringify(label)} at position ${i}`,
  });
}
