/** The bytes behind a text that scripts/inline-modules.mjs made. Without a TextEncoder: jsdom, in which pages are tested, has none. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length);
  let size = 0;
  for (let i = 0; i < text.length; i++) {
    let code = text.charCodeAt(i);
    let begin = -3;
    if (code < 35) {
      begin += (code - 31) * 91;
      code = text.charCodeAt(++i);
    }
    bytes[size++] = begin + code - (code > 92 ? 36 : 35);
  }
  return bytes.slice(0, size);
}
