// What the texts of pairs are cut into, found out as they pass.
import { checkLike } from "../../core/check-like.js";
import { definedOnly } from "../../core/check.js";
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import { checkOptions, type OptionNaming } from "../../core/options.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { SLACK } from "./defaults.js";
import type { SequencePair, SideName } from "./example.js";
import { LengthRatios } from "./length-ratio.js";
import { PAIR_TOKEN_OPTIONS, type PairTokenOptions, type TokenKind } from "./token-options.js";
import { SideCounter, subwordsFor } from "./side-counter.js";

const SIDES = ["source", "target"] as const;

/** Options that mean something for some tokens only. */
const OF_KINDS: Readonly<
  Partial<Record<keyof PairTokenOptions, readonly [TokenKind, ...TokenKind[]]>>
> = {
  minCount: ["words"],
  split: ["words", "subwords"],
  maxSize: ["words", "subwords"],
  vocabularyThreshold: ["subwords"],
};

/** What the texts of both sides are cut into, and what of that they decided. */
export interface FoundTokens {
  readonly tokenizers: Readonly<Record<SideName, Tokenizer>>;
  readonly kinds: Readonly<Record<SideName, TokenKind | undefined>>;
  /**
   * Tokens of a target, for each of its source's and {@link SLACK} more, at the most: as long as tokens are on average, and
   * without what is odd.
   */
  readonly ratio: number;
  readonly chosen: PairTokenOptions;
}

/** Counts the tokens of pairs, one after another, for tokenizers of them. */
export class PairCounter {
  readonly #op: string;
  readonly #named: OptionNaming;
  readonly #given: PairTokenOptions;
  readonly #sides: Readonly<Record<SideName, SideCounter>>;
  readonly #ratios = new LengthRatios();
  readonly #lowercase: boolean;

