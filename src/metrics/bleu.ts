// BLEU: the n-grams that translations share with references.
import { checkCall, checkChoice, checkCount } from "../core/check.js";
import { described } from "../core/described.js";
import { OptionError, ShapeError } from "../core/errors.js";
import { exp, log } from "../core/exp-log.js";
import { BLEU_TOKENIZERS, type BleuTokenizer } from "./bleu-tokenizers.js";
import { countsOf, NgramIds } from "./ngram-ids.js";
import { referencesOf, requirePairs, trimmed, type Segment } from "./segments.js";
import { signatureOf } from "./signature.js";

/**
 * What stands for a precision of 0 (Chen and Cherry 2014): `"exp"`, 1/2, 1/4, … of a match, from order to order that has
 * none; `"floor"`, `smoothingValue` of a match; `"add-k"`, that many more of matches and n-grams in each order above the
 * first; `"none"`, nothing: the score is 0.
 */
export type BleuSmoothing = "exp" | "floor" | "add-k" | "none";

export interface BleuOptions {
  /** How texts are cut into tokens. Default `"13a"`; token lists are taken as they are. */
  tokenize?: BleuTokenizer | undefined;
  /** Whether letters are folded to lower case. Default false. */
  lowercase?: boolean | undefined;
  /** Default `"exp"`. */
  smoothing?: BleuSmoothing | undefined;
  /** Of `"floor"`, by default 0.1, and of `"add-k"`, by default 1. */
  smoothingValue?: number | undefined;
  /** The longest n-grams. Default 4, or as many as there are weights. */
  maxOrder?: number | undefined;
  /** Of each order's logarithm in the mean. Default: all alike. */
  weights?: readonly number[] | undefined;
  /** Whether orders that the hypotheses are too short for are left out: for single sentences. Default false. */
  effectiveOrder?: boolean | undefined;
  /** Which of two references counts that are equally close in length. Default `"shorter"`. */
  lengthTies?: "shorter" | "first" | undefined;
}

export interface BleuScores {
  /** From 0 to 100. */
  readonly score: number;
  /** Of each order, the n-grams that a reference has too, smoothed, in per cent. */
  readonly precisions: readonly number[];
  /** At most 1; less where the hypotheses are shorter than the references. */
  readonly brevityPenalty: number;
  /** Tokens of the hypotheses. */
  readonly hypothesisLength: number;
  /** Tokens of the references that are closest in length. */
  readonly referenceLength: number;
  /** Of each order, n-grams of the hypotheses that a reference has too. */
  readonly matches: readonly number[];
  /** Of each order, n-grams of the hypotheses. */
  readonly totals: readonly number[];
  /** What was counted, as sacreBLEU writes it; `version` says whose counting it is. */
  readonly signature: string;
}

const SMOOTHING_VALUES: Readonly<Record<BleuSmoothing, number | undefined>> = {
  ...{ exp: undefined, none: undefined },
  floor: 0.1,
  "add-k": 1,
};

/**
 * BLEU of a corpus (Papineni et al. 2002), with the numbers of sacreBLEU (Post 2018): 100 times the geometric mean of the
 * n-gram precisions, times the brevity penalty.
 *
 * Token lists are taken as they are. With `{ smoothing: "none", lengthTies: "first" }` their score is 100 times that of
 * torchtext's `bleu_score`.
 *
 * @param hypotheses texts as people read them, not tokenized; or token lists
 * @param references of each hypothesis a list of one or several; or a text, where it is the only one
 * @throws ShapeError where there are not as many; OptionError for an example without a reference, and where texts stand beside
 *   token lists
 * @example
 * ```ts
 * const { score, signature } = bleu(["The dog ran off."], ["The dog ran away."]);
 * score.toFixed(2); // "42.73"
 * signature; // "nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp|version:hiddenstate-1"
 * ```
 */
export function bleu(
  hypotheses: readonly Segment[],
  references: readonly (string | readonly Segment[])[],
  options: BleuOptions = {},
): BleuScores {
  checkCall("bleu", arguments, `hypotheses:list references:list ${OPTIONS}`);
  requirePairs("bleu", hypotheses.length, references.length);
  const counter = new BleuCounter(options);
  hypotheses.forEach((hypothesis, i) => counter.add_("bleu", hypothesis, references[i]!));
  return counter.scores();
}

