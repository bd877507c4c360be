// What a training's examples are like, and what can be learnt from them.
import { OptionError } from "../../core/errors.js";
import { inPlace } from "../../data/examples.js";
import { checkKind, kindOf, type ExampleKind, type Target } from "./example.js";
import type { SiameseLoss } from "./options.js";

/** Counts what kind of examples there are. */
export class TrainingExamples {
  kind: ExampleKind | undefined;
  /** Pairs that do not belong together. */
  #apart = 0;
  #together = 0;
  #count = 0;

  /** @throws OptionError for one of another kind than the first, with its place */
  add(op: string, item: string, target: Target): void {
    this.kind ??= kindOf(target);
    const kind = this.kind;
    inPlace(item, this.#count++, () => checkKind(op, target, kind));
    if (target === false) this.#apart++;
    if (target === true) this.#together++;
  }

  /** The loss where none is given. */
  get loss(): SiameseLoss {
    return this.kind === "graded pairs" ? "cosine" : "ranking";
  }

  /** Refuses a loss that cannot be computed of these examples, or would leave some of them unread. */
  check(op: string, loss: SiameseLoss): void {
    const refuse = (expected: string, got: string, cure?: string): never => {
      throw new OptionError({ op, expected: `${expected} for loss ${loss}`, got, cure });
    };
    const { kind } = this;
    if (loss === "batchHard" && kind !== "labelled inputs") refuse("labelled inputs", kind!);
    if (loss === "contrastive" && kind !== "pairs") refuse("pairs with same", kind!);
    if (loss === "cosine" && kind === "labelled inputs") refuse("pairs", kind);
    if ((loss === "ranking" || loss === "hardTriplet") && kind === "graded pairs")
      refuse("pairs that belong together, or labelled inputs", kind);
    if (loss === "hardTriplet" && this.#apart > 0)
      refuse(
        "pairs that belong together",
        `${this.#apart} pairs of ${this.#count} that do not`,
        "Leave them out, or choose ranking or contrastive.",
      );
    if (loss === "ranking" && kind === "pairs" && this.#together === 0)
      refuse("pairs that belong together", "none");
    if (loss === "contrastive" && this.#apart === 0)
      refuse("some pairs that do not belong together", "none");
  }
}
