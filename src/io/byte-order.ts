/** The same elements, of `each` bytes, with their bytes turned round: files that big-endian machines wrote. */
export function swapped(bytes: Uint8Array, each: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let from = 0; from < bytes.length; from += each)
    for (let i = 0; i < each; i++) out[from + each - 1 - i] = bytes[from + i]!;
  return out;
}
