// Files that were damaged, or made to do harm: pieces changed, cut, put in, moved, numbers made huge.

/** How many of a format: more for a long run by hand. */
const COUNT = Number(process.env.MUTATIONS ?? 300);

/** Numbers from 0 to below n, the same each time (mulberry32). */
function generator(seed: number): (n: number) => number {
  let state = seed;
  return (n) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * n);
  };
}

/** Copies of a file, each with one to four mutations. */
function* mutations(bytes: Uint8Array, count: number): Generator<Uint8Array> {
  for (let seed = 0; seed < count; seed++) {
    const below = generator(seed);
    let file = Uint8Array.from(bytes);
    for (let n = 1 + below(4); n > 0 && file.length > 0; n--) file = mutated(file, below);
    yield file;
  }
}

function mutated(file: Uint8Array<ArrayBuffer>, below: (n: number) => number) {
  const at = below(file.length);
  const length = 1 + below(8);
  const kind = below(6);
  if (kind === 0) file[at]! ^= 1 << below(8);
  else if (kind === 1) file[at] = below(256);
  else if (kind === 2) file.fill(255, at, at + length);
  else if (kind === 3) file.copyWithin(at, below(file.length), below(file.length));
  else if (kind === 4) return joined(file.subarray(0, at), file.subarray(at + length));
  else
    return joined(
      file.subarray(0, at),
      Uint8Array.from({ length }, () => below(256)),
      file.subarray(at),
    );
  return file;
}

function joined(...parts: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/**
 * Calls a reader with every mutation: it must read it, or refuse it by an error that `isRefusal` takes.
 *
 * @param share of the format's mutations
 * @returns how many were read
 */
export function readMutations(
  bytes: Uint8Array,
  read: (file: Uint8Array) => void,
  isRefusal: (error: unknown) => boolean,
  share = 1,
): number {
  let count = 0;
  for (const file of mutations(bytes, COUNT * share))
    try {
      read(file);
      count++;
    } catch (error) {
      if (!isRefusal(error)) throw error;
    }
  return count;
}
