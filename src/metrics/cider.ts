// CIDEr: how far captions have the n-grams that people use of a picture, the rarer the more.
import { checkCall } from "../core/check.js";
import { exp, log } from "../core/exp-log.js";
import { countsOf, NgramIds } from "./ngram-ids.js";
import { referencesOf, requirePairs } from "./segments.js";

/** Whole tokens that coco-caption leaves out. */
const MARKS = /^(?:''|'|``|`|-?lrb-|-?rrb-|-?lcb-|-?rcb-|[.?!,:;"()[\]{}]|-{1,3}|\.\.\.|…)$/;

/** What English runs together: the Penn Treebank writes it as two. */
const CONTRACTED: readonly (readonly [RegExp, string])[] = [
  [/(\p{L})(n't)(?![\p{L}\p{N}])/giu, "$1 $2"],
  [/(\p{L}|\p{N})('(?:s|re|ve|ll|d|m))(?![\p{L}\p{N}])/giu, "$1 $2"],
  [/\b(can)(not)\b/giu, "$1 $2"],
  [/\b(gon|wan)(na)\b/giu, "$1 $2"],
  [/\b(got)(ta)\b/giu, "$1 $2"],
];

/**
 * The tokens of a caption as coco-caption counts them: in lower case, marks left out, contractions in two (`do n't`, `man 's`);
 * numbers with a point or commas inside, and words with hyphens, stay whole. coco-caption runs Stanford's PTBTokenizer, of whose rules
 * these are the ones that captions need; abbreviations (`u.s.`) and URLs may be cut otherwise.
 *
 * @example
 * ```ts
 * captionTokens("A man's dog doesn't run, it sleeps.").join(" "); // "a man 's dog does n't run it sleeps"
 * ```
 */
export function captionTokens(text: string): string[] {
  checkCall("captionTokens", arguments, "text:string");
  let spaced = text.replaceAll("’", "'");
  for (const [pattern, apart] of CONTRACTED) spaced = spaced.replace(pattern, apart);
  const pieces = spaced.matchAll(
    /\p{N}+(?:[.,:/]\p{N}+)+|n't\b|'(?:s|re|ve|ll|d|m)\b|[\p{L}\p{N}\p{M}]+(?:[-'][\p{L}\p{N}\p{M}]+)*|\.{3}|-{2,3}|''|``|[^\s]/giu,
  );
  const tokens = Array.from(pieces, ([piece]) => piece.toLowerCase());
  return tokens.filter((token) => !MARKS.test(token));
}

export interface CiderScores {
  /** The mean of all pictures' scores: from 0 to 10. */
  readonly score: number;
  /** Of each picture. */
  readonly scores: readonly number[];
}

const ORDERS = 4;
/** Of the Gaussian that lowers the score of captions of another length. */
const SIGMA = 6;

/**
 * CIDEr-D of captions (Vedantam, Zitnick & Parikh 2015), as coco-caption has it: n-grams of 1 to 4 tokens, weighted by their count and
 * by how few pictures' references have them; the cosine with each reference, where no n-gram counts more often than there, times
 * exp(−(difference of lengths)² / 72); the mean over orders and references, times 10.
 *
 * How rare an n-gram is, is counted in these references: of one picture alone all scores are 0.
 *
 * @param hypotheses a list of tokens for each picture, as `captionTokens` makes them
 * @param references of each picture one or several lists of tokens
 * @throws ShapeError where there are not as many; OptionError for a picture without a reference
 * @example
 * ```ts
 * const references = [["a red dot", "one red dot"], ["two blue squares"]].map((texts) => texts.map(captionTokens));
 * const { score } = cider(["a red dot", "two red squares"].map(captionTokens), references);
 * score.toFixed(2); // "3.44"
 * ```
 */
export function cider(
  hypotheses: readonly (readonly string[])[],
  references: readonly (readonly (readonly string[])[])[],
): CiderScores {
  checkCall("cider", arguments, "hypotheses:list references:list");
  requirePairs("cider", hypotheses.length, references.length);
  const counter = new CiderCounter();
  hypotheses.forEach((hypothesis, i) => counter.add_("cider", hypothesis, references[i]!));
  return counter.scores();
}

/** Counts of n-grams by their numbers, order by order; and how many bigrams there are, which is the length that counts. */
interface Counted {
  readonly orders: readonly ReadonlyMap<number, number>[];
  readonly length: number;
}

/**
 * {@link cider} of captions that come one by one.
 *
 * @example
 * ```ts
 * const counter = new CiderCounter();
 * counter.add(captionTokens("A dog."), [captionTokens("a dog")]);
 * counter.add(captionTokens("A cat."), [captionTokens("a bird")]);
 * counter.scores().scores.length; // 2
 * ```
 */
export class CiderCounter {
  readonly #ids = new NgramIds<string>();
  readonly #pictures: { readonly said: Counted; readonly wanted: readonly Counted[] }[] = [];
  /** Of each order, by n-gram: pictures whose references have it. */
  readonly #pictureCounts = Array.from({ length: ORDERS }, () => new Map<number, number>());

  /** @throws OptionError where there is no reference */
  add(hypothesis: readonly string[], references: readonly (readonly string[])[]): void {
    const op = "CiderCounter.add";
    checkCall(op, arguments, "hypothesis:list references:list");
    this.add_(op, hypothesis, references);
  }

  /** @internal The same, of a function. */
  add_(
    op: string,
    hypothesis: readonly string[],
    references: readonly (readonly string[])[],
  ): void {
    const all = referencesOf(op, references);
    for (const tokens of [hypothesis, ...all]) checkCall(op, [tokens], "tokens:list");
    const wanted = all.map((reference) => this.#counted(reference));
    this.#pictureCounts.forEach((counts, order) => {
      for (const ngram of new Set(wanted.flatMap(({ orders }) => [...orders[order]!.keys()])))
        counts.set(ngram, (counts.get(ngram) ?? 0) + 1);
    });
    this.#pictures.push({ said: this.#counted(hypothesis), wanted });
  }

  #counted(tokens: ArrayLike<string>): Counted {
    const orders = this.#ids.of(tokens, ORDERS).map(countsOf);
    return { orders, length: Math.max(0, tokens.length - 1) };
  }

  /** Of all captions so far; of none NaN. */
  scores(): CiderScores {
    const most = log(this.#pictures.length);
    const weights = this.#pictureCounts.map((counts) => {
      const known = new Map(Array.from(counts, ([ngram, count]) => [ngram, most - log(count)]));
      return (ngram: number) => known.get(ngram) ?? most;
    });
    const scores = this.#pictures.map(({ said, wanted }) => {
      const all = wanted.map((one) => similarity(said, one, weights));
      return (10 * all.reduce((a, b) => a + b, 0)) / wanted.length;
    });
    return { score: scores.reduce((a, b) => a + b, 0) / scores.length, scores };
  }
}

/** The mean over orders of what two captions have in common. */
function similarity(
  said: Counted,
  wanted: Counted,
  weights: readonly ((ngram: number) => number)[],
): number {
  const difference = said.length - wanted.length;
  let sum = 0;
  weights.forEach((weightOf, order) => {
    const [own, other] = [said.orders[order]!, wanted.orders[order]!];
    let common = 0;
    for (const [ngram, count] of own) {
      const weight = weightOf(ngram);
      const there = (other.get(ngram) ?? 0) * weight;
      common += Math.min(count * weight, there) * there;
    }
    const norms = normOf(own, weightOf) * normOf(other, weightOf);
    sum += norms > 0 ? common / norms : 0;
  });
  return (sum / ORDERS) * exp(-(difference * difference) / (2 * SIGMA * SIGMA));
}

function normOf(counts: ReadonlyMap<number, number>, weightOf: (ngram: number) => number): number {
  let sum = 0;
  for (const [ngram, count] of counts) {
    const value = count * weightOf(ngram);
    sum += value * value;
  }
  return Math.sqrt(sum);
}
