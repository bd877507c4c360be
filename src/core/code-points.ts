// Text by code points, where JavaScript's own order and lengths count halves of surrogate pairs.

/** Orders strings as their UTF-8 bytes would be; `<` orders them by 16-bit units. */
export function byCodePoint(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length);
  for (let i = 0; i < shorter; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

// Surrogates encode characters above every one that has a single unit.
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** A piece of a user's text as it may stand in an error: quoted, escaped, and not too long. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 77)}...` : text);
}

/** True when a string cannot be written as UTF-8. With the u flag, only unpaired halves match. */
export function hasLoneSurrogate(text: string): boolean {
  return /\p{Surrogate}/u.test(text);
}
