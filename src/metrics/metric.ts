// What a score means: which direction is better, and how it is printed.

/** How good a model is, by name: finite numbers. */
export type Scores = Readonly<Record<string, number>>;

export interface Metric {
  readonly better: "higher" | "lower";
  /** `"share"`: from 0 to 1, printed in percent; `"number"`: anything else. */
  readonly as: "share" | "number";
}

/** The scores of a model; the first decides which weights are the best, unless an option names another. */
export type Metrics<S extends Scores = Scores> = Readonly<
  Partial<Record<keyof S & string, Metric>>
>;

/** A share of what is right: accuracy, F1. */
export const SHARE: Metric = { better: "higher", as: "share" };

/** What rises and is no share: points of BLEU. */
export const POINTS: Metric = { better: "higher", as: "number" };

/** What training makes smaller: a loss, a perplexity, a distance. */
export const LOSS: Metric = { better: "lower", as: "number" };

/** Before a label: the name of its F1 as a score, `"f1:positive"`. */
export const F1_OF = "f1:";

/** Scores, and that of one label where a metric names it. */
export function withLabelScore<S extends Scores>(
  scores: S,
  metric: string | undefined,
  f1Of: (label: string) => number,
): S {
  if (!metric?.startsWith(F1_OF)) return scores;
  return { ...scores, [metric]: f1Of(metric.slice(F1_OF.length)) };
}

/** A score that falls where the model gets better. */
export function falling(metric: Metric, score: number): number {
  return metric.better === "lower" ? score : -score;
}

/** `91.23 %`, or `0.1234`; of what is very small or large, as errors in units of the data may be, four digits: `2.113e-8`. */
export function scoreText(metric: Metric | undefined, score: number): string {
  if (metric?.as === "share") return `${(100 * score).toFixed(2)} %`;
  const size = Math.abs(score);
  return size !== 0 && (size < 1e-3 || size >= 1e9) ? score.toPrecision(4) : score.toFixed(4);
}

/** `f1 91.23 %, loss 0.1234` */
export function scoresText(metrics: Metrics, scores: Scores): string {
  return Object.entries(scores)
    .map(([name, score]) => {
      const metric = metrics[name] ?? (name.startsWith(F1_OF) ? SHARE : undefined);
      return `${name} ${scoreText(metric, score)}`;
    })
    .join(", ");
}
