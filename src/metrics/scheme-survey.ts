// Finds out how tags mark spans.
import { quoted } from "../core/code-points.js";
import { OptionError } from "../core/errors.js";
import { tally } from "../core/tally.js";
import {
  readTag,
  SCHEME_LETTERS,
  spansOf,
  TAG_SCHEMES,
  tagsOf,
  type ParsedTag,
  type TagScheme,
} from "./spans.js";

/** Of words whose tags must be of a scheme, for others to be mistakes. */
const MOST = 0.5;

/** A tag that is not of the others' scheme. */
export interface OddTag {
  readonly tag: string;
  /** The first that has it, from 0. */
  readonly sentence: number;
}

/** Looks at sentences' tags, one after another. */
export class SchemeSurvey {
  /** By tag: how many words have it, and the first sentence with it. */
  readonly #tags = new Map<
    string,
    { words: number; readonly sentence: number; readonly parsed: ParsedTag | undefined }
  >();
  #sentences = 0;
  #words = 0;
  /** Sentences valid in each scheme; sentences without spans are valid in all. */
  readonly #valid = new Map<TagScheme, number>(TAG_SCHEMES.map((scheme) => [scheme, 0]));
  readonly #wellFormed = new Map(
    TAG_SCHEMES.map((scheme) => [scheme, new Map<string, number>()] as const),
  );

  see(tags: readonly string[]): void {
    let marks = true;
    for (const tag of tags) {
      const known = this.#tags.get(tag);
      const one = known ?? { words: 0, sentence: this.#sentences, parsed: readTag(tag) };
      one.words++;
      if (!known) this.#tags.set(tag, one);
      marks &&= one.parsed !== undefined;
    }
    this.#words += tags.length;
    this.#sentences++;
    if (!marks) return;
    const spans = spansOf(tags);
    const own = tags.join();
    for (const scheme of TAG_SCHEMES) {
      const converted = tagsOf(spans, tags.length, scheme);
      tally(this.#wellFormed.get(scheme)!, converted);
      if (converted.join() === own) this.#valid.set(scheme, this.#valid.get(scheme)! + 1);
    }
  }

  /** How often each tag comes where mistakes are put right. */
  wellFormed(scheme: TagScheme): ReadonlyMap<string, number> {
    return this.#wellFormed.get(scheme)!;
  }

  /**
   * The scheme that was asked for, or the one in which the tags are written; `"none"` where they do not mark spans.
   *
   * @param refuse is told of a tag that is not of the others' scheme: a typo, or a comment taken for a word
   */
  settle(
    asked: TagScheme | "none" | "auto",
    refuse: (odd: OddTag, scheme: TagScheme) => never,
  ): TagScheme | "none" {
    if (asked === "none") return "none";
    const scheme = asked === "auto" ? this.#found : asked;
    if (scheme === "none") return "none";
    for (const [tag, { sentence, parsed }] of this.#tags)
      // Of a scheme that was asked for, tags of others are read as they are meant.
      if (!parsed || (asked === "auto" && !isOf(scheme, parsed))) refuse({ tag, sentence }, scheme);
    return scheme;
  }

  /** The scheme of most tags; `"none"` where most mark no spans. */
  get #found(): TagScheme | "none" {
    const tags = [...this.#tags.values()];
    const named = tags.some(({ parsed }) => parsed !== undefined && parsed.type !== "");
    const odd = tags.some(({ parsed }) => !parsed);
    const words = tags.reduce((sum, { words, parsed }) => sum + (parsed ? words : 0), 0);
    if (named ? words <= MOST * this.#words : odd || !this.#marksAlone) return "none";
    // Where a span begins with I, the data are IOB1, or IOB2 with a mistake: most sentences tell.
    const order: TagScheme[] = ["IOB2", "IOB1", "BIOES", "BILOU", "BMES", "BMEWO"];
    return order.reduce((best, one) =>
      this.#valid.get(one)! > this.#valid.get(best)! ? one : best,
    );
  }

  /** Whether letters without types are a scheme's: they begin spans, and one scheme has them all. */
  get #marksAlone(): boolean {
    const parsed = [...this.#tags.values()].flatMap((tag) => tag.parsed ?? []);
    const begins = parsed.some(({ letter }) => letter === "B" || letter === "I");
    return begins && TAG_SCHEMES.some((scheme) => parsed.every((tag) => isOf(scheme, tag)));
  }
}

function isOf(scheme: TagScheme, { role, letter }: ParsedTag): boolean {
  return role === "O" || SCHEME_LETTERS[scheme][role] === letter;
}

/** What a tag that is not of the others' scheme is refused with. */
export function oddTagError(op: string, tag: string, scheme: TagScheme): OptionError {
  const letters = [...new Set(Object.values(SCHEME_LETTERS[scheme]))];
  return new OptionError({
    op,
    expected: `tags of ${scheme}, as the others are: O, ${letters.map((letter) => `${letter}-…`).join(", ")}`,
    got: quoted(tag),
    cure: 'Correct the tag, or give scheme "none": tags that stand for themselves.',
  });
}
