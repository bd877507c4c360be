// Tiny Shakespeare by characters: nine tenths to learn from, the last tenth to score.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

export function readShakespeare(folder) {
  const text = gunzipSync(readFileSync(join(folder, "input.txt.gz"))).toString();
  const characters = [...new Set(text)].sort();
  const known = new Map(characters.map((each, id) => [each, id]));
  const ids = Int32Array.from(text, (each) => known.get(each));
  const end = Math.floor(ids.length * 0.9);
  return { size: characters.length, train: ids.subarray(0, end), valid: ids.subarray(end), text };
}

/** Windows of a text at random places: inputs, and for each what follows it. */
export class RandomWindows {
  #ids;
  #state;

  constructor(ids, seed) {
    this.#ids = ids;
    this.#state = BigInt(seed) * 0x9e3779b97f4a7c15n;
  }

  /** SplitMix64. */
  #next(below) {
    const mask = 0xffffffffffffffffn;
    this.#state = (this.#state + 0x9e3779b97f4a7c15n) & mask;
    let z = this.#state;
    z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & mask;
    return Number((z ^ (z >> 31n)) >> 11n) % below;
  }

  take(batch, time) {
    const input = new Int32Array(batch * time);
    const target = new Int32Array(batch * time);
    for (let row = 0; row < batch; row++) {
      const start = this.#next(this.#ids.length - time);
      input.set(this.#ids.subarray(start, start + time), row * time);
      target.set(this.#ids.subarray(start + 1, start + 1 + time), row * time);
    }
    return { input, target, shape: [batch, time] };
  }
}
