// One side of a pair: its texts to ids and back.
import { CharTokenizer } from "../../text/char-tokenizer.js";
import { SubwordTokenizer } from "../../text/subwords/subword-tokenizer.js";
import type { Tokenizer } from "../../text/tokenizer.js";
import { wordsOf, WordTokenizer } from "../../text/word-tokenizer.js";
import { wordJoiner } from "../../text/words.js";
import { END, textOf, type SideName } from "./example.js";

/**
 * The texts of one side to ids and back. Behind the tokenizer's ids there is one more, which ends each text. What is
 * written begins with it too, as in fairseq: a start mark of its own would be one more token that could be written.
 *
 * @example
 * ```ts
 * const model = Seq2Seq.build([{ source: "ab", target: "ba" }]);
 * const { target } = model;
 * const ids = target.encode("ba");
 * console.log(target.tokens(ids).join(" ")); // b a </s>
 * console.log(target.text(ids.subarray(0, -1))); // ba
 * ```
 */
export class Side {
  readonly tokenizer: Tokenizer;
  /** Whether texts are read and written in lower case. */
  readonly lowercase: boolean;

  constructor(tokenizer: Tokenizer, lowercase = false) {
    this.tokenizer = tokenizer;
    this.lowercase = lowercase;
  }

  /** Ids, the end mark's among them. */
  get size(): number {
    return this.tokenizer.size + 1;
  }

  /** The id of the end mark: the last. */
  get end(): number {
    return this.tokenizer.size;
  }

  /** The id of the token for what was not learnt. */
  get unknown(): number | undefined {
    const { vocabulary } = this.tokenizer;
    return vocabulary.unknown === undefined ? undefined : vocabulary.id(vocabulary.unknown);
  }

  /** @internal A text as it is read: in lower case where that is asked for, of tokens where they are given. */
  read(op: string, name: SideName, given: unknown): string {
    const text = textOf(op, name, given, cutsAtBlanks(this.tokenizer));
    return this.lowercase ? text.toLowerCase() : text;
  }

  /**
   * The ids of a text, the end mark's last: never none.
   *
   * @param dropout share of merges left out, where tokens are subwords
   */
  encode(given: string, dropout = 0): Int32Array {
    const { tokenizer } = this;
    const text = this.lowercase ? given.toLowerCase() : given;
    const drops = dropout > 0 && tokenizer instanceof SubwordTokenizer;
    const own = drops ? tokenizer.encode(text, { dropout }) : tokenizer.encode(text);
    const ids = new Int32Array(own.length + 1);
    ids.set(own);
    ids[own.length] = this.end;
    return ids;
  }

  /** The tokens of ids, the end mark by a name. */
  tokens(ids: ArrayLike<number>): string[] {
    const { vocabulary } = this.tokenizer;
    return Array.from(ids, (id) => (id === this.end ? END : vocabulary.token(id)));
  }

  /** The tokens of a text as they stand in it, those that were not learnt too, and the end mark. */
  tokensOf(text: string): string[] {
    const { tokenizer } = this;
    if (tokenizer instanceof WordTokenizer) return [...wordsOf(text, tokenizer), END];
    if (tokenizer instanceof CharTokenizer) return [...text, END];
    return this.tokens(this.encode(text));
  }

  /**
   * The text of ids without an end mark.
   *
   * @param instead what stands for the token at a place, where it is not the token itself
   */
  text(ids: ArrayLike<number>, instead?: (place: number) => string | undefined): string {
    const { tokenizer } = this;
    if (!instead && !(tokenizer instanceof WordTokenizer)) return tokenizer.decode(ids);
    const add = this.#joiner();
    return Array.from(ids, (id, place) => add(id, instead?.(place))).join("");
  }

  /** The text that each id adds, or what stands for it. */
  #joiner(): (id: number, instead: string | undefined) => string {
    const { tokenizer } = this;
    if (!(tokenizer instanceof WordTokenizer)) {
      const decode = tokenizer.decoder();
      return (id, instead) => instead ?? decode(id);
    }
    const { vocabulary, rules, split } = tokenizer;
    // Tokens that stand between white space are given back so; where words were cut, white space is guessed.
    const join = split === "words" ? wordJoiner("", { rules }) : blankJoiner();
    return (id, instead) => join(instead ?? tokenText(vocabulary.token(id)));
  }
}

/** Whether white space alone separates what a tokenizer reads: tokens can be given as a list. */
export function cutsAtBlanks(tokenizer: Tokenizer): boolean {
  const cuts = tokenizer instanceof WordTokenizer || tokenizer instanceof SubwordTokenizer;
  return cuts && tokenizer.split === "whitespace";
}

/** Whether an id is the same token on both sides, however their texts are cut. */
export function haveOneVocabulary({
  source,
  target,
}: Readonly<Record<"source" | "target", Tokenizer>>): boolean {
  const [one, other] = [source.vocabulary, target.vocabulary];
  return (
    one === other || (one.size === other.size && one.tokens.every((t, i) => t === other.tokens[i]))
  );
}

function tokenText(token: string): string {
  return token === "<eos>" ? "\n" : token;
}

/** Puts tokens together again that stood between blanks. */
function blankJoiner(): (token: string) => string {
  let tight = true;
  return (token) => {
    const space = tight || token === "\n" ? "" : " ";
    tight = token === "\n";
    return space + token;
  };
}