const OPTIONS =
  "{tokenize:string lowercase:boolean smoothing:string smoothingValue:number maxOrder:number weights:list effectiveOrder:boolean lengthTies:string}";

/**
 * {@link bleu} of hypotheses that come one by one.
 *
 * @example
 * ```ts
 * const counter = new BleuCounter({ lowercase: true });
 * counter.add("It is a Test.", ["It is a test."]);
 * counter.scores().score.toFixed(1); // "100.0"
 * ```
 */
export class BleuCounter {
  readonly #options: BleuOptions;
  readonly #order: number;
  readonly #matches: number[];
  readonly #totals: number[];
  readonly #references = new Set<number>();
  #hypothesisLength = 0;
  #referenceLength = 0;
  #kind: "text" | "list" | undefined;

  constructor(options: BleuOptions = {}) {
    checkCall("BleuCounter", arguments, OPTIONS);
    checkBleuOptions(options);
    this.#options = options;
    this.#order = options.maxOrder ?? options.weights?.length ?? 4;
    this.#matches = new Array<number>(this.#order).fill(0);
    this.#totals = new Array<number>(this.#order).fill(0);
  }

  /** @throws OptionError where there is no reference, and where texts stand beside token lists */
  add(hypothesis: Segment, references: readonly Segment[]): void {
    const op = "BleuCounter.add";
    checkCall(op, arguments, "hypothesis:string|list references:list");
    this.add_(op, hypothesis, references);
  }

