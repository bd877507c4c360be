// Characters that a vocabulary lacks, as the bytes of UTF-8: 256 tokens spell every text.

/** How a byte's token is called, as SentencePiece does: `<0x0A>`. */
export function byteToken(byte: number): string {
  return `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`;
}

/** The tokens of all bytes, in order. */
export const BYTE_TOKENS: readonly string[] = /* @__PURE__ */ Array.from({ length: 256 }, (_, i) =>
  byteToken(i),
);

/** The bytes of a code point. Half of a surrogate pair has the three that its number would have: it comes back too. */
export function bytesOf(code: number): number[] {
  const last = (shift: number) => 0x80 | ((code >> shift) & 0x3f);
  if (code < 0x80) return [code];
  if (code < 0x800) return [0xc0 | (code >> 6), last(0)];
  if (code < 0x10000) return [0xe0 | (code >> 12), last(6), last(0)];
  return [0xf0 | (code >> 18), last(12), last(6), last(0)];
}

const REPLACEMENT = "\ufffd";
/** The least code point that a sequence with so many bytes behind the first may have. */
const LEAST = [0, 0x80, 0x800, 0x10000] as const;

/** Bytes that come one after another, as text; what is no UTF-8 is U+FFFD. */
export class ByteReader {
  #code = 0;
  #missing = 0;
  #length = 0;

  /** The text that a byte completes. */
  push(byte: number): string {
    if (this.#missing === 0) return this.#first(byte);
    if ((byte & 0xc0) !== 0x80) return this.end() + this.#first(byte);
    this.#code = (this.#code << 6) | (byte & 0x3f);
    if (--this.#missing > 0) return "";
    const valid = this.#code >= LEAST[this.#length]! && this.#code <= 0x10ffff;
    return valid ? String.fromCodePoint(this.#code) : REPLACEMENT;
  }

  /** What is left of bytes that nothing completed. */
  end(): string {
    if (this.#missing === 0) return "";
    this.#missing = 0;
    return REPLACEMENT;
  }

  #first(byte: number): string {
    if (byte < 0x80) return String.fromCharCode(byte);
    const length = byte >= 0xf8 ? 0 : byte >= 0xf0 ? 3 : byte >= 0xe0 ? 2 : byte >= 0xc0 ? 1 : 0;
    if (length === 0) return REPLACEMENT;
    this.#length = this.#missing = length;
    this.#code = byte & (0x3f >> length);
    return "";
  }
}
