// chrF: the character n-grams that translations share with references.
import type { Settings } from "../core/options.js";
import { checkCall, checkCount } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import { countsOf, NgramIds } from "./ngram-ids.js";
import { closedUp, referencesOf, requirePairs, wordsOf } from "./segments.js";
import { signatureOf } from "./signature.js";

export interface ChrfOptions {
  /** The longest n-grams of characters. Default 6. */
  charOrder?: number | undefined;
  /** The longest n-grams of words beside them: 2 is chrF++. Default 0. */
  wordOrder?: number | undefined;
  /** How many times more recall weighs than precision. Default 2. */
  beta?: number | undefined;
  /** Whether letters are folded to lower case. Default false. */
  lowercase?: boolean | undefined;
  /** Whether white space counts as characters. Default false. */
  whitespace?: boolean | undefined;
}

export interface ChrfScores {
  /** From 0 to 100. */
  readonly score: number;
  /** The mean over orders of the share of the hypotheses' n-grams that match, in per cent. */
  readonly precision: number;
  /** The mean over orders of the share of the references' n-grams that match, in per cent. */
  readonly recall: number;
  /** What was counted, as sacreBLEU writes it; `version` says whose counting it is. */
  readonly signature: string;
}

/**
 * chrF of a corpus (Popović 2015; chrF++ with `wordOrder: 2`, Popović 2017), with the numbers of sacreBLEU: the F-score of
 * n-gram precision and recall, each the mean over orders. It needs no tokenizer, so it suits languages without blanks
 * between words and with many endings. Characters are code points. Of several references, the best for each hypothesis counts.
 *
 * @param hypotheses texts
 * @param references of each hypothesis a list of one or several; or a text, where it is the only one
 * @throws ShapeError where there are not as many; OptionError for an example without a reference
 * @example
 * ```ts
 * const { score, signature } = chrf(["The dog ran off."], ["The dog ran away."]);
 * score.toFixed(2); // "57.72"
 * signature; // "nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no|version:hiddenstate-1"
 * ```
 */
export function chrf(
  hypotheses: readonly string[],
  references: readonly (string | readonly string[])[],
  options: ChrfOptions = {},
): ChrfScores {
  checkCall("chrf", arguments, `hypotheses:list references:list ${OPTIONS}`);
  requirePairs("chrf", hypotheses.length, references.length);
  const counter = new ChrfCounter(options);
  hypotheses.forEach((hypothesis, i) => counter.add_("chrf", hypothesis, references[i]!));
  return counter.scores();
}

const OPTIONS =
  "{charOrder:number wordOrder:number beta:number lowercase:boolean whitespace:boolean}";

/** Of one order: n-grams of the hypotheses, of the references, and those that match. */
interface OrderCounts {
  said: number;
  wanted: number;
  matches: number;
}

/**
 * {@link chrf} of hypotheses that come one by one.
 *
 * @example
 * ```ts
 * const counter = new ChrfCounter();
 * counter.add("Ein Test.", ["Ein Test.", "Der Test."]);
 * counter.scores().score.toFixed(1); // "100.0"
 * ```
 */
export class ChrfCounter {
  readonly #options: Settings<ChrfOptions>;
  readonly #counts: OrderCounts[];
  readonly #references = new Set<number>();

  constructor(options: ChrfOptions = {}) {
    checkCall("ChrfCounter", arguments, OPTIONS);
    const { charOrder = 6, wordOrder = 0, beta = 2 } = options;
    const { lowercase = false, whitespace = false } = options;
    checkCount("ChrfCounter", "charOrder", charOrder);
    checkCount("ChrfCounter", "wordOrder", wordOrder, 0);
    if (!(beta > 0 && beta < Infinity))
      throw new OptionError({
        op: "ChrfCounter",
        expected: "beta above 0",
        got: described(beta),
      });
    this.#options = { charOrder, wordOrder, beta, lowercase, whitespace };
    this.#counts = Array.from({ length: charOrder + wordOrder }, noCounts);
  }

  /** @throws OptionError where there is no reference */
  add(hypothesis: string, references: readonly string[]): void {
    const op = "ChrfCounter.add";
    checkCall(op, arguments, "hypothesis:string references:list");
    this.add_(op, hypothesis, references);
  }

