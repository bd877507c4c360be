// Tokens as people read them.
import { END } from "../../models/seq2seq/example.js";
import { BYTE_TOKENS, ByteReader } from "../../text/subwords/bytes.js";

const BYTES = new Map(BYTE_TOKENS.map((token, byte) => [token, byte]));
/** Stands for a byte whose character stands where it ends. */
const PART = "…";
/** The end mark, as figures of attention show it (Bahdanau et al. 2015). */
const ENDED = "<end>";

/**
 * A token for a token: bytes that spell a character are shown as that, where the last of them stands, and the end mark, which is the
 * last token, by its name.
 */
export function shownTokens(tokens: readonly string[]): string[] {
  let reader = new ByteReader();
  return tokens.map((token, i) => {
    if (token === END && i === tokens.length - 1) return ENDED;
    const byte = BYTES.get(token);
    if (byte === undefined) {
      reader = new ByteReader();
      return token;
    }
    return reader.push(byte) || PART;
  });
}
