// What translating without a model reaches: the source as it is, or the target that comes most often.
import type { Examples } from "../../data/examples.js";
import { majorityClass } from "../../metrics/baselines.js";
import type { SequencePair } from "../../models/seq2seq/example.js";
import { WrittenScorer } from "../../models/seq2seq/scorer.js";
import type { Seq2Seq } from "../../models/seq2seq/seq2seq.js";
import type { Baseline } from "../task.js";

/** The better of both, by the score that decides. */
export function baselineOf(
  train: Examples<SequencePair>,
  heldOut: Examples<SequencePair>,
  { source, target }: Pick<Seq2Seq, "source" | "target">,
  metric: string | undefined,
): Baseline | undefined {
  // What it counts would grow with a stream.
  if (typeof train === "function" || typeof heldOut === "function") return undefined;
  const textOf = (pair: SequencePair) => target.read("train", "target", pair.target);
  const pairs = Array.from(heldOut, (pair) => ({
    source: source.read("train", "source", pair.source),
    target: textOf(pair),
  }));
  const frequent = majorityClass(Array.from(train, textOf));
  const scoresOf = (write: (pair: { source: string }) => string) => {
    const scorer = new WrittenScorer(target.lowercase);
    for (const pair of pairs) scorer.add(write(pair), pair.target);
    return scorer.found.scores;
  };
  const copied = scoresOf((pair) => pair.source);
  const same = scoresOf(() => frequent);
  const decides =
    metric !== undefined && metric in copied ? (metric as keyof typeof copied) : "chrf";
  return same[decides] > copied[decides]
    ? { name: `The most frequent target, ${JSON.stringify(frequent)}`, scores: same }
    : { name: "The source as it is", scores: copied };
}
