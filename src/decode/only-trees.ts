import { checkCall } from "../core/check.js";
import { checkLike } from "../core/check-like.js";
import { described } from "../core/described.js";
import { IndexError, ShapeError } from "../core/errors.js";
import type { Decoder } from "./decoder.js";
import { RuledDecoder } from "./ruled-decoder.js";

export interface OnlyTreesOptions {
  /** The token of each class, as `linearizeTree` of `hiddenstate/text` writes them: `(NP`, `)NP`, and `XX` for a word. */
  tokens: readonly string[];
  /** The id that ends a text. */
  end: number;
  /** Words of the sentence that each row of the decoder parses. */
  words: ArrayLike<number>;
}

/**
 * A decoder that writes nothing but trees over as many words as a sentence has (bracketed trees as tokens, Vinyals et
 * al. 2015): one root, each bracket closed by its own label, no phrase without a word. All else has the logit -Infinity, so that
 * searches rank trees by the probabilities that are left. A text that a search cuts off at its `maxLength` may still be open.
 *
 * @param decoder at its beginning: nothing has been fed, a row for each sentence
 * @throws ShapeError where there are not as many tokens as classes, or not as many counts as rows; IndexError for an end that is no class
 * @example
 * ```ts
 * const pairs = [{ source: "the dog", target: "(NP XX XX )NP" }];
 * const words = { source: "words", target: "words", split: "whitespace", minCount: 1 } as const;
 * const model = Seq2Seq.build(pairs, { ...words, hiddenSize: 8, embeddingSize: 8 });
 * const { size, end } = model.target;
 * const tokens = model.target.tokens(Array.from({ length: size }, (_, id) => id));
 * const decoder = onlyTrees(model.decoder(["the dog"], { capacity: 5 }), { tokens, end, words: [2] });
 * const [[best]] = beamSearch(decoder, { prompt: end, endToken: end, maxLength: 9 });
 * model.target.tokens(best.ids)[0]; // "(NP"
 * decoder.dispose();
 * ```
 */
export function onlyTrees(decoder: Decoder, options: OnlyTreesOptions): Decoder {
  const op = "onlyTrees";
  checkCall(op, arguments, "decoder:object {tokens!:list end!:number words!:list}");
  checkLike(op, "a decoder", "step", decoder);
  const { tokens, end, words } = options;
  const { classes, rows } = decoder;
  if (tokens.length !== classes)
    throw new ShapeError({
      op,
      expected: `tokens of ${classes} classes`,
      got: String(tokens.length),
    });
  if (!(Number.isInteger(end) && end >= 0 && end < classes))
    throw new IndexError({ op, expected: `an end from 0 to ${classes - 1}`, got: described(end) });
  if (words.length !== rows)
    throw new ShapeError({
      op,
      expected: `counts of words for ${rows} rows`,
      got: String(words.length),
    });
  return new TreeDecoder(decoder, tokens, end, words);
}

/** Open phrases, the innermost first: rows with the same beginning share them. */
interface Open {
  readonly label: string;
  /** Whether it has a word. */
  readonly filled: boolean;
  readonly around: Open | undefined;
}

/** What a row has written. */
interface HalfTree {
  readonly open: Open | undefined;
  /** Words that have no token yet. */
  readonly left: number;
  /** Whether the root was opened. */
  readonly begun: boolean;
}

class TreeDecoder extends RuledDecoder<HalfTree> {
  readonly #tokens: readonly string[];
  readonly #end: number;

  constructor(decoder: Decoder, tokens: readonly string[], end: number, words: ArrayLike<number>) {
    super(
      decoder,
      Array.from(words, (left) => ({ open: undefined, left, begun: false })),
    );
    this.#tokens = tokens;
    this.#end = end;
  }

  protected override rule(logits: Float32Array, half: HalfTree): void {
    for (let id = 0; id < logits.length; id++)
      if (!this.#mayFollow(half, id)) logits[id] = -Infinity;
  }

  #mayFollow({ open, left, begun }: HalfTree, id: number): boolean {
    // The root is closed behind the last word only, and there is one.
    if (id === this.#end) return begun && open === undefined;
    const token = this.#tokens[id]!;
    if (token.startsWith("(")) return left > 0;
    if (!token.startsWith(")")) return left > 0 && open !== undefined;
    if (!open?.filled || token.slice(1) !== open.label) return false;
    return open.around !== undefined || left === 0;
  }

  protected override after(half: HalfTree, id: number): HalfTree {
    if (id === this.#end) return half;
    const { open, left } = half;
    const token = this.#tokens[id]!;
    if (token.startsWith("(")) {
      const label = token.slice(1);
      return { open: { label, filled: false, around: open }, left, begun: true };
    }
    if (!token.startsWith(")"))
      return { open: open && { ...open, filled: true }, left: left - 1, begun: true };
    const around = open?.around;
    return { open: around && { ...around, filled: true }, left, begun: true };
  }
}
