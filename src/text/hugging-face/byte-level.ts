// Bytes as visible characters, one each: the alphabet of GPT-2.
import { bytesOf } from "../subwords/bytes.js";

/** Bytes that are a visible character of Latin-1 stand for themselves, the others for those from U+0100 on. */
const CHARACTERS: readonly string[] = /* @__PURE__ */ (() => {
  let next = 0x100;
  return Array.from({ length: 256 }, (_, byte) => {
    const visible = (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte <= 0xff && byte !== 0xad);
    return String.fromCharCode(visible ? byte : next++);
  });
})();

const BYTES: ReadonlyMap<string, number> = /* @__PURE__ */ new Map(
  CHARACTERS.map((character, byte) => [character, byte]),
);

/** The bytes of a text in UTF-8. */
export function bytesOfText(text: string): number[] {
  return Array.from(text, (one) => bytesOf(one.codePointAt(0)!)).flat();
}

/** The bytes of a text in UTF-8, as characters. */
export function toByteLevel(text: string): string {
  return bytesOfText(text)
    .map((byte) => CHARACTERS[byte]!)
    .join("");
}

/** The bytes of a token: those that its characters stand for, or its own where one stands for none. */
export function bytesOfToken(token: string): number[] {
  const bytes = Array.from(token, (one) => BYTES.get(one));
  return bytes.includes(undefined) ? bytesOfText(token) : (bytes as number[]);
}

/** Bytes as text; what is no UTF-8 is U+FFFD. */
export function textOfBytes(bytes: readonly number[]): string {
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(Uint8Array.from(bytes));
}
