// Finds out how tags mark spans.
import { quoted } from "../core/code-points.js";
import { OptionError } from "../core/errors.js";
import {
  letterOf,
  readTag,
  SCHEME_LETTERS,
  spansOf,
  TAG_SCHEMES,
  type ParsedTag,
  type Span,
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
  /** Words outside of spans. */
  #outside = 0;
  readonly #types = new Map<string, SpanCounts>();
  /** Sentences valid in each scheme; sentences without spans are valid in all. */
  readonly #valid = new Map<TagScheme, number>(TAG_SCHEMES.map((scheme) => [scheme, 0]));

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
    this.#count(spans, tags.length);
    for (const scheme of TAG_SCHEMES)
      if (isWritten(tags, spans, scheme)) this.#valid.set(scheme, this.#valid.get(scheme)! + 1);
  }

  #count(spans: readonly Span[], words: number): void {
    this.#outside += words;
    spans.forEach(({ type, start, end }, i) => {
      const counts = this.#types.get(type) ?? { words: 0, single: 0, longer: 0, touching: 0 };
      this.#types.set(type, counts);
      this.#outside -= end - start;
      counts.words += end - start;
      counts[end - start === 1 ? "single" : "longer"]++;
      if (touches(spans[i]!, spans[i - 1])) counts.touching++;
    });
  }

  /** How often each tag comes where mistakes are put right. */
  wellFormed(scheme: TagScheme): ReadonlyMap<string, number> {
    const tags = new Map([["O", this.#outside]]);
    const letters = SCHEME_LETTERS[scheme];
    for (const [type, { words, single, longer, touching }] of this.#types) {
      const inEach: Readonly<Record<string, number>> =
        scheme === "IOB1"
          ? { B: touching, I: words - touching }
          : letters.E === undefined
            ? { B: single + longer, I: words - single - longer }
            : { B: longer, I: words - single - 2 * longer, E: longer, S: single };
      for (const [role, letter] of Object.entries(letters))
        tags.set(type === "" ? letter : `${letter}-${type}`, inEach[role]!);
    }
    return new Map([...tags].filter(([, count]) => count > 0));
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

/** Of the spans of a type: the words in them, those of one word, those of more, those right behind another. */
type SpanCounts = Record<"words" | "single" | "longer" | "touching", number>;

function touches({ type, start }: Span, before: Span | undefined): boolean {
  return before?.end === start && before.type === type;
}

/** Whether a sentence's tags are just those that a scheme has for its spans. */
function isWritten(tags: readonly string[], spans: readonly Span[], scheme: TagScheme): boolean {
  return spans.every((span, i) => {
    const { start, end } = span;
    const behind = touches(span, spans[i - 1]);
    for (let t = start; t < end; t++)
      if (tags[t]!.charAt(0) !== letterOf(scheme, t === start, t === end - 1, behind)) return false;
    return true;
  });
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
    cure: 'Correct it; tags that stand for themselves need scheme: "none", or --scheme none.',
  });
}
