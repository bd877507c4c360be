// Windows of one long stream of ids for models without a state: in random order, and at other places in each epoch.
import { randomBelow } from "../core/random.js";
import { permutation } from "./shuffle.js";

/** Rows of ids and, for each id, the one that follows it. */
export interface TextWindows {
  /** Row by row. */
  readonly input: Int32Array;
  readonly target: Int32Array;
  /** `[rows, time]` of both. */
  readonly shape: readonly [rows: number, time: number];
}

/**
 * The windows of a stream in batches. Each epoch draws where the first begins and the order; as many fit in every epoch.
 *
 * @internal
 */
export class ShuffledWindows implements Iterable<TextWindows> {
  /** Batches in an epoch. */
  readonly length: number;
  readonly #ids: Int32Array;
  readonly #time: number;
  readonly #rows: number;
  /** Places where the first window can begin. */
  readonly #places: number;
  readonly #windows: number;

  /** @param ids two at least */
  constructor(ids: Int32Array, { batch, time }: { batch: number; time: number }) {
    const targets = ids.length - 1;
    this.#ids = ids;
    this.#time = Math.min(time, targets);
    this.#places = Math.min(this.#time, targets - this.#time + 1);
    this.#windows = Math.floor((targets - this.#places + 1) / this.#time);
    this.#rows = Math.min(batch, this.#windows);
    this.length = Math.floor(this.#windows / this.#rows);
  }

  *[Symbol.iterator](): Generator<TextWindows, void> {
    const place = randomBelow(this.#places);
    const order = permutation(this.#windows);
    const [rows, time] = [this.#rows, this.#time];
    for (let first = 0; first < this.length * rows; first += rows) {
      const input = new Int32Array(rows * time);
      const target = new Int32Array(rows * time);
      for (let row = 0; row < rows; row++) {
        const start = place + order[first + row]! * time;
        input.set(this.#ids.subarray(start, start + time), row * time);
        target.set(this.#ids.subarray(start + 1, start + time + 1), row * time);
      }
      yield { input, target, shape: [rows, time] };
    }
  }
}