  /** @internal The same; a reference may stand alone. */
  add_(op: string, hypothesis: string, references: string | readonly string[]): void {
    checkCall(op, [hypothesis], "hypothesis:string");
    const all = referencesOf(op, references);
    const ids = [new NgramIds<string>(), new NgramIds<string>()] as const;
    const said = this.#ngrams(ids, hypothesis);
    let best: { score: number; counts: OrderCounts[] } | undefined;
    for (const reference of Array.from(all)) {
      checkCall(op, [reference], "reference:string");
      const counts = overlaps(said, this.#ngrams(ids, reference));
      const { score } = this.#fScore(counts);
      if (!best || score > best.score) best = { score, counts };
    }
    this.#references.add(all.length);
    best!.counts.forEach((counts, i) => {
      const all = this.#counts[i]!;
      all.said += counts.said;
      all.wanted += counts.wanted;
      all.matches += counts.matches;
    });
  }

  /** Of all hypotheses so far. */
  scores(): ChrfScores {
    const { lowercase, charOrder, wordOrder, whitespace, beta } = this.#options;
    return {
      ...this.#fScore(this.#counts),
      signature: signatureOf(this.#references, {
        case: lowercase ? "lc" : "mixed",
        eff: "yes",
        nc: String(charOrder),
        nw: String(wordOrder),
        space: whitespace ? "yes" : "no",
        // sacreBLEU has it in the score's name.
        beta: beta === 2 ? undefined : String(beta),
      }),
    };
  }

  /** How often each n-gram comes, order by order: of characters, then of words. */
  #ngrams(
    [ofCharacters, ofWords]: readonly [NgramIds<string>, NgramIds<string>],
    text: string,
  ): Map<number, number>[] {
    const { lowercase, whitespace, charOrder, wordOrder } = this.#options;
    const cased = lowercase ? text.toLowerCase() : text;
    const characters = [...(whitespace ? cased : closedUp(cased))];
    const orders = ofCharacters.of(characters, charOrder);
    if (wordOrder > 0) orders.push(...ofWords.of(wordsOf(cased).flatMap(marksApart), wordOrder));
    return orders.map(countsOf);
  }

  #fScore(counts: readonly OrderCounts[]): Omit<ChrfScores, "signature"> {
    // Orders that one side is too short for say nothing.
    const used = counts.filter(({ said, wanted }) => said > 0 && wanted > 0);
    const mean = (share: (counts: OrderCounts) => number): number =>
      used.reduce((sum, one) => sum + share(one), 0) / Math.max(1, used.length);
    const precision = mean(({ matches, said }) => matches / said);
    const recall = mean(({ matches, wanted }) => matches / wanted);
    const factor = this.#options.beta * this.#options.beta;
    const below = factor * precision + recall;
    const f = below > 0 ? ((1 + factor) * precision * recall) / below : 0;
    return { score: 100 * f, precision: 100 * precision, recall: 100 * recall };
  }
}

function noCounts(): OrderCounts {
  return { said: 0, wanted: 0, matches: 0 };
}

function overlaps(
  said: readonly ReadonlyMap<number, number>[],
  wanted: readonly ReadonlyMap<number, number>[],
): OrderCounts[] {
  return said.map((ngrams, i) => {
    const others = wanted[i]!;
    const counts = noCounts();
    for (const [ngram, count] of ngrams) {
      counts.said += count;
      counts.matches += Math.min(count, others.get(ngram) ?? 0);
    }
    for (const count of others.values()) counts.wanted += count;
    // As in sacreBLEU: an order that the reference is too short for asks nothing of the hypothesis.
    if (counts.wanted === 0) counts.said = 0;
    return counts;
  });
}

const MARK = /[!-/:-@[-`{-~]/;

/** A mark behind a word, or else one before it, as a word of its own; as chrF++'s own program has it. */
function marksApart(word: string): string[] {
  if ([...word].length === 1) return [word];
  if (MARK.test(word.at(-1)!)) return [word.slice(0, -1), word.at(-1)!];
  return MARK.test(word[0]!) ? [word[0]!, word.slice(1)] : [word];
}
