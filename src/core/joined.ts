/** Arrays of numbers one behind the other: one that is given alone is not copied. */
export function joined<T extends Float32Array | Uint8Array>(
  parts: readonly T[],
  type: new (length: number) => T,
): T {
  if (parts.length === 1) return parts[0]!;
  const all = new type(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
