// The lines of a part of a file. Parts are so many bytes; a line belongs to the part that it begins in, so nobody needs to read
// the file to cut it.

/** Longer ones are refused, and not held in memory. */
export const LONGEST = 1 << 20;

/** How many parts a file has. @param {number} size @param {number} bytes */
export function partsOf(size, bytes) {
  return Math.ceil(size / bytes);
}

/**
 * The lines that begin in a part, without their ends; null for one that is too long.
 *
 * @param {import("./store.mjs").Store} store
 * @param {string} key
 * @param {{ part: number, bytes: number, size: number, longest?: number }} where
 * @returns {AsyncGenerator<Buffer | null, void>}
 */
export async function* linesOf(store, key, { part, bytes, size, longest = LONGEST }) {
  const end = Math.min((part + 1) * bytes, size);
  // The byte before tells whether a line begins with the part.
  let at = part === 0 ? 0 : part * bytes - 1;
  let skipping = part > 0;
  /** @type {Buffer[]} */
  let held = [];
  let length = 0;
  const line = () => {
    const whole = length > longest ? null : Buffer.concat(held);
    held = [];
    length = 0;
    return whole;
  };
  for await (const given of await store.get(key, { start: at, end: size })) {
    const piece = Buffer.from(given.buffer, given.byteOffset, given.byteLength);
    let from = 0;
    while (from < piece.length) {
      const newline = piece.indexOf(10, from);
      const to = newline < 0 ? piece.length : newline;
      if (!skipping) {
        length += to - from;
        if (length <= longest) held.push(piece.subarray(from, to));
        else held = [];
      }
      at += to - from + (newline < 0 ? 0 : 1);
      from = to + 1;
      if (newline < 0) break;
      if (!skipping) yield line();
      skipping = false;
      if (at >= end) return;
    }
  }
  // The last line of a file may have no end.
  if (!skipping && length > 0) yield line();
}
