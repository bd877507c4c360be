// What the words that texts share tell: what a network that compares them should beat.
import { TfIdf } from "../../metrics/tf-idf.js";
import type { Examples } from "../../data/examples.js";
import { inputsOf, targetOf, type SiameseExample } from "../../models/siamese/example.js";
import { pairScores, type Compared } from "../../models/siamese/pair-scores.js";
import { wordTokenize } from "../../text/words.js";
import type { Baseline } from "../task.js";

/** The cosine of TF-IDF vectors, with the threshold that is best for the training data. */
export function tfIdfBaseline(
  { train: { source: train } }: { train: { source: Examples<SiameseExample> } },
  { source: heldOut }: { source: Examples<SiameseExample> },
): Baseline | undefined {
  // What it counts would grow with a stream.
  if (typeof train === "function" || typeof heldOut === "function") return undefined;
  const learnt = [...train];
  const weights = new TfIdf(learnt.flatMap((example) => inputsOf("train", example).map(words)));
  const { details } = pairScores(compared([...learnt], weights), undefined, "accuracy");
  const threshold = details.decisions?.threshold;
  const { scores } = pairScores(compared([...heldOut], weights), threshold, "accuracy");
  return { name: "The cosine of TF-IDF", scores };
}

function compared(examples: readonly SiameseExample[], weights: TfIdf): Compared {
  const texts = examples.flatMap((example) => inputsOf("train", example).map(words));
  return {
    targets: examples.map((example) => targetOf("train", example, false)),
    similarity: (a, b) => weights.similarity(texts[a]!, texts[b]!),
    equal: (a, b) => texts[a]!.join(" ") === texts[b]!.join(" "),
  };
}

function words(text: string): string[] {
  return wordTokenize(text, { lowercase: true });
}
