// Tokens as people read them.
import { BYTE_TOKENS, ByteReader } from "../../text/subwords/bytes.js";

const BYTES = new Map(BYTE_TOKENS.map((token, byte) => [token, byte]));
/** Stands for a byte whose character stands where it ends. */
const PART = "…";

/** A token for a token: bytes that spell a character are shown as that, where the last of them stands. */
export function shownTokens(tokens: readonly string[]): string[] {
  let reader = new ByteReader();
  return tokens.map((token) => {
    const byte = BYTES.get(token);
    if (byte === undefined) {
      reader = new ByteReader();
      return token;
    }
    return reader.push(byte) || PART;
  });
}
