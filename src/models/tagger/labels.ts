// The tags outside a tagger, and the labels inside: tags of one scheme may be learnt in another.
import { OptionError } from "../../core/errors.js";
import { convertTags, tagsInScheme, type TagScheme } from "../../metrics/spans.js";
import { allowedTransitions, type TagTransitions } from "../../metrics/transitions.js";
import { Vocabulary } from "../../text/vocabulary.js";
import type { SequenceTaggerSettings } from "./options.js";

/** From tags to ids and back. */
export class TaggerLabels<Label extends string> {
  /** The tags as the model has them, by id. */
  readonly inner: Vocabulary;
  readonly #outer: Vocabulary<Label>;
  readonly #scheme: TagScheme | "none";
  readonly #trained: TagScheme | undefined;

  constructor(
    labels: Vocabulary<Label>,
    { scheme, trainingScheme }: Pick<SequenceTaggerSettings, "scheme" | "trainingScheme">,
  ) {
    if (scheme === "none" && trainingScheme !== undefined)
      throw new OptionError({
        op: "SequenceTagger",
        expected: "the option scheme together with trainingScheme: how the data's tags are written",
        got: `trainingScheme ${trainingScheme} alone`,
      });
    this.#outer = labels;
    this.#scheme = scheme;
    this.#trained = scheme === "none" ? undefined : (trainingScheme ?? scheme);
    this.inner =
      this.#trained === undefined || this.#trained === scheme
        ? labels
        : new Vocabulary(tagsInScheme(labels.tokens, this.#trained));
  }

  /** What may follow what inside; undefined: anything anything. */
  get constraints(): TagTransitions | undefined {
    return this.#trained && allowedTransitions(this.inner.tokens, this.#trained);
  }

  encode(tags: readonly Label[]): Int32Array {
    const inside = this.#trained ? convertTags(tags, this.#trained) : tags;
    // An unknown tag is told as the data have it.
    return inside.every((tag) => this.inner.has(tag))
      ? this.inner.encode(inside)
      : this.#outer.encode(tags);
  }

  decode(ids: ArrayLike<number>): Label[] {
    const tags = this.inner.decode(ids);
    return (this.#scheme === "none" ? tags : convertTags(tags, this.#scheme)) as Label[];
  }
}
