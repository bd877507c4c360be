import { checkCall } from "../core/check.js";
import { checkLike } from "../core/check-like.js";
import { described } from "../core/described.js";
import { OptionError } from "../core/errors.js";
import type { Decoder } from "./decoder.js";
import { RuledDecoder } from "./ruled-decoder.js";

/**
 * A decoder that makes less probable what a row has written before (Keskar et al. 2019; Hugging Face's
 * `repetition_penalty`): of an id that the row has read since its first one, a logit above 0 is divided by the penalty,
 * one below 0 is multiplied by it. Searches then rank by the distributions that this leaves. The first id of a row, its start
 * token, counts for nothing.
 *
 * @param decoder at its beginning: nothing has been fed
 * @param penalty at least 1; 1: none
 * @throws OptionError for a penalty below 1, or infinite
 * @example
 * ```ts
 * const model = Seq2Seq.build([{ source: "ab", target: "ba" }], { hiddenSize: 8, embeddingSize: 8 });
 * const { end } = model.target;
 * const decoder = penalizeRepeats(model.decoder(["ab"], { capacity: 2 }), 1.3);
 * beamSearch(decoder, { prompt: end, endToken: end, maxLength: 5, beams: 2 }).length; // 1
 * decoder.dispose();
 * ```
 */
export function penalizeRepeats(decoder: Decoder, penalty: number): Decoder {
  const op = "penalizeRepeats";
  checkCall(op, arguments, "decoder:object penalty:number");
  checkLike(op, "a decoder", "step", decoder);
  if (!(penalty >= 1 && penalty < Infinity))
    throw new OptionError({ op, expected: "a penalty of at least 1", got: described(penalty) });
  return new PenalizingDecoder(decoder, penalty);
}

/** Ids from the last one back: rows with the same beginning share it. */
interface Read {
  readonly id: number;
  readonly before: Read | undefined;
}

class PenalizingDecoder extends RuledDecoder<Read | undefined> {
  readonly #penalty: number;
  /** Marks ids that a row has read, by the number of the row's turn: nothing is cleared between rows. */
  readonly #marks: Int32Array;
  #turn = 0;

  constructor(decoder: Decoder, penalty: number) {
    super(
      decoder,
      Array.from({ length: decoder.rows }, () => undefined),
    );
    this.#penalty = penalty;
    this.#marks = new Int32Array(decoder.classes);
  }

  protected override after(before: Read | undefined, id: number): Read {
    return { id, before };
  }

  protected override rule(logits: Float32Array, last: Read | undefined): void {
    const turn = ++this.#turn;
    for (let read = last; read; read = read.before) {
      // What can be read may be no class.
      if (read.id >= this.classes || this.#marks[read.id] === turn) continue;
      this.#marks[read.id] = turn;
      const logit = logits[read.id]!;
      logits[read.id] = logit > 0 ? logit / this.#penalty : logit * this.#penalty;
    }
  }
}
