// Numbers from the bytes of a text: a string for each would take most of the time of reading a file.

const POWERS = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
/** Below it, digits add up exactly. */
const EXACT = Number.MAX_SAFE_INTEGER;

/** The number that stands in bytes [from, end), as `Number` reads it, or NaN. */
export function parseNumber(bytes: Uint8Array, from: number, end: number): number {
  let at = from;
  const sign = bytes[at] === 0x2d ? -1 : 1;
  if (sign < 0 || bytes[at] === 0x2b) at++;
  let digits = 0;
  let count = 0;
  let scale = 0;
  let point = false;
  for (; at < end; at++) {
    const byte = bytes[at]!;
    if (byte >= 0x30 && byte <= 0x39) {
      digits = digits * 10 + (byte - 0x30);
      count++;
      if (point) scale--;
    } else if (byte === 0x2e && !point) point = true;
    else break;
  }
  if (count === 0) return NaN;
  if (at < end) {
    if ((bytes[at]! | 0x20) !== 0x65) return NaN;
    const exponent = parseWhole(bytes, at + 1, end);
    if (exponent === undefined) return NaN;
    scale += exponent;
  }
  // One rounding, as both numbers are exact; else the long way.
  if (digits < EXACT && Math.abs(scale) < POWERS.length)
    return sign * (scale < 0 ? digits / POWERS[-scale]! : digits * POWERS[scale]!);
  return Number(String.fromCharCode(...bytes.subarray(from, end)));
}

function parseWhole(bytes: Uint8Array, from: number, end: number): number | undefined {
  const signed = bytes[from] === 0x2d || bytes[from] === 0x2b;
  const first = signed ? from + 1 : from;
  if (first >= end) return undefined;
  let value = 0;
  for (let at = first; at < end; at++) {
    const byte = bytes[at]!;
    if (byte < 0x30 || byte > 0x39) return undefined;
    value = Math.min(value * 10 + (byte - 0x30), 100_000);
  }
  return bytes[from] === 0x2d ? -value : value;
}
