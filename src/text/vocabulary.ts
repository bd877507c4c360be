// Tokens and their ids.
import { checkIterable } from "../core/check-like.js";
import { checkCall } from "../core/check.js";
import { checkAlone } from "../core/check-like.js";
import { described } from "../core/described.js";
import { byCodePoint, quoted } from "../core/code-points.js";
import { FormatError, IndexError, OptionError } from "../core/errors.js";
import { tally } from "../core/tally.js";

export interface VocabularyOptions<Token extends string = string> {
  /** The token that stands for every other: `"<unk>"`. Without it, an unknown token is an IndexError. */
  unknown?: Token | undefined;
  /** The token that fills rows up to one length: `"<pad>"`. */
  padding?: Token | undefined;
}

export interface BuildVocabularyOptions<
  Token extends string = string,
> extends VocabularyOptions<Token> {
  /** Leave out tokens that are seen less often. Default 1: none. */
  minCount?: number | undefined;
  /** Most tokens in all, the special ones included; the most frequent stay. */
  maxSize?: number | undefined;
  /** Further tokens that are always part of it, such as `"<eos>"`. */
  specials?: readonly Token[] | undefined;
}

/** A vocabulary as plain data, to be kept beside a model's weights. */
export interface VocabularyData {
  readonly tokens: readonly string[];
  readonly unknown?: string | undefined;
  readonly padding?: string | undefined;
}

/**
 * A list of distinct tokens; a token's place is its id. Made of literals, such as the labels of a tagger, it
 * gives those back: `new Vocabulary(["O", "B-PER", "I-PER"]).token(1)` is one of `"O" | "B-PER" | "I-PER"`.
 *
 * @example
 * ```ts
 * const vocabulary = new Vocabulary(["<unk>", "red", "green"], { unknown: "<unk>" });
 * vocabulary.id("green"); // 2
 * vocabulary.id("blue"); // 0
 * ```
 */
export class Vocabulary<Token extends string = string> {
  /** By id. */
  readonly tokens: readonly Token[];
  readonly unknown: Token | undefined;
  readonly padding: Token | undefined;
  readonly #ids: ReadonlyMap<string, number>;

