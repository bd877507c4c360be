/** The bytes behind a text that scripts/inline-modules.mjs made. */
export function decode(text: string): Uint8Array<ArrayBuffer> {
  const codes = new TextEncoder().encode(text);
  let size = 0;
  for (let i = 0; i < codes.length; i++) {
    let code = codes[i]!;
    let begin = -3;
    if (code < 35) {
      begin += (code - 31) * 91;
      code = codes[++i]!;
    }
    codes[size++] = begin + code - (code > 92 ? 36 : 35);
  }
  return codes.slice(0, size);
}