  /** @internal The same; a reference that is a text may stand alone. */
  add_(op: string, hypothesis: Segment, references: string | readonly Segment[]): void {
    const all = referencesOf(op, references);
    const said = this.#tokens(op, hypothesis);
    const wanted = Array.from(all, (reference) => this.#tokens(op, reference));
    this.#hypothesisLength += said.length;
    this.#referenceLength += this.#closest(
      said.length,
      wanted.map(({ length }) => length),
    );
    this.#references.add(wanted.length);
    const ids = new NgramIds<string | number>();
    const ofReferences = wanted.map((tokens) => ids.of(tokens, this.#order).map(countsOf));
    ids.of(said, this.#order).forEach((ngrams, i) => {
      this.#totals[i]! += ngrams.length;
      // An n-gram counts as often as it comes in one reference at most.
      for (const [ngram, count] of countsOf(ngrams)) {
        const most = Math.max(...ofReferences.map((orders) => orders[i]!.get(ngram) ?? 0));
        this.#matches[i]! += Math.min(count, most);
      }
    });
  }

  /** Of all hypotheses so far. */
  scores(): BleuScores {
    const [said, wanted] = [this.#hypothesisLength, this.#referenceLength];
    const brevityPenalty = said >= wanted ? 1 : said === 0 ? 0 : exp(1 - wanted / said);
    const { precisions, orders } = this.#precisions();
    const weights = this.#options.weights ?? new Array<number>(orders).fill(1 / orders);
    const used = precisions.slice(0, orders);
    const mean = used.some((precision) => precision === 0)
      ? 0
      : exp(used.reduce((sum, precision, i) => sum + weights[i]! * log(precision), 0));
    return {
      score: 100 * brevityPenalty * mean,
      precisions: precisions.map((precision) => 100 * precision),
      brevityPenalty,
      hypothesisLength: said,
      referenceLength: wanted,
      matches: [...this.#matches],
      totals: [...this.#totals],
      signature: this.#signature(),
    };
  }

  /** Shares, smoothed; and how many orders the mean is of. */
  #precisions(): { precisions: number[]; orders: number } {
    const { smoothing = "exp", effectiveOrder = false } = this.#options;
    const value = this.#options.smoothingValue ?? SMOOTHING_VALUES[smoothing];
    const precisions = new Array<number>(this.#order).fill(0);
    let orders = this.#order;
    // Where nothing matches at all there is nothing to smooth.
    if (this.#matches.every((count) => count === 0)) return { precisions, orders };
    let halves = 1;
    for (let i = 0; i < this.#order; i++) {
      const more = smoothing === "add-k" && i > 0 ? value! : 0;
      const matches = this.#matches[i]! + more;
      const total = this.#totals[i]! + more;
      if (total === 0) break;
      if (effectiveOrder) orders = i + 1;
      if (matches > 0) precisions[i] = matches / total;
      else if (smoothing === "exp") precisions[i] = 1 / ((halves *= 2) * total);
      else if (smoothing === "floor") precisions[i] = value! / total;
    }
    return { precisions, orders };
  }

  #tokens(op: string, segment: Segment): ArrayLike<string | number> {
    checkCall(op, [segment], "segment:string|list");
    const { tokenize = "13a", lowercase = false } = this.#options;
    const kind = typeof segment === "string" ? "text" : "list";
    this.#kind ??= kind;
    if (kind !== this.#kind || (kind === "list" && this.#options.tokenize !== undefined))
      throw new OptionError({
        op,
        expected:
          kind === this.#kind ? "texts where tokenize is given" : `a ${this.#kind}, as before`,
        got: described(segment),
        cure: 'Hypotheses and references are texts, or all of them token lists; references of one hypothesis stand in a list: [["a", "b"]].',
      });
    const lower = (text: string): string => (lowercase ? text.toLowerCase() : text);
    if (typeof segment === "string") return BLEU_TOKENIZERS[tokenize](lower(trimmed(segment)));
    if (!lowercase) return segment;
    return Array.from(segment, (token) => (typeof token === "string" ? lower(token) : token));
  }

  #closest(length: number, lengths: readonly number[]): number {
    const { lengthTies = "shorter" } = this.#options;
    return lengths.reduce((best, one) => {
      const closer = Math.abs(one - length) - Math.abs(best - length);
      return closer < 0 || (closer === 0 && lengthTies === "shorter" && one < best) ? one : best;
    });
  }

  #signature(): string {
    const { lowercase, effectiveOrder, tokenize = "13a", smoothing = "exp" } = this.#options;
    const { smoothingValue = SMOOTHING_VALUES[smoothing], weights, lengthTies } = this.#options;
    const value = smoothingValue === undefined ? "" : `[${smoothingValue.toFixed(2)}]`;
    return signatureOf(this.#references, {
      case: lowercase ? "lc" : "mixed",
      eff: effectiveOrder ? "yes" : "no",
      tok: this.#kind === "list" ? "given" : tokenize,
      smooth: `${smoothing}${value}`,
      // What sacreBLEU has no name for, where it is not as usual.
      order: this.#order === 4 ? undefined : String(this.#order),
      weights: weights?.join(","),
      ties: lengthTies === "first" ? "first" : undefined,
    });
  }
}

function checkBleuOptions(options: BleuOptions): void {
  const op = "BleuCounter";
  const { tokenize = "13a", smoothing = "exp", smoothingValue, lengthTies = "shorter" } = options;
  const { maxOrder = 4, weights, effectiveOrder = false } = options;
  checkChoice(op, "tokenize", tokenize, Object.keys(BLEU_TOKENIZERS));
  checkChoice(op, "smoothing", smoothing, Object.keys(SMOOTHING_VALUES));
  checkChoice(op, "lengthTies", lengthTies, ["shorter", "first"]);
  checkCount(op, "maxOrder", maxOrder);
  const refuse = (expected: string, value: unknown): never => {
    throw new OptionError({ op, expected, got: described(value) });
  };
  if (smoothingValue !== undefined) {
    if (SMOOTHING_VALUES[smoothing] === undefined)
      refuse(`no smoothingValue beside smoothing ${smoothing}`, smoothingValue);
    if (!(smoothingValue > 0)) refuse("a smoothingValue above 0", smoothingValue);
  }
  if (!weights) return;
  if (effectiveOrder) refuse("no weights beside effectiveOrder", weights);
  const isWeight = (weight: unknown) => typeof weight === "number" && weight >= 0 && weight < 1e9;
  if (weights.length === 0 || !Array.from(weights).every(isWeight))
    refuse("weights that are numbers from 0 on", weights);
  if (weights.length !== (options.maxOrder ?? weights.length))
    throw new ShapeError({
      op,
      expected: `${maxOrder} weights, one for each order`,
      got: String(weights.length),
    });
}