  /**
   * @param options.lowercase whether texts are read in lower case
   * @throws OptionError for options that nothing would read, or that contradict each other
   */
  constructor(
    op: string,
    given: PairTokenOptions,
    {
      lowercase = false,
      named = (name) => name,
    }: { lowercase?: boolean; named?: OptionNaming } = {},
  ) {
    checkOptions(op, PAIR_TOKEN_OPTIONS, given, named);
    this.#lowercase = lowercase;
    for (const name of ["sourceTokenizer", "targetTokenizer"] as const)
      if (given[name]) checkLike(op, `a tokenizer as ${name}`, "decoder", given[name]);
    checkPairTokens(op, given, named);
    [this.#op, this.#named, this.#given] = [op, named, given];
    const { minCount = PAIR_TOKEN_OPTIONS.minCount.default!, split } = given;
    const [source, target] = SIDES.map((side) => {
      const options = definedOnly({ minCount, split, maxSize: given.maxSize });
      return new SideCounter(given[`${side}Tokenizer`], kindOf(given, side), options);
    }) as [SideCounter, SideCounter];
    const ofBoth = given.vocabulary === "joint" && kindOf(given, "source") !== "subwords";
    this.#sides = { source, target: ofBoth ? source : target };
  }

  /** @throws OptionError for a pair whose sides are no texts */
  add(pair: SequencePair): void {
    const [source, target] = SIDES.map((side) => {
      const text = this.#sides[side].read(this.#op, side, pair[side]);
      return this.#lowercase ? text.toLowerCase() : text;
    }) as [string, string];
    this.#sides.source.add(source);
    this.#sides.target.add(target);
    this.#ratios.add(source.length, target.length);
  }

  found(): FoundTokens {
    const { source, target } = this.#sides;
    const { vocabulary, maxSize, vocabularyThreshold: threshold } = this.#given;
    const kinds = { source: source.kind, target: target.kind };
    const ofSubwords = SIDES.filter((side) => kinds[side] === "subwords");
    const joint = vocabulary !== "separate" && ofSubwords.length === 2;
    const size = maxSize ?? subwordsFor((source.pieces + target.pieces) / (joint ? 1 : 2));
    const subwords = joint ? SideCounter.subwords([source, target], size) : undefined;
    const one = subwords ?? (source === target ? source.tokenizer(size) : undefined);
    if (threshold !== undefined && !subwords)
      throw new OptionError({
        op: this.#op,
        expected: `one vocabulary of subwords for ${this.#named("vocabularyThreshold")}`,
        got: SIDES.map((side) => kinds[side] ?? "a tokenizer").join(" and "),
      });
    const tokenizerOf = (side: SideCounter): Tokenizer =>
      subwords && threshold !== undefined
        ? side.restricted(subwords, threshold)
        : (one ?? side.tokenizer(size));
    const tokenizers = { source: tokenizerOf(source), target: tokenizerOf(target) };
    // Tokens of a character, on average.
    const rateOf = (side: SideName) =>
      this.#sides[side].tokensBy(tokenizers[side]) / Math.max(1, this.#sides[side].characters);
    const rates = { source: rateOf("source"), target: rateOf("target") };
    const ratio = this.#ratios.largest(
      (read, written) => (written * rates.target + 1) / (read * rates.source + 1 + SLACK),
    );
    return {
      tokenizers,
      kinds,
      ratio,
      chosen: {
        ...definedOnly(kinds),
        ...(ofSubwords.length > 0 && { maxSize: size }),
        ...(SIDES.some((side) => this.#sides[side].choseWords) && { split: "whitespace" }),
      },
    };
  }
}

/** The kind that options say, or imply; undefined: the texts tell, or a tokenizer is given. */
function kindOf(given: PairTokenOptions, side: SideName): TokenKind | undefined {
  if (given[side] !== undefined || given[`${side}Tokenizer`]) return given[side];
  return given.minCount === undefined ? undefined : "words";
}

/** Whether both sides may have one vocabulary, as far as options say. */
export function mayBeJoint(given: PairTokenOptions): boolean {
  if (given.vocabulary !== undefined) return given.vocabulary === "joint";
  if (given.sourceTokenizer || given.targetTokenizer) return true;
  return SIDES.every((side) => (kindOf(given, side) ?? "subwords") === "subwords");
}

/**
 * Refuses options that contradict each other, or that nothing would read.
 *
 * @throws OptionError
 */
export function checkPairTokens(
  op: string,
  given: PairTokenOptions,
  named: OptionNaming = (name) => name,
): void {
  const refuse = (expected: string, got: string): never => {
    throw new OptionError({ op, expected, got });
  };
  const kinds = SIDES.map((side) => kindOf(given, side));
  const made = SIDES.filter((side) => given[`${side}Tokenizer`]);
  for (const side of made)
    if (given[side] !== undefined)
      refuse(`${named(side)}, or a ${side}Tokenizer that decides it`, "both");
  for (const [name, of] of Object.entries(OF_KINDS)) {
    const value = given[name as keyof PairTokenOptions];
    const reads = (side: SideName) => {
      const kind = kindOf(given, side);
      return kind === undefined ? !given[`${side}Tokenizer`] : of.includes(kind);
    };
    if (value !== undefined && !SIDES.some(reads))
      refuse(`${of.join(" or ")} beside ${named(name)}`, kinds.join(" and "));
  }
  if (given.vocabulary === "separate" && given.vocabularyThreshold !== undefined)
    refuse(
      `one vocabulary for ${named("vocabularyThreshold")}, ${named("vocabulary")} joint`,
      "separate",
    );
  if (given.vocabulary === "joint" && (made.length > 0 || kinds[0] !== kinds[1]))
    refuse(
      `the same ${named("source")} and ${named("target")} for one vocabulary`,
      made.length > 0 ? "a tokenizer" : kinds.map((kind) => kind ?? "none").join(" and "),
    );
  if (given.vocabulary === "joint" && kinds[0] === undefined)
    refuse(`${named("source")} and ${named("target")} for one vocabulary`, described(undefined));
}
