// Finds out how tags mark spans.
import { convertTags, type TagScheme } from "../../metrics/spans.js";

const MARK = /^(?:O|[BIES](?:-.+)?)$/;

/** Looks at sentences' tags, one after another. */
export class SchemeSurvey {
  readonly #tags = new Set<string>();
  /** Whether all tags so far could mark spans. */
  #marks = true;
  /** Sentences that are written as a scheme has it; those without spans are as both have it. */
  #iob1 = 0;
  #iob2 = 0;

  /** All that have come. */
  get tags(): ReadonlySet<string> {
    return this.#tags;
  }

  see(tags: readonly string[]): void {
    for (const tag of tags) {
      if (this.#tags.has(tag)) continue;
      this.#tags.add(tag);
      this.#marks &&= MARK.test(tag);
    }
    if (!this.#marks) return;
    const fits = (scheme: TagScheme) => convertTags(tags, scheme).join() === tags.join();
    if (fits("IOB1")) this.#iob1++;
    if (fits("IOB2")) this.#iob2++;
  }

  /** The scheme in which the tags are written, or null where they do not mark spans. */
  get scheme(): TagScheme | null {
    const has = (pattern: RegExp) => [...this.#tags].some((tag) => pattern.test(tag));
    if (!this.#marks || !has(/^[BI]/)) return null;
    if (has(/^[ES]/)) return "BIOES";
    // Where a span begins with I, the data are IOB1, or IOB2 with a mistake: most sentences tell.
    return this.#iob1 > this.#iob2 ? "IOB1" : "IOB2";
  }
}
