// What is found about sources whose right texts are known: how probable those are, and what the model writes instead.
import { perplexity } from "../../metrics/perplexity.js";
import type { Asked } from "./asked.js";
import type { Written } from "./example.js";
import { lossesOf, type WritingParts } from "./parts.js";
import type { SearchSettings } from "./search-options.js";
import { disposeOf } from "./target-writer.js";
import { beginning, writeOnceRead, writeTexts } from "./write.js";

/** A source with its right texts. */
export interface Judged<Source> {
  readonly asked: Asked<Source>;
  readonly targets: readonly Int32Array[];
}

export interface Finding {
  /** Of each right text, the negative logarithm of each token's probability. */
  readonly losses: readonly Float32Array[];
  /** The best text that the model writes; undefined where it was not asked. */
  readonly written: Written | undefined;
}

/** Counts findings: how probable right texts are, and how many of what was written were cut off. */
export class FindingCounter {
  #loss = 0;
  #unfinished = 0;
  #written = 0;
  /** Tokens of right texts. */
  tokens = 0;

  add({ losses, written }: Finding): void {
    for (const one of losses) {
      for (const loss of one) this.#loss += loss;
      this.tokens += one.length;
    }
    if (!written) return;
    this.#unfinished += Number(!written.finished);
    this.#written++;
  }

  get scores() {
    const loss = this.#loss / this.tokens;
    return { perplexity: perplexity(loss), loss };
  }

  get details() {
    const written = this.#written;
    return { tokens: this.tokens, written, unfinished: this.#unfinished / written };
  }
}

/** @param writes whether a text is written about the source of a number */
export function findingsOf<Source>(
  op: string,
  parts: WritingParts<Source>,
  batch: readonly Judged<Source>[],
  writes: (place: number) => boolean,
  settings: SearchSettings,
): Finding[] {
  const sources = batch.map(({ asked: { source } }) => source);
  const rows = batch.flatMap(({ targets }, i) => targets.map(() => i));
  const places = [...batch.keys()].filter(writes);
  const asked = places.map((i) => batch[i]!.asked);
  const single = rows.length === batch.length;
  // All but one batch are written about whole, or not at all; where each source has one text, it is read once.
  const once = single && asked.length === batch.length;
  const begin = beginning(parts, sources, single ? undefined : Int32Array.from(rows));
  let used = false;
  try {
    const all = lossesOf(
      op,
      parts,
      begin,
      batch.flatMap(({ targets }) => targets),
    );
    used = once;
    const found = once
      ? writeOnceRead(op, parts, asked, begin, settings)
      : writeTexts(op, parts, asked, settings);
    const written = new Map(found.map(([best], i) => [places[i]!, best]));
    let at = 0;
    return batch.map(({ targets }, i) => ({
      losses: all.slice(at, (at += targets.length)),
      written: written.get(i),
    }));
  } finally {
    if (!used) disposeOf(begin);
  }
}
