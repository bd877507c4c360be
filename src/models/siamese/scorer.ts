import { OptionError } from "../../core/errors.js";
import { inPlace } from "../../data/examples.js";
import type { Evaluation } from "../kit/ready-model.js";
import { dot } from "../../vectors/search.js";
import { checkKind, kindOf, type ExampleKind, type Target } from "./example.js";
import { pairScores, type SiameseDetails, type SiameseScores } from "./pair-scores.js";

/** Counts how well the cosines of vectors tell what belongs together. */
export class SiameseScorer {
  readonly #op: string;
  readonly #item: string;
  readonly #threshold: number | undefined;
  readonly #by: "accuracy" | "f1";
  readonly #vectors: Float32Array[] = [];
  readonly #targets: Target[] = [];
  #kind: ExampleKind | undefined;

  /** @param threshold undefined: the best decides, for accuracy or F1 */
  constructor(
    { op, item }: { op: string; item: string },
    threshold: number | undefined,
    by: "accuracy" | "f1",
  ) {
    this.#op = op;
    this.#item = item;
    this.#threshold = threshold;
    this.#by = by;
  }

  add(vectors: readonly Float32Array[], target: Target): void {
    this.#kind ??= kindOf(target);
    const kind = this.#kind;
    inPlace(this.#item, this.#targets.length, () => checkKind(this.#op, target, kind));
    for (const vector of vectors) this.#vectors.push(vector);
    this.#targets.push(target);
  }

  get evaluation(): Evaluation<SiameseScores, SiameseDetails> {
    const vectors = this.#vectors;
    if (this.#kind === "labelled inputs" && new Set(this.#targets).size === this.#targets.length)
      throw new OptionError({
        op: this.#op,
        expected: "labelled inputs of which some have one label",
        got: `${this.#targets.length} labels of one input each`,
      });
    return pairScores(
      {
        targets: this.#targets,
        similarity: (a, b) => dot(vectors[a]!, vectors[b]!, 0),
        equal: (a, b) => vectors[a]!.every((value, i) => value === vectors[b]![i]),
      },
      this.#threshold,
      this.#by,
    );
  }
}
