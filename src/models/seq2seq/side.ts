// One side of a pair: its texts to ids and back.
import type { Tokenizer } from "../../text/tokenizer.js";
import { WordTokenizer } from "../../text/word-tokenizer.js";
import { wordJoiner } from "../../text/words.js";
import { END } from "./example.js";

/**
 * The texts of one side to ids and back. Behind the tokenizer's ids there is one more, which ends each text. What is
 * written begins with it too, as in fairseq: a start mark of its own would be one more token that could be written.
 */
export class Side {
  readonly tokenizer: Tokenizer;

  constructor(tokenizer: Tokenizer) {
    this.tokenizer = tokenizer;
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

  /** The ids of a text, the end mark's last: never none. */
  encode(text: string): Int32Array {
    return Int32Array.of(...this.tokenizer.encode(text), this.end);
  }

  /** The tokens of ids, the end mark by a name. */
  tokens(ids: ArrayLike<number>): string[] {
    const { vocabulary } = this.tokenizer;
    return Array.from(ids, (id) => (id === this.end ? END : vocabulary.token(id)));
  }

  /**
   * The text of ids without an end mark.
   *
   * @param instead what stands for the token at a place, where it is not the token itself
   */
  text(ids: ArrayLike<number>, instead: (place: number) => string | undefined = () => undefined) {
    const add = this.#joiner();
    return Array.from(ids, (id, place) => add(id, instead(place))).join("");
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
