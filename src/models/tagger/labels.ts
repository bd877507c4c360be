// What a tagger says, and what it works with inside: tags of one scheme may be learned in another.
import { checkChoice } from "../../core/check.js";
import { OptionError } from "../../core/errors.js";
import { convertTags, spansOf, TAG_SCHEMES, type TagScheme } from "../../metrics/spans.js";
import { allowedTransitions, type TagTransitions } from "../../metrics/transitions.js";
import { Vocabulary } from "../../text/vocabulary.js";

export interface TaggerLabelsOptions {
  /**
   * What the tags mark: spans, in this scheme. Then spans are scored too, and the CRF gives none but well-formed
   * tags. `null`: labels that stand for themselves, such as parts of speech. Default null.
   */
  scheme?: TagScheme | null;
  /**
   * The scheme in which the model learns the spans, whatever that of the tags is; with BIOES it learns where they
   * end, too. Default: the scheme of the tags.
   */
  encoding?: TagScheme | null;
}

/** From tags to ids and back. */
export class TaggerLabels<Label extends string> {
  /** The tags as the model has them, by id. */
  readonly inner: Vocabulary;
  readonly #scheme: TagScheme | null;
  readonly #encoding: TagScheme | null;

  constructor(
    labels: Vocabulary<Label>,
    { scheme = null, encoding = scheme }: TaggerLabelsOptions,
  ) {
    if (scheme !== null) checkChoice("SequenceTagger", "scheme", scheme, TAG_SCHEMES);
    if (encoding !== null) checkChoice("SequenceTagger", "encoding", encoding, TAG_SCHEMES);
    if (scheme === null && encoding !== null)
      throw new OptionError({
        op: "SequenceTagger",
        expected: "a scheme beside the encoding: what the tags are, to be read",
        got: encoding,
      });
    this.#scheme = scheme;
    this.#encoding = encoding;
    this.inner =
      scheme === encoding ? labels : new Vocabulary(inAnotherScheme(labels.tokens, encoding!));
  }

  /** What may follow what inside; undefined: anything anything. */
  get constraints(): TagTransitions | undefined {
    return this.#encoding === null
      ? undefined
      : allowedTransitions(this.inner.tokens, this.#encoding);
  }

  encode(tags: readonly Label[]): Int32Array {
    return this.inner.encode(this.#encoding === null ? tags : convertTags(tags, this.#encoding));
  }

  decode(ids: ArrayLike<number>): Label[] {
    const tags = this.inner.decode(ids);
    return (this.#scheme === null ? tags : convertTags(tags, this.#scheme)) as Label[];
  }
}

/** Every tag that a scheme has for the types of the labels. */
function inAnotherScheme(labels: readonly string[], scheme: TagScheme): string[] {
  const types = new Set(labels.flatMap((label) => spansOf([label]).map(({ type }) => type)));
  const letters = scheme === "BIOES" ? "BIES" : "BI";
  const inside = [...types].flatMap((type) =>
    Array.from(letters, (letter) => (type === "" ? letter : `${letter}-${type}`)),
  );
  return ["O", ...inside];
}