  /** @throws OptionError for a token that comes twice, or a special one that is missing */
  constructor(tokens: readonly Token[], options: VocabularyOptions<Token> = {}) {
    checkCall("Vocabulary", arguments, "tokens {unknown:string padding:string}");
    checkIterable("Vocabulary", "tokens in an array", tokens);
    const { unknown, padding } = options;
    this.tokens = [...tokens];
    for (const token of this.tokens) checkCall("Vocabulary", [token], "token:string");
    this.#ids = new Map<string, number>(this.tokens.map((token, id) => [token, id]));
    if (this.#ids.size < this.tokens.length) {
      const id = this.tokens.findIndex((token, i) => this.#ids.get(token) !== i);
      throw new OptionError({
        op: "Vocabulary",
        expected: "every token once",
        got: `${quoted(this.tokens[id]!)} as ids ${id} and ${this.#ids.get(this.tokens[id]!)}`,
      });
    }
    for (const [name, token] of Object.entries({ unknown, padding })) {
      if (token !== undefined && !this.#ids.has(token)) {
        throw new OptionError({
          op: "Vocabulary",
          expected: `the ${name} token among the tokens`,
          got: quoted(token),
        });
      }
    }
    this.unknown = unknown;
    this.padding = padding;
  }

  /**
   * The vocabulary of a text: padding, unknown and further special tokens first, then the others from the
   * most frequent on, equally frequent ones by code point. So the same text gives the same ids.
   */
  static build<Token extends string>(
    tokens: Iterable<Token>,
    options: BuildVocabularyOptions<Token> = {},
  ): Vocabulary<Token> {
    checkCall(
      "Vocabulary.build",
      arguments,
      "tokens {unknown:string padding:string minCount:number maxSize:number specials:list}",
    );
    if (typeof tokens !== "string") checkIterable("Vocabulary.build", "tokens in an array", tokens);
    const counts = new Map<Token, number>();
    tally(counts, tokens);
    return Vocabulary.fromCounts(counts, options);
  }

  /** What {@link build} gives of tokens that come so often: for a text that streams. */
  static fromCounts<Token extends string>(
    counts: ReadonlyMap<Token, number>,
    options: BuildVocabularyOptions<Token> = {},
  ): Vocabulary<Token> {
    checkCall(
      "Vocabulary.fromCounts",
      arguments,
      "counts:Map {unknown:string padding:string minCount:number maxSize:number specials:list}",
    );
    const { minCount = 1, maxSize = Infinity, specials = [], unknown, padding } = options;
    const special = new Set([padding, unknown, ...specials]);
    const first = [...special].filter((token) => token !== undefined);
    requireCount("minCount", minCount, 1);
    if (maxSize !== Infinity) requireCount("maxSize", maxSize, first.length);
    const frequent = [...counts]
      .filter(([token, count]) => count >= minCount && !special.has(token))
      .sort(([a, aCount], [b, bCount]) => bCount - aCount || byCodePoint(a, b))
      .map(([token]) => token);
    return new Vocabulary([...first, ...frequent].slice(0, maxSize), { unknown, padding });
  }

  get size(): number {
    return this.tokens.length;
  }

  has(token: string): boolean {
    checkCall("Vocabulary.has", arguments, "token:string");
    return this.#ids.has(token);
  }

  /** @throws IndexError for a token that is not in it, where there is no unknown token */
  id(token: string): number {
    checkCall("Vocabulary.id", arguments, "token:string");
    return this.#find(token) ?? this.#refuseToken(token, "");
  }

  /** @throws IndexError for an id outside 0..size-1 */
  token(id: number): Token {
    checkCall("Vocabulary.token", arguments, "id:number");
    return this.tokens[id] ?? this.#refuseId(id, "");
  }

  /** @throws IndexError that names the first unknown token and its place, where there is no unknown token */
  encode(tokens: readonly string[]): Int32Array {
    checkCall("Vocabulary.encode", arguments, "tokens:list");
    const ids = new Int32Array(tokens.length);
    for (let i = 0; i < ids.length; i++) {
      ids[i] = this.#find(tokens[i]!) ?? this.#refuseToken(tokens[i]!, ` at position ${i}`);
    }
    return ids;
  }

  /** @throws IndexError that names the first id outside 0..size-1, and its place */
  decode(ids: ArrayLike<number>): Token[] {
    checkCall("Vocabulary.decode", arguments, "ids:list");
    return Array.from(ids, (id, i) => this.tokens[id] ?? this.#refuseId(id, ` at position ${i}`));
  }

  /** For `JSON.stringify`. */
  toJSON(): VocabularyData {
    return {
      tokens: this.tokens,
      ...(this.unknown !== undefined && { unknown: this.unknown }),
      ...(this.padding !== undefined && { padding: this.padding }),
    };
  }

  /**
   * From what {@link toJSON} gave, parsed again.
   *
   * @throws FormatError for anything else
   */
  static fromJSON(data: unknown): Vocabulary {
    checkAlone("Vocabulary.fromJSON", arguments);
    const { tokens, unknown, padding } = Object(data) as Partial<Record<string, unknown>>;
    const isText = (value: unknown): value is string => typeof value === "string";
    const isTextOrNone = (value: unknown) => value === undefined || isText(value);
    if (
      !Array.isArray(tokens) ||
      !tokens.every(isText) ||
      ![unknown, padding].every(isTextOrNone)
    ) {
      throw new FormatError({
        op: "Vocabulary.fromJSON",
        expected: "{ tokens: [strings], unknown?: string, padding?: string }",
        got: described(data),
      });
    }
    try {
      return new Vocabulary(tokens, { unknown, padding } as VocabularyOptions);
    } catch (cause) {
      const { expected, got } = cause as OptionError;
      throw new FormatError({ op: "Vocabulary.fromJSON", expected, got }, { cause });
    }
  }

  #find(token: string): number | undefined {
    return (
      this.#ids.get(token) ?? (this.unknown === undefined ? undefined : this.#ids.get(this.unknown))
    );
  }

  #refuseToken(token: string, place: string): never {
    throw new IndexError({
      op: "Vocabulary",
      expected: `one of ${this.size} known tokens`,
      got: `${quoted(token)}${place}`,
      cure: "Build the vocabulary with an unknown token, or from a text that has this one.",
    });
  }

  #refuseId(id: number, place: string): never {
    throw new IndexError({
      op: "Vocabulary",
      expected: `an id from 0 to ${this.size - 1}`,
      got: `${id}${place}`,
    });
  }
}

function requireCount(name: string, value: number, least: number): void {
  if (!Number.isInteger(value) || value < least) {
    throw new OptionError({
      op: "Vocabulary.build",
      expected: `${name} to be a whole number of at least ${least}`,
      got: described(value),
    });
  }
}
