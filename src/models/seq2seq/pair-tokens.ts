// What the texts of pairs are cut into, found out as they pass.
import { definedOnly } from "../../core/check.js";
import { described } from "../../core/described.js";
import { OptionError } from "../../core/errors.js";
import { pickOptions, readOptions, type OptionNaming } from "../../core/options.js";
import { tally } from "../../core/tally.js";
import { CharTokenizer } from "../../text/char-tokenizer.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { Vocabulary } from "../../text/vocabulary.js";
import { WordCounter } from "../../text/word-tokenizer.js";
import { wholeWithin } from "../kit/run-length.js";
import type { SequencePair } from "./example.js";
import { PAIR_TOKEN_OPTIONS, type PairTokenOptions, type TokenKind } from "./options.js";
import { SideSurvey } from "./side-survey.js";

const SIDES = ["source", "target"] as const;
type SideName = (typeof SIDES)[number];

/** Options that are read where a side has such tokens. */
const OF_KIND = {
  words: ["minCount", "split"],
  subwords: ["vocabularySize"],
} as const;

/** What the texts of both sides are cut into, and what of that they decided. */
export interface FoundTokens {
  readonly tokenizers: Readonly<Record<SideName, Tokenizer>>;
  /** Whether both have one. */
  readonly joint: boolean;
  readonly kinds: Readonly<Record<SideName, TokenKind | undefined>>;
  readonly chosen: PairTokenOptions;
}

/** Counts the tokens of pairs, one after another, for tokenizers of them. */
export class PairCounter {
  readonly #options: PairTokenOptions;
  readonly #sides: Readonly<Record<SideName, SideCounter>>;

  /** @throws OptionError for options that nothing would read, or that contradict each other */
  constructor(op: string, given: PairTokenOptions, named: OptionNaming = (name) => name) {
    const settings = readOptions<PairTokenOptions>(op, PAIR_TOKEN_OPTIONS, given, {}, named);
    // By the texts, words are what stands between white space: only what is asked for counts.
    this.#options = pickOptions(PAIR_TOKEN_OPTIONS, definedOnly({ ...settings, split: given.split }));
    const kinds = SIDES.map((side) => kindOf(given, side));
    const joint = given.vocabulary === "joint";
    const refuse = (expected: string, got: unknown): never => {
      throw new OptionError({ op, expected, got: described(got) });
    };
    for (const side of SIDES)
      if (given[`${side}Tokenizer`] && given[side] !== undefined)
        refuse(`${named(side)} or a tokenizer for it`, given[side]);
    for (const [kind, names] of Object.entries(OF_KIND))
      for (const name of names)
        if (given[name] !== undefined && !kinds.some((one) => one === kind || one === undefined))
          refuse(`${named(name)} beside ${kind}`, given[name]);
    if (joint && (kinds[0] !== kinds[1] || given.sourceTokenizer || given.targetTokenizer))
      refuse(`one kind of tokens for one ${named("vocabulary")}`, kinds.join(" and "));
    const counter = (side: SideName) =>
      new SideCounter(given[`${side}Tokenizer`], kindOf(given, side), this.#options);
    const source = counter("source");
    this.#sides = { source, target: joint ? source : counter("target") };
  }

  add({ source, target }: SequencePair): void {
    this.#sides.source.add(source);
    this.#sides.target.add(target);
  }

  found(): FoundTokens {
    const { source, target } = this.#sides;
    const kinds = { source: source.kind, target: target.kind };
    const subwords = SIDES.every((side) => kinds[side] === "subwords");
    const joint = this.#options.vocabulary !== "separate" && (source === target || subwords);
    const size = this.#options.vocabularySize ?? sizeFor(source.pieces + target.pieces);
    const one = joint ? source.tokenizer(size, target) : undefined;
    return {
      tokenizers: {
        source: one ?? source.tokenizer(size),
        target: one ?? target.tokenizer(size),
      },
      joint,
      kinds,
      chosen: {
        ...definedOnly(kinds),
        ...(SIDES.some((side) => kinds[side] === "subwords") && { vocabularySize: size }),
        ...(SIDES.some((side) => this.#sides[side].choseWords) && { split: "whitespace" }),
      },
    };
  }
}

/** The kind that options say, or imply. */
function kindOf(given: PairTokenOptions, side: SideName): TokenKind | undefined {
  const asks = (kind: keyof typeof OF_KIND) =>
    OF_KIND[kind].some((name) => given[name] !== undefined);
  if (given[side] !== undefined || given[`${side}Tokenizer`]) return given[side];
  return asks("words") ? "words" : asks("subwords") ? "subwords" : undefined;
}

/** Tokens for a vocabulary of subwords: rarer ones would be learnt too seldom. */
function sizeFor(pieces: number): number {
  return wholeWithin(7 * Math.sqrt(pieces), 1000, 8000);
}

class SideCounter {
  readonly #given: Tokenizer | undefined;
  readonly #asked: TokenKind | undefined;
  readonly #survey = new SideSurvey();
  readonly #characters = new Map<string, number>();
  readonly #words: WordCounter;

  constructor(given: Tokenizer | undefined, asked: TokenKind | undefined, options: PairTokenOptions) {
    this.#given = given;
    this.#asked = asked;
    const { minCount, split = asked === "words" ? "words" : "whitespace" } = options;
    this.#words = new WordCounter({ ...definedOnly({ minCount }), split });
  }

  add(text: string): void {
    if (this.#given) return;
    const asked = this.#asked;
    if (asked === undefined || asked === "subwords") this.#survey.see(text);
    if (asked === undefined || asked === "characters") tally(this.#characters, text);
    if (asked === undefined || asked === "words") this.#words.add(text);
  }

  /** Undefined where a tokenizer is given. */
  get kind(): TokenKind | undefined {
    return this.#given ? undefined : (this.#asked ?? this.#survey.kind);
  }

  /** Whether the texts decided that tokens are words. */
  get choseWords(): boolean {
    return this.#asked === undefined && this.kind === "words";
  }

  get pieces(): number {
    return this.#survey.pieces;
  }

  /** @param other the other side, where both have one vocabulary */
  tokenizer(size: number, other: SideCounter = this): Tokenizer {
    const { kind } = this;
    if (this.#given) return this.#given;
    if (kind === "words") return this.#words.tokenizer();
    if (kind === "characters")
      return new CharTokenizer(Vocabulary.fromCounts(this.#characters, { unknown: "<unk>" }));
    throw new Error(`subwords ${size} ${other.pieces}`);
  }
}
