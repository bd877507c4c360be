// What translating without a model reaches: the source as it is, or the target that comes most often.
import type { Examples } from "../../data/examples.js";
import { majorityClass } from "../../metrics/baselines.js";
import type { SequencePair } from "../../models/seq2seq/example.js";
import { WrittenScorer } from "../../models/seq2seq/scorer.js";
import type { Baseline } from "../task.js";

/** The better of both, by the score that decides. */
export function baselineOf(
  train: Examples<SequencePair>,
  heldOut: Examples<SequencePair>,
  metric: string | undefined,
): Baseline | undefined {
  // What it counts would grow with a stream.
  if (typeof train === "function" || typeof heldOut === "function") return undefined;
  const pairs = [...heldOut];
  const frequent = majorityClass(Array.from(train, ({ target }) => target));
  const copied = scoresOf(pairs, ({ source }) => source);
  const same = scoresOf(pairs, () => frequent);
  const decides =
    metric !== undefined && metric in copied ? (metric as keyof typeof copied) : "chrf";
  return same[decides] > copied[decides]
    ? { name: `The most frequent target, ${JSON.stringify(frequent)}`, scores: same }
    : { name: "The source as it is", scores: copied };
}

function scoresOf(pairs: readonly SequencePair[], write: (pair: SequencePair) => string) {
  const scorer = new WrittenScorer();
  for (const pair of pairs) scorer.add(write(pair), pair.target);
  return scorer.found.scores;
}
