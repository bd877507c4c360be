// Finds out how tags mark spans.
import { quoted } from "../core/code-points.js";
import { OptionError } from "../core/errors.js";
import { convertTags, TAG_SCHEMES, type TagScheme } from "./spans.js";
import { tally } from "../core/tally.js";

const MARK = /^(?:O|[BIES](?:-.+)?)$/;

/** Looks at sentences' tags, one after another. */
export class SchemeSurvey {
  readonly #tags = new Set<string>();
  #sentences = 0;
  /** The first tag that cannot mark a span, and its sentence. */
  #odd: { readonly tag: string; readonly sentence: number } | undefined;
  /** Sentences valid in each scheme; sentences without spans are valid in all. */
  readonly #valid: Record<TagScheme, number> = { IOB1: 0, IOB2: 0, BIOES: 0 };
  readonly #wellFormed = {
    IOB1: new Map<string, number>(),
    IOB2: new Map<string, number>(),
    BIOES: new Map<string, number>(),
  };

  see(tags: readonly string[]): void {
    for (const tag of tags) {
      if (this.#tags.has(tag)) continue;
      this.#tags.add(tag);
      if (!MARK.test(tag)) this.#odd ??= { tag, sentence: this.#sentences };
    }
    this.#sentences++;
    if (this.#odd !== undefined) return;
    for (const scheme of TAG_SCHEMES) {
      const converted = convertTags(tags, scheme);
      tally(this.#wellFormed[scheme], converted);
      if (converted.join() === tags.join()) this.#valid[scheme]++;
    }
  }

  /** The scheme in which the tags are written, or `"none"` where they do not mark spans. */
  get scheme(): TagScheme | "none" {
    const has = (pattern: RegExp) => [...this.#tags].some((tag) => pattern.test(tag));
    if (this.#odd !== undefined || !has(/^[BI]/)) return "none";
    if (has(/^[ES]/)) return "BIOES";
    // Where a span begins with I, the data are IOB1, or IOB2 with a mistake: most sentences tell.
    return this.#valid.IOB1 > this.#valid.IOB2 ? "IOB1" : "IOB2";
  }

  /** How often each tag comes where mistakes are put right. */
  wellFormed(scheme: TagScheme): ReadonlyMap<string, number> {
    return this.#wellFormed[scheme];
  }

  /**
   * The scheme that was asked for, or the one found.
   *
   * @throws OptionError for a tag that marks no span where the others do: a typo, or a scheme that is not supported
   */
  settle(op: string, asked: TagScheme | "none" | "auto"): TagScheme | "none" {
    const marks = [...this.#tags].filter((tag) => /^[BIES]-/.test(tag)).length;
    const expects = asked === "auto" ? marks > 0.5 * this.#tags.size : asked !== "none";
    if (this.#odd && expects)
      throw new OptionError({
        op,
        expected: "tags such as O, B-PER, I-PER, E-PER, S-PER, as the others are",
        got: `${quoted(this.#odd.tag)} in sentence ${this.#odd.sentence}`,
        cure: 'Correct the tag, or give scheme "none": tags that stand for themselves.',
      });
    return asked === "auto" ? this.scheme : asked;
  }
}
